/**
 * When incoming records are drawn: at a limited rate, so that the page still responds while a busy
 * cluster tells it much. What the user chooses is drawn at once, by the signals that change. The clock
 * on the page ticks too.
 */
import { signal } from '@preact/signals';

/** Between two drawings of what came in. */
const CALM_MS = 50;
/** After a drawing the page rests so many times as long as it took. */
const REST = 2;
const TICK_MS = 1_000;

export function renderPace() {
  /** Read by whatever shows what came in: another value has it drawn anew. */
  const drawing = signal(0);
  let isRequested = false;
  let calmUntil = 0;
  const frame = (at: number) => {
    if (at < calmUntil) {
      requestAnimationFrame(frame);
      return;
    }
    isRequested = false;
    const begin = performance.now();
    drawing.value += 1;
    // Behind the microtask in which Preact draws.
    queueMicrotask(() => {
      const end = performance.now();
      calmUntil = Math.max(begin + CALM_MS, end + (end - begin) * REST);
    });
  };
  /** Something came in. */
  const request = () => {
    if (!isRequested) requestAnimationFrame(frame);
    isRequested = true;
  };
  setInterval(request, TICK_MS);
  return { drawing, request };
}

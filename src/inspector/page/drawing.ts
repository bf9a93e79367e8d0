/**
 * Draws at once for whoever uses the page, so that the next key finds what the last one brought, and
 * calmly for what comes in, however much it is: a busy cluster must not make the page deaf. The clock
 * on the page ticks too.
 */

/** Between two drawings of what came in. */
const CALM_MS = 50;
/** After a drawing the page rests so many times as long as it took. */
const REST = 2;
const TICK_MS = 1_000;

export interface Drawing {
  /** Something was chosen: drawn by the microtask that this queues. */
  readonly now: () => void;
  /** Something came in. */
  readonly soon: () => void;
}

export function drawsByFrame(draw: () => void): Drawing {
  let isAsked = false;
  let isUrgent = false;
  let calmUntil = 0;

  const drawThis = () => {
    isUrgent = false;
    const begin = performance.now();
    draw();
    const end = performance.now();
    calmUntil = Math.max(begin + CALM_MS, end + (end - begin) * REST);
  };
  const frame = (at: number) => {
    if (at < calmUntil) {
      requestAnimationFrame(frame);
      return;
    }
    isAsked = false;
    drawThis();
  };
  const soon = () => {
    if (isAsked) return;
    isAsked = true;
    requestAnimationFrame(frame);
  };
  const now = () => {
    if (isUrgent) return;
    isUrgent = true;
    queueMicrotask(drawThis);
  };
  setInterval(soon, TICK_MS);
  return { now, soon };
}

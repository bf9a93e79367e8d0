/**
 * Draws at most once an animation frame for whoever uses the page, and more calmly for what comes in,
 * however much it is: a busy cluster must not make the page deaf. The clock on the page ticks too.
 */

/** Between two drawings of what came in. */
const CALM_MS = 50;
/** After a drawing the page rests so many times as long as it took. */
const REST = 2;
const TICK_MS = 1_000;

export interface Drawing {
  /** Something was chosen. */
  readonly now: () => void;
  /** Something came in. */
  readonly soon: () => void;
}

export function drawsByFrame(draw: () => void): Drawing {
  let isAsked = false;
  let isUrgent = false;
  let calmUntil = 0;

  const frame = (at: number) => {
    if (!isUrgent && at < calmUntil) {
      requestAnimationFrame(frame);
      return;
    }
    isAsked = false;
    isUrgent = false;
    const begin = performance.now();
    draw();
    const end = performance.now();
    calmUntil = Math.max(begin + CALM_MS, end + (end - begin) * REST);
  };
  const soon = () => {
    if (isAsked) return;
    isAsked = true;
    requestAnimationFrame(frame);
  };
  const now = () => {
    isUrgent = true;
    soon();
  };
  setInterval(soon, TICK_MS);
  return { now, soon };
}

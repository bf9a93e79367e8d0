/**
 * Draws at most once an animation frame, however much has happened, and rests in between for as long
 * as a few drawings take: a busy cluster must not make the page deaf. The clock on the page ticks too.
 */

const TICK_MS = 1_000;
/** Of the time, a third at most is spent on drawing. */
const REST = 2;

export interface Drawing {
  /** Something has changed. */
  readonly ask: () => void;
}

export function drawsByFrame(draw: () => void): Drawing {
  let isAsked = false;
  let restUntil = 0;

  const frame = (now: number) => {
    if (now < restUntil) {
      requestAnimationFrame(frame);
      return;
    }
    isAsked = false;
    const begin = performance.now();
    draw();
    const end = performance.now();
    restUntil = end + (end - begin) * REST;
  };
  const ask = () => {
    if (isAsked) return;
    isAsked = true;
    requestAnimationFrame(frame);
  };
  setInterval(ask, TICK_MS);
  return { ask };
}

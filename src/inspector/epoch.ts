/** Milliseconds since 1970 with fractions, so that what happened on two servers can be put in order. */

/** Beyond it the computer has slept or its clock was set, and the finer clock no longer agrees. */
const DRIFT_MAX_MS = 20;

export function epochMs(): number {
  const coarse = Date.now();
  const fine = performance.timeOrigin + performance.now();
  const isFine = Math.abs(fine - coarse) < DRIFT_MAX_MS;
  return isFine ? Math.round(fine * 100) / 100 : coarse;
}

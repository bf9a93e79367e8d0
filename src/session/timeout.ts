/** How long a call may take: what its caller may ask for, and what a timer can be set for. */

/** Platforms keep delays in 32 bits of milliseconds; a longer one would be over at once. */
const TIMER_MAX_MS = 24 * 24 * 60 * 60 * 1000;

/** Null when it is a number of milliseconds that can pass. */
export function misuseOfTimeout(timeoutMs: number, name = 'timeoutMs'): TypeError | null {
  if (Number.isFinite(timeoutMs) && timeoutMs >= 0) return null;
  return new TypeError(`${name} must be a number of milliseconds, not ${timeoutMs}`);
}

/** At most 24 days of it. @throws TypeError for what is no number of milliseconds */
export function timeoutOf(timeoutMs: number, name?: string): number {
  const misuse = misuseOfTimeout(timeoutMs, name);
  if (misuse !== null) throw misuse;
  return Math.min(timeoutMs, TIMER_MAX_MS);
}

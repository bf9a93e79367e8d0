/** How fast virtual time goes: round fractions of real time, from a thousandth to all of it. */
const DIVISORS = [1000, 500, 200, 100, 50, 20, 10, 5, 2, 1] as const;

export const SPEEDS: readonly number[] = DIVISORS.map((divisor) => 1 / divisor);

export function speedWords(speed: number): string {
  if (speed > 1) return `${speed} × real time`;
  return speed === 1 ? 'real time' : `1/${Math.round(1 / speed)} of real time`;
}

/** The nearest of them, by its place in the list. */
export function placeOfSpeed(speed: number): number {
  const at = SPEEDS.findIndex((each) => each >= speed * 0.99);
  return at < 0 ? SPEEDS.length - 1 : at;
}

export function neighbour(speed: number, by: number): number {
  const at = Math.min(Math.max(placeOfSpeed(speed) + by, 0), SPEEDS.length - 1);
  return SPEEDS[at] ?? speed;
}

/** Virtual time, as people read it. */
export function seconds(timeMs: number): string {
  return `${(timeMs / 1000).toFixed(3)} s`;
}

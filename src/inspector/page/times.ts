/** Times of day and durations, as the page writes them. */

const time = { hour: '2-digit', minute: '2-digit', second: '2-digit' } as const;
const clock = new Intl.DateTimeFormat('en-GB', time);
const exactClock = new Intl.DateTimeFormat('en-GB', { ...time, fractionalSecondDigits: 3 });
const numbers = new Intl.NumberFormat('en');

export function timeOfDay(atMs: number): string {
  return clock.format(atMs);
}

export function exactTime(atMs: number): string {
  return exactClock.format(atMs);
}

/** Within the hour: minutes, seconds and thousandths. */
export function secondsTime(atMs: number): string {
  return exactTime(atMs).slice(3);
}

export function durationInWords(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  if (ms < 3_600_000)
    return `${Math.floor(ms / 60_000)} min ${Math.floor((ms % 60_000) / 1_000)} s`;
  return `${Math.floor(ms / 3_600_000)} h ${Math.floor((ms % 3_600_000) / 60_000)} min`;
}

export function counted(count: number): string {
  return numbers.format(count);
}

export function mebibytes(bytes: number): string {
  if (bytes < 1024 * 1024) return `${Math.ceil(bytes / 1024)} KiB`;
  return `${(bytes / (1024 * 1024)).toFixed(1)} MiB`;
}

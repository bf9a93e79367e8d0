/** Repetitions and what is said of them: the median, and the range beside it. */

export interface Row {
  readonly what: string;
  readonly unit: string;
  readonly values: readonly number[];
  /** Where more is worse, as a latency or a memory. */
  readonly note?: string;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  if (sorted.length % 2 === 1) return sorted[middle] ?? Number.NaN;
  return ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

function figure(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en');
  return value.toPrecision(3);
}

export function print({ what, unit, values, note = '' }: Row): void {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const range = values.length > 1 ? `${figure(low)} – ${figure(high)}` : '';
  const columns = [
    what.padEnd(52),
    `${figure(median(values))} ${unit}`.padEnd(20),
    range.padEnd(22),
  ];
  process.stdout.write(`${columns.join(' ')} ${note}\n`.trimEnd().concat('\n'));
}

/** Runs it so many times, one after the other. */
export async function repeated<T>(times: number, run: () => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let i = 0; i < times; i += 1) results.push(await run());
  return results;
}

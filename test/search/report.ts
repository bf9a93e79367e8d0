/** What a long search says of itself, now and then and at its end. */
import type { Counts } from '../../src/simulation/search/counter.ts';
import type { Failure, FailureKind, Failures } from '../../src/simulation/search/failure.ts';

interface Progress {
  /** Seeds that were tried. */
  readonly tried: number;
  readonly counts: Counts;
  readonly failures: Failures;
  /** What fell, and is not shrunk yet. */
  readonly shrinking: { values(): Iterable<Failure> };
}

export function progressOf({ tried, counts, failures, shrinking }: Progress, seed: number): string {
  const { elections, crashes, messages, undecided = 0 } = counts;
  const count = failures.kinds.reduce((sum, kind) => sum + kind.count, 0);
  const found =
    `${count} ${count === 1 ? 'failure' : 'failures'} of ${failures.kinds.length} ` +
    `${failures.kinds.length === 1 ? 'kind' : 'kinds'}`;
  const told = [
    ...(count === 0 ? [] : [found]),
    ...[...shrinking.values()].map(
      (failure) => `shrinking seed ${failure.seed}: ${failure.violation}`,
    ),
  ];
  if (told.length === 0) told.push('nothing has fallen');
  if (undecided > 0) told.push(`${undecided} undecided`);
  return (
    `${tried} ${tried === 1 ? 'seed' : 'seeds'} from ${seed}: ${elections} elections, ` +
    `${crashes} crashes, ${messages} messages, ${counts.appends ?? 0} appends; ${told.join('; ')}`
  );
}

/** A line for each kind of failure: how many, the first seed, and what it takes. */
export function tableOf(kinds: readonly FailureKind[]): string {
  const rows = kinds.map(({ count, seed, signature }) => [String(count), String(seed), signature]);
  const heading = ['failures', 'first seed', 'what fell, and what it takes'];
  const widths = [0, 1].map((column) =>
    Math.max(...[heading, ...rows].map((row) => row[column]?.length ?? 0)),
  );
  const line = ([count = '', seed = '', signature = '']: readonly string[]) =>
    [count.padStart(widths[0] ?? 0), seed.padStart(widths[1] ?? 0), signature].join('  ');
  return [heading, ...rows].map(line).join('\n');
}

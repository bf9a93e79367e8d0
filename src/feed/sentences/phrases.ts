/** Turns of phrase that several sentences share. */
import type { LogIndex } from '../../../machines/rules/entries.ts';
import type { AnyFact, FeedFactOf } from '../feed-fact.ts';

/** A sentence for each kind of fact: with one missing, this does not compile. */
export type Sentences<F extends AnyFact> = {
  readonly [K in F['kind']]: (fact: FeedFactOf<K>) => string;
};

/** `a`, `a and b`, `a, b and c`; `nobody` of none. */
export function list(names: readonly string[]): string {
  const last = names.at(-1);
  if (last === undefined) return 'nobody';
  const others = names.slice(0, -1);
  return others.length === 0 ? last : `${others.join(', ')} and ${last}`;
}

/** `entry 3`, or `entries 3 to 5`. */
export function entries(from: LogIndex, through: LogIndex): string {
  return from === through ? `entry ${from}` : `entries ${from} to ${through}`;
}

/** `1 command`, or `2 commands`. */
export function count(number: number, noun: string, plural = `${noun}s`): string {
  return `${number} ${number === 1 ? noun : plural}`;
}

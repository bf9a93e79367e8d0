/** What is not shown at one place, put together from what its records say, and in words. */
import { eventName } from './event-names.ts';
import type { CountedTogether } from './protocol.ts';

/** So many kinds are named in one line. */
const NAMED_MAX = 4;
/** And so many are kept apart for one place. */
const KINDS_MAX = 64;

const NOTHING_COUNTED: readonly CountedTogether[] = [];

/** Of both places, most first. */
export function together(
  one: readonly CountedTogether[],
  other: readonly CountedTogether[],
): readonly CountedTogether[] {
  if (one.length === 0 || other.length === 0) return one.length === 0 ? other : one;
  const sums = new Map<string, CountedTogether>();
  for (const each of [...one, ...other]) {
    const key = `${each.actor}\n${each.kind}`;
    sums.set(key, { ...each, count: each.count + (sums.get(key)?.count ?? 0) });
  }
  return [...sums.values()].sort(byCount).slice(0, KINDS_MAX);
}

/** `300 heartbeats, 100 client.proposed, 12 others`; empty when it is not known what they were. */
export function wordsOf(
  count: number,
  of: readonly CountedTogether[],
  numeral: (count: number) => string = String,
): string {
  const named = of
    .reduce((sum, each) => together(sum, [{ ...each, actor: '' }]), NOTHING_COUNTED)
    .slice(0, NAMED_MAX);
  if (named.length === 0) return '';
  const others = count - named.reduce((sum, each) => sum + each.count, 0);
  const words = named.map((each) => `${numeral(each.count)} ${nameOf(each)}`);
  if (others > 0) words.push(`${numeral(others)} ${others === 1 ? 'other' : 'others'}`);
  return words.join(', ');
}

/** Names of events have no plural. */
function nameOf({ kind, count }: CountedTogether): string {
  return kind === 'heartbeat' && count > 1 ? 'heartbeats' : eventName(kind);
}

function byCount(one: CountedTogether, other: CountedTogether): number {
  return other.count - one.count;
}

/**
 * Properties of Figure 3 that hold at all times, as pure functions of what was seen. They look at whole
 * logs and whole histories: a check after every step is cheaper (see the referee of the simulation), and
 * comes back here to be sure.
 */
import type { Entry, LogIndex, ServerId, Term } from './entries.ts';
import type { Log } from './log.ts';

/** Somebody led in that term. */
export interface LeaderOfTerm {
  readonly id: ServerId;
  readonly term: Term;
}

/** Election Safety (§5.2): at most one leader in a term, ever. */
export function hasOneLeaderPerTerm(leaders: readonly LeaderOfTerm[]): boolean {
  return leaders.every(({ id, term }) =>
    leaders.every((other) => other.term !== term || other.id === id),
  );
}

/** Log Matching (§5.3): logs that hold the same (index, term) agree in everything up to there. */
export function logsMatch(a: Log, b: Log): boolean {
  const common = lastCommonPosition(a, b);
  if (common === null) return true;
  const difference = firstDifference(a, b);
  return difference === null || difference > common;
}

/** The greatest index at which both hold an entry of the same term; null when there is none. */
function lastCommonPosition(a: Log, b: Log): LogIndex | null {
  const lowest = Math.max(a.base.index, b.base.index);
  for (let index = Math.min(a.lastIndex, b.lastIndex); index >= lowest; index -= 1) {
    if (a.termAt(index) === b.termAt(index)) return index;
  }
  return null;
}

/** The first index that both have in memory, with different entries; null when there is none. */
function firstDifference(a: Log, b: Log): LogIndex | null {
  const last = Math.min(a.lastIndex, b.lastIndex);
  for (let index = Math.max(a.firstIndex, b.firstIndex); index <= last; index += 1) {
    if (!isSameEntry(a.entryAt(index), b.entryAt(index))) return index;
  }
  return null;
}

/** Whether every field of both is the same, down to the bytes. */
export function isSameEntry(a: Entry | undefined, b: Entry | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined) return false;
  return (
    a.index === b.index &&
    a.term === b.term &&
    a.time === b.time &&
    a.type === b.type &&
    a.session === b.session &&
    a.sequence === b.sequence &&
    a.firstUnanswered === b.firstUnanswered &&
    a.bytes.byteLength === b.bytes.byteLength &&
    a.bytes.every((byte, at) => byte === b.bytes[at])
  );
}

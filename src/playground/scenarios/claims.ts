/** What stories claim of a frame: each throws when it is not so, with both values. */

import type { ServerId } from '../../../machines/rules/entries.ts';
import type { Role } from '../../../machines/server.ts';
import type { Happening, HappeningOf, Kind } from '../../feed/happenings.ts';
import type { ClientCall, Frame } from '../frame.ts';
import { callIn, commitIndexOf, serverAt, termsOf, valueAt } from './look.ts';

/** @throws Error when they differ */
export function claim<Value extends string | number | boolean | null>(
  what: string,
  is: Value,
  shouldBe: Value,
): void {
  if (is === shouldBe) return;
  throw new Error(`The story says that ${what} is ${shouldBe}, and it is ${is}`);
}

export function claimRole(frame: Frame, id: ServerId, role: Role, term: number): void {
  const server = serverAt(frame, id);
  claim(`the role of ${id}`, server.role, role);
  claim(`the term of ${id}`, server.currentTerm, term);
}

/** The terms of its entries, `1 1 2`. */
export function claimLog(frame: Frame, id: ServerId, terms: string): void {
  claim(`the log of ${id}`, termsOf(serverAt(frame, id)), terms);
}

/** The same of several servers. */
export function claimLogs(frame: Frame, logs: Readonly<Record<ServerId, string>>): void {
  for (const [id, terms] of Object.entries(logs)) claimLog(frame, id, terms);
}

export function claimCommit(frame: Frame, id: ServerId, index: number): void {
  claim(`the commit index of ${id}`, commitIndexOf(serverAt(frame, id)), index);
}

export function claimVote(frame: Frame, id: ServerId, votedFor: ServerId | null): void {
  claim(`the vote of ${id}`, serverAt(frame, id).votedFor, votedFor);
}

/** What the state machine of that server has at the key; null: nothing. */
export function claimValue(frame: Frame, id: ServerId, key: string, value: string | null): void {
  claim(`the value of ${key} at ${id}`, valueAt(serverAt(frame, id), key), value);
}

/** All servers hold these entries, all committed, and that value. */
export function claimAgreement(
  frame: Frame,
  terms: string,
  pairs: Readonly<Record<string, string | null>>,
): void {
  for (const { id, log } of frame.servers) {
    claimLog(frame, id, terms);
    claimCommit(frame, id, log.lastIndex);
    for (const [key, value] of Object.entries(pairs)) claimValue(frame, id, key, value);
  }
}

/** `applied`, or the outcome and its reason: `refused not-leader`. */
export function claimOutcome(frame: Frame, callNumber: number, outcome: string): void {
  claim(`the outcome of call ${callNumber}`, outcomeOf(callIn(frame, callNumber)), outcome);
}

function outcomeOf({ outcome }: ClientCall): string {
  if (outcome === null) return 'pending';
  if (outcome.outcome === 'applied') return outcome.outcome;
  return `${outcome.outcome} ${outcome.reason}`;
}

/** Why that server last refused its vote to the other: `log-behind: 2/t2, candidate 1/t1`. */
export function claimRefusal(
  happenings: readonly Happening[],
  { voter, candidate, because }: { voter: ServerId; candidate: ServerId; because: string },
): void {
  const refused = lastOf(happenings, 'refusedVote', (each) => {
    return each.server === voter && each.to === candidate;
  });
  claim(`why ${voter} refused ${candidate}`, refused && refusalOf(refused), because);
}

function refusalOf({ refusal }: HappeningOf<'refusedVote'>): string {
  if (refusal.reason !== 'log-behind') return refusal.reason;
  const { own, candidate } = refusal;
  return `log-behind: ${own.index}/t${own.term}, candidate ${candidate.index}/t${candidate.term}`;
}

/** Who has ever asked for votes, or whether there would be any. */
export function standing(happenings: readonly Happening[]): readonly ServerId[] {
  const asked = happenings.filter(({ kind }) => kind === 'askedForPreVotes');
  return [...new Set(asked.flatMap(({ server }) => server ?? []))].sort();
}

/** The newest of that kind; null when there was none. */
export function lastOf<K extends Kind>(
  happenings: readonly Happening[],
  kind: K,
  isIt: (happening: HappeningOf<K>) => boolean = () => true,
): HappeningOf<K> | null {
  const all = happenings.filter((each): each is HappeningOf<K> => each.kind === kind);
  return all.findLast(isIt) ?? null;
}

/** What stories claim of a frame: each throws when it is not so, with both values. */

import type { ServerId } from '../../../machines/rules/entries.ts';
import type { Role } from '../../../machines/server.ts';
import type { Happening, HappeningOf, Kind } from '../../feed/happenings.ts';
import type { ClientCall, Frame } from '../frame.ts';
import { callIn, commitIndexOf, serverAt, termsOf, valueAt } from './queries.ts';

/** @throws Error when they differ */
export function expectSame<Value extends string | number | boolean | null>(
  what: string,
  is: Value,
  shouldBe: Value,
): void {
  if (is === shouldBe) return;
  throw new Error(`The story says that ${what} is ${shouldBe}, and it is ${is}`);
}

export function expectRole(frame: Frame, id: ServerId, role: Role, term: number): void {
  const server = serverAt(frame, id);
  expectSame(`the role of ${id}`, server.role, role);
  expectSame(`the term of ${id}`, server.currentTerm, term);
}

/** The terms of its entries, `1 1 2`. */
export function expectLog(frame: Frame, id: ServerId, terms: string): void {
  expectSame(`the log of ${id}`, termsOf(serverAt(frame, id)), terms);
}

/** The same of several servers. */
export function expectLogs(frame: Frame, logs: Readonly<Record<ServerId, string>>): void {
  for (const [id, terms] of Object.entries(logs)) expectLog(frame, id, terms);
}

export function expectCommit(frame: Frame, id: ServerId, index: number): void {
  expectSame(`the commit index of ${id}`, commitIndexOf(serverAt(frame, id)), index);
}

export function expectVote(frame: Frame, id: ServerId, votedFor: ServerId | null): void {
  expectSame(`the vote of ${id}`, serverAt(frame, id).votedFor, votedFor);
}

/** What the state machine of that server has at the key; null: nothing. */
export function expectValue(frame: Frame, id: ServerId, key: string, value: string | null): void {
  expectSame(`the value of ${key} at ${id}`, valueAt(serverAt(frame, id), key), value);
}

/** All servers hold these entries, all committed, and that value. */
export function expectAgreement(
  frame: Frame,
  terms: string,
  pairs: Readonly<Record<string, string | null>>,
): void {
  for (const { id, log } of frame.servers) {
    expectLog(frame, id, terms);
    expectCommit(frame, id, log.lastIndex);
    for (const [key, value] of Object.entries(pairs)) expectValue(frame, id, key, value);
  }
}

/** `applied`, or the outcome and its reason: `refused not-leader`. */
export function expectOutcome(frame: Frame, callNumber: number, outcome: string): void {
  expectSame(`the outcome of call ${callNumber}`, outcomeOf(callIn(frame, callNumber)), outcome);
}

function outcomeOf({ outcome }: ClientCall): string {
  if (outcome === null) return 'pending';
  if (outcome.outcome === 'applied') return outcome.outcome;
  return `${outcome.outcome} ${outcome.reason}`;
}

/** Why that server last refused its vote to the other: `log-behind: 2/t2, candidate 1/t1`. */
export function expectRefusal(
  happenings: readonly Happening[],
  { voter, candidate, because }: { voter: ServerId; candidate: ServerId; because: string },
): void {
  const refused = lastOf(happenings, 'refusedVote', (each) => {
    return each.server === voter && each.to === candidate;
  });
  expectSame(`why ${voter} refused ${candidate}`, refused && refusalOf(refused), because);
}

function refusalOf({ refusal }: HappeningOf<'refusedVote'>): string {
  if (refusal.reason !== 'log-behind') return refusal.reason;
  const { own, candidate } = refusal;
  return `log-behind: ${own.index}/t${own.term}, candidate ${candidate.index}/t${candidate.term}`;
}

/** Who has ever asked for votes, or whether there would be any. */
export function campaigners(happenings: readonly Happening[]): readonly ServerId[] {
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

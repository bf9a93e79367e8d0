/** What happens to logs: appended, refused, taken back, committed, applied (§5.3, §5.4). */
import { agreedIndex } from '../../machines/rules/acknowledgements.ts';
import { type LogMismatch, mismatchOf } from '../../machines/rules/append-entries.ts';
import { matchIndexOf, uncommittableEntry } from '../../machines/rules/commitment.ts';
import type {
  Entry,
  EntryPosition,
  LogIndex,
  ServerId,
  Term,
} from '../../machines/rules/entries.ts';
import { majorityOf } from '../../machines/rules/quorum.ts';
import type { ServerState } from '../../machines/rules/state.ts';
import { isRequestOfOlderTerm, isStaleResponse } from '../../machines/rules/terms.ts';
import { isReliable } from '../../machines/rules/unreliable.ts';
import { effectsOf, messageOf, type NextStep } from './step.ts';

/** Entries one behind the other, of one term. */
export interface Run {
  readonly from: LogIndex;
  readonly through: LogIndex;
  readonly term: Term;
}

/** How far each voter is known to store the log, and how many of them make a majority. */
export interface Count {
  readonly matchIndexOf: readonly { readonly id: ServerId; readonly index: LogIndex }[];
  readonly needed: number;
}

export type LogFact =
  | {
      readonly kind: 'appendedEntries';
      /** `election`: a new leader's own empty entry (§8). */
      readonly source: 'election' | 'clients' | 'leader';
      readonly leader: ServerId;
      readonly runs: readonly Run[];
    }
  | {
      readonly kind: 'truncatedLog';
      readonly leader: ServerId;
      /** The first that goes, and the last. */
      readonly from: LogIndex;
      readonly through: LogIndex;
      /** At `from`. */
      readonly ownTerm: Term;
      readonly leaderTerm: Term;
    }
  | {
      readonly kind: 'refusedEntries';
      readonly leader: ServerId;
      readonly mismatch: LogMismatch;
      /** Where the logs may agree, for all it knows. */
      readonly hint: EntryPosition;
    }
  | {
      readonly kind: 'raisedMatchIndex';
      readonly follower: ServerId;
      readonly from: LogIndex;
      readonly through: LogIndex;
    }
  | {
      readonly kind: 'learntMismatch';
      readonly follower: ServerId;
      /** What it was shown and does not have. */
      readonly index: LogIndex;
      readonly hint: EntryPosition;
      /** How far the logs may agree, as far as both sides' terms tell. */
      readonly agree: LogIndex;
    }
  | {
      readonly kind: 'foundEntriesLost';
      readonly follower: ServerId;
      readonly acknowledged: LogIndex;
      readonly has: LogIndex;
    }
  | {
      readonly kind: 'foundEntriesAgain';
      readonly follower: ServerId;
      readonly through: LogIndex;
    }
  | ({ readonly kind: 'committed'; readonly from: LogIndex; readonly last: EntryPosition } & Count)
  | {
      readonly kind: 'learntCommitIndex';
      readonly leader: ServerId;
      readonly from: LogIndex;
      readonly through: LogIndex;
    }
  /** A majority stores it, and yet counting does not commit it (§5.4.2). */
  | ({
      readonly kind: 'withheldCommit';
      readonly entry: EntryPosition;
      readonly term: Term;
    } & Count)
  | { readonly kind: 'applied'; readonly from: LogIndex; readonly through: LogIndex }
  | {
      readonly kind: 'wroteDurably';
      readonly write: number;
      readonly durableIndex: LogIndex;
    };

export function logsOf(step: NextStep): readonly LogFact[] {
  return [...ofEntries(step), ...ofAnswer(step), ...ofCommitment(step)];
}

/** What its disk has confirmed: told first, since votes and commits follow from it. */
export function disksOf({ event, before, after }: NextStep): readonly LogFact[] {
  if (event?.type !== 'storage.persisted' || after.writes.durable === before.writes.durable) {
    return [];
  }
  const { durable: write, durableIndex } = after.writes;
  return [{ kind: 'wroteDurably', write, durableIndex }];
}

/** What it appends is what it writes; what conflicts goes first (§5.3). */
function ofEntries(step: NextStep): LogFact[] {
  const { before, after, server, roleBefore } = step;
  const facts: LogFact[] = [];
  const leader = after.heardLeader ?? server;
  for (const { entries, truncateFrom: from } of effectsOf(step, 'persist')) {
    const [first] = entries;
    if (first === undefined) continue;
    if (from !== null) {
      const ownTerm = before.log.termAt(from) ?? 0;
      const through = before.log.lastIndex;
      facts.push({ kind: 'truncatedLog', leader, from, through, ownTerm, leaderTerm: first.term });
    }
    const own = roleBefore === 'leader' ? 'clients' : 'election';
    const source = leader === server ? own : 'leader';
    facts.push({ kind: 'appendedEntries', source, leader, runs: runsOf(entries) });
  }
  return [...facts, ...ofRefusal(step)];
}

/** A refusal leaves the log as it was judged, so the rule is asked again (§5.3). */
function ofRefusal(step: NextStep): LogFact[] {
  const { before, after } = step;
  const message = messageOf(step);
  if (message?.type !== 'AppendEntries' || isRequestOfOlderTerm(before, message)) return [];
  if (mismatchOf(before, message) === null) return [];
  const mismatch = mismatchOf(after, message);
  if (mismatch === null) return [];
  const { prevLogIndex: index, prevLogTerm: term } = message;
  const hintIndex = after.log.lastIndexAtMost({ index, term });
  const hint = { index: hintIndex, term: after.log.termAt(hintIndex) ?? 0 };
  return [{ kind: 'refusedEntries', leader: message.from, mismatch, hint }];
}

function runsOf(entries: readonly Entry[]): readonly Run[] {
  const runs: Run[] = [];
  for (const { index, term } of entries) {
    const last = runs.at(-1);
    if (last?.term === term) runs[runs.length - 1] = { ...last, through: index };
    else runs.push({ from: index, through: index, term });
  }
  return runs;
}

/** What the leader makes of a follower's answer. */
function ofAnswer(step: NextStep): LogFact[] {
  const { before, after } = step;
  const message = messageOf(step);
  if (message === null || before.leadership === null || after.leadership === null) return [];
  const was = before.leadership.followers.find(({ id }) => id === message.from);
  const is = after.leadership.followers.find(({ id }) => id === message.from);
  if (was === undefined || is === undefined) return [];
  const { id: follower, matchIndex } = was;
  if (!isReliable(before, follower) && isReliable(after, follower)) {
    return [{ kind: 'foundEntriesAgain', follower, through: is.matchIndex }];
  }
  if (is.matchIndex > matchIndex) {
    return [{ kind: 'raisedMatchIndex', follower, from: matchIndex, through: is.matchIndex }];
  }
  const isRefusal = message.type === 'AppendEntriesResponse' && !message.success;
  if (!isRefusal || isStaleResponse(before, message) || was.hasLostEntries) return [];
  const { prevLogIndex: index, hintIndex, hintTerm } = message;
  if (is.hasLostEntries) {
    return [{ kind: 'foundEntriesLost', follower, acknowledged: matchIndex, has: hintIndex }];
  }
  if (index <= matchIndex) return [];
  const hint = { index: hintIndex, term: hintTerm };
  return [{ kind: 'learntMismatch', follower, index, hint, agree: agreedIndex(before, message) }];
}

function ofCommitment(step: NextStep): LogFact[] {
  const { before, after, role, event, server } = step;
  const facts: LogFact[] = [];
  const isInstalled = effectsOf(step, 'restore').length > 0;
  if (after.commitIndex > before.commitIndex && !isInstalled) {
    const from = before.commitIndex + 1;
    const through = after.commitIndex;
    const last = { index: through, term: after.log.termAt(through) ?? 0 };
    if (role === 'leader') facts.push({ kind: 'committed', from, last, ...countIn(after) });
    else
      facts.push({ kind: 'learntCommitIndex', leader: after.heardLeader ?? server, from, through });
  }
  const withheld = withheldIn(after);
  if (withheld !== null && withheld.index !== withheldIn(before)?.index) {
    const term = after.currentTerm;
    facts.push({ kind: 'withheldCommit', entry: withheld, term, ...countIn(after) });
  }
  if (event?.type === 'entries.applied' && after.lastApplied > before.lastApplied) {
    facts.push({ kind: 'applied', from: before.lastApplied + 1, through: after.lastApplied });
  }
  return facts;
}

function withheldIn(state: ServerState): EntryPosition | null {
  return state.leadership === null ? null : uncommittableEntry(state);
}

function countIn(state: ServerState): Count {
  const voters = state.log.configuration.servers.filter(({ votes }) => votes);
  return {
    matchIndexOf: voters.map(({ id }) => ({ id, index: matchIndexOf(state, id) })),
    needed: majorityOf(voters.length),
  };
}

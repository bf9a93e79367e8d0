/**
 * Commitment (Figure 2, "Leaders", last rule; §5.3, §5.4.2): an entry is committed when a majority
 * has it on disk and it is of the leader's own term; everything before it is then committed too.
 */
import { type Decision, decide } from './decision.ts';
import type { EntryPosition, LogIndex, ServerId } from './entries.ts';
import { quorumValue } from './quorum.ts';
import { leadershipOf, type ServerState } from './state.ts';
import { isReliable } from './unreliable.ts';

/** How far the log may be committed; the present commit index when counting shows nothing new. */
export function committedIndex(state: ServerState): LogIndex {
  const stored = storedByMajority(state);
  const isOfOwnTerm = stored > state.commitIndex && state.log.termAt(stored) === state.currentTerm;
  return isOfOwnTerm ? stored : state.commitIndex;
}

/**
 * What a majority stores, and what counting does not commit for all that: an entry of an older term
 * (§5.4.2, Figure 8). Null when nothing is withheld.
 */
export function uncommittableEntry(state: ServerState): EntryPosition | null {
  const index = storedByMajority(state);
  const term = state.log.termAt(index);
  return term === undefined || index <= committedIndex(state) ? null : { index, term };
}

function storedByMajority(state: ServerState): LogIndex {
  return quorumValue(state.log.configuration, (id) => matchIndexOf(state, id));
}

/**
 * How much of the log that server is known to have on its disk, as its leader counts: nothing, once
 * it has lost what it had acknowledged.
 */
export function matchIndexOf(state: ServerState, id: ServerId): LogIndex {
  const leadership = leadershipOf(state);
  if (!isReliable(state, id)) return 0;
  return id === state.id
    ? leadership.ownMatchIndex
    : (leadership.followers.find((follower) => follower.id === id)?.matchIndex ?? 0);
}

/** The leader's rule: commit what a majority stores (§5.3). */
export function advanceCommitIndex(state: ServerState): Decision {
  return commitThrough(state, committedIndex(state));
}

/** Everybody's rule: what is newly committed is applied, in order (Figure 2, "All Servers"). */
export function commitThrough(state: ServerState, commitIndex: LogIndex): Decision {
  if (commitIndex <= state.commitIndex) return decide(state);
  const entries = state.log.slice(state.commitIndex + 1, commitIndex);
  return decide({ ...state, commitIndex }, [{ type: 'apply', entries }]);
}

/** Whether this leader knows the commit index to be current: one entry of its term is in it (§8). */
export function hasCommittedInTerm(state: ServerState): boolean {
  return state.log.termAt(state.commitIndex) === state.currentTerm;
}

/** The host has applied through `index` (Figure 2, `lastApplied`). */
export function noteApplied(state: ServerState, { index }: { index: LogIndex }): Decision {
  return index <= state.lastApplied ? decide(state) : decide({ ...state, lastApplied: index });
}

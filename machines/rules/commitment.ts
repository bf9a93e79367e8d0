/**
 * Commitment (Figure 2, "Leaders", last rule; §5.3, §5.4.2): an entry is committed when a majority
 * has it on disk and it is of the leader's own term; everything before it is then committed too.
 */
import { type Decision, decide, explained } from './decision.ts';
import type { EntryPosition, LogIndex, ServerId } from './entries.ts';
import type { Copies, Fact } from './facts.ts';
import { quorumValue, votesNeeded } from './quorum.ts';
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

/** The leader's rule: commit what a majority stores (§5.3). `before` is what it knew until now. */
export function advanceCommitIndex(state: ServerState, before: ServerState): Decision {
  return explained(commitThrough(state, committedIndex(state)), () =>
    explainWithheld(state, before),
  );
}

/** Everybody's rule: what is newly committed is applied, in order (Figure 2, "All Servers"). */
export function commitThrough(state: ServerState, commitIndex: LogIndex): Decision {
  if (commitIndex <= state.commitIndex) return decide(state);
  const entries = state.log.slice(state.commitIndex + 1, commitIndex);
  const committed = decide({ ...state, commitIndex }, [{ type: 'apply', entries }]);
  return explained(committed, () => explainCommit(state, commitIndex));
}

function explainCommit(state: ServerState, through: LogIndex): Fact {
  const { leadership, heardLeader, id, log } = state;
  const from = state.commitIndex + 1;
  if (leadership === null) {
    return { kind: 'learntCommitIndex', leader: heardLeader ?? id, from, through };
  }
  const last = { index: through, term: log.termAt(through) ?? 0 };
  return { kind: 'committed', from, last, ...copiesIn(state) };
}

function explainWithheld(state: ServerState, before: ServerState): Fact | null {
  const entry = uncommittableEntry(state);
  if (entry === null || entry.index === uncommittableEntry(before)?.index) return null;
  return { kind: 'withheldCommit', entry, term: state.currentTerm, ...copiesIn(state) };
}

function copiesIn(state: ServerState): Copies {
  const { configuration } = state.log;
  const voters = configuration.servers.filter(({ votes }) => votes);
  return {
    matchIndexOf: voters.map(({ id }) => ({ id, index: matchIndexOf(state, id) })),
    needed: votesNeeded(configuration),
  };
}

/** Whether this leader knows the commit index to be current: one entry of its term is in it (§8). */
export function hasCommittedInTerm(state: ServerState): boolean {
  return state.log.termAt(state.commitIndex) === state.currentTerm;
}

/** The host has applied through `index` (Figure 2, `lastApplied`). */
export function noteApplied(state: ServerState, { index }: { index: LogIndex }): Decision {
  if (index <= state.lastApplied) return decide(state);
  const from = state.lastApplied + 1;
  const applied = decide({ ...state, lastApplied: index });
  return explained(applied, () => ({ kind: 'applied', from, through: index }));
}

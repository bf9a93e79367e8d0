/**
 * Linearizable reads without a log entry (§8; thesis §6.4, the read index): a read is answered when
 * the leader has committed in its term, and a majority has echoed numbers given out after the read.
 */
import { hasCommittedInTerm } from './commitment.ts';
import { andThen, type Decision, decide, explained } from './decision.ts';
import type { RejectReads } from './effects.ts';
import { quorumValue } from './quorum.ts';
import { leadershipOf, type PendingRead, type ServerState } from './state.ts';
import { reliableFollowers } from './unreliable.ts';

/** The reads that the host gathered in one turn. */
export interface QueriedBatch {
  readonly reads: readonly number[];
}

/** Remembers how far applied state must be, and which numbers would be too old to confirm it. */
export function acceptReads(state: ServerState, { reads: ids }: QueriedBatch): Decision {
  const isWaitingForever = !state.parameters.appendsEmptyEntry && !hasCommittedInTerm(state);
  if (isWaitingForever) return rejectReads(state, ids, 'not-ready');
  const leadership = leadershipOf(state);
  const index = Math.max(state.commitIndex, leadership.firstIndex);
  const read: PendingRead = { ids, index, requestId: state.requestId };
  const reads = [...leadership.reads, read];
  const accepted = decide({ ...state, leadership: { ...leadership, reads } });
  const { requestId: after } = state;
  return explained(accepted, () => ({ kind: 'acceptedReads', count: ids.length, index, after }));
}

export function refuseReads(state: ServerState, { reads }: QueriedBatch): Decision {
  return rejectReads(state, reads, 'not-leader');
}

export function rejectReads(
  state: ServerState,
  reads: readonly number[],
  reason: RejectReads['reason'],
): Decision {
  const { heardLeader: leader } = state;
  const rejected = decide(state, [{ type: 'rejectReads', reads, reason, leader }]);
  return explained(rejected, () => ({ kind: 'refusedReads', count: reads.length, reason, leader }));
}

export function hasReads(state: ServerState): boolean {
  return leadershipOf(state).reads.length > 0;
}

/** One round confirms every read accepted before it began; those that came later have the next. */
export function beginRound(state: ServerState): Decision {
  const tells = leadershipOf(state).followers.map(
    ({ id }) => ({ follower: id, event: { type: 'round.begun' } }) as const,
  );
  return decide(state, [], tells);
}

export function hasConfirmedReads(state: ServerState): boolean {
  return leadershipOf(state).reads.some(isConfirmed(state));
}

export function answerReads(state: ServerState): Decision {
  const leadership = leadershipOf(state);
  const isReady = isConfirmed(state);
  const reads = leadership.reads.filter((read) => !isReady(read));
  const left = { ...state, leadership: { ...leadership, reads } };
  return leadership.reads
    .filter(isReady)
    .reduce((answered, read) => andThen(answered, (next) => answer(next, read)), decide(left));
}

function answer(state: ServerState, { ids, index }: PendingRead): Decision {
  const answered = decide(state, [{ type: 'answerReads', reads: ids, index }]);
  return explained(answered, () => ({ kind: 'confirmedReads', count: ids.length, index }));
}

function isConfirmed(state: ServerState): (read: PendingRead) => boolean {
  const echoed = acknowledgedByQuorum(state);
  return (read) => echoed > read.requestId && state.commitIndex >= read.index;
}

/**
 * The greatest request number that a majority, ourselves included, has echoed in this term. Whoever
 * has lost entries may have forgotten a newer term, too: its echo does not show that we still lead.
 */
export function acknowledgedByQuorum(state: ServerState): number {
  const followers = reliableFollowers(state);
  return quorumValue(state.log.configuration, (id) =>
    id === state.id
      ? Number.POSITIVE_INFINITY
      : (followers.find((follower) => follower.id === id)?.lastAcknowledgedRequest ?? 0),
  );
}

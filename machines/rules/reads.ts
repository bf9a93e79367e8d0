/**
 * Linearizable reads without a log entry (§8; thesis §6.4, the read index): a read is answered when
 * the leader has committed in its term, and a majority has echoed numbers given out after the read.
 */
import { hasCommittedInTerm } from './commitment.ts';
import { type Decision, decide } from './decision.ts';
import { acknowledgedByQuorum } from './leadership.ts';
import { leadershipOf, type PendingRead, type ServerState } from './state.ts';

/** The reads that the host gathered in one turn. */
export interface QueriedBatch {
  readonly reads: readonly number[];
}

/** Remembers how far applied state must be, and which numbers would be too old to confirm it. */
export function acceptReads(state: ServerState, { reads: ids }: QueriedBatch): Decision {
  const isWaitingForever = !state.parameters.appendsEmptyEntry && !hasCommittedInTerm(state);
  if (isWaitingForever) {
    return decide(state, [
      { type: 'rejectReads', reads: ids, reason: 'not-ready', leader: state.heardLeader },
    ]);
  }
  const leadership = leadershipOf(state);
  const index = Math.max(state.commitIndex, leadership.firstIndex);
  const read: PendingRead = { ids, index, requestId: state.requestId };
  const reads = [...leadership.reads, read];
  return decide({ ...state, leadership: { ...leadership, reads } });
}

export function refuseReads(state: ServerState, { reads }: QueriedBatch): Decision {
  return decide(state, [
    { type: 'rejectReads', reads, reason: 'not-leader', leader: state.heardLeader },
  ]);
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
  const effects = leadership.reads
    .filter(isReady)
    .map(({ ids, index }) => ({ type: 'answerReads', reads: ids, index }) as const);
  const reads = leadership.reads.filter((read) => !isReady(read));
  return decide({ ...state, leadership: { ...leadership, reads } }, effects);
}

function isConfirmed(state: ServerState): (read: PendingRead) => boolean {
  const echoed = acknowledgedByQuorum(state);
  return (read) => echoed > read.requestId && state.commitIndex >= read.index;
}

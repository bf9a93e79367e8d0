/**
 * A Raft server (Figure 2, "Rules for Servers, All Servers"; §5.1): the term gate, and what every
 * role answers alike. The roles are in `follower.ts`, `candidate.ts` and `leader.ts`.
 *
 * A message comes in as `rpc.received`. The gate judges whom it is for, and its term, once; what it
 * admits is raised as itself and handled in the same step, by whatever role the server has by then.
 * Nobody else can raise it: a message that is sent as such has no effect.
 */
import type { SnapshotFrom } from 'xstate';
import { candidate } from './candidate.ts';
import { follower } from './follower.ts';
import { withEvent, withMessage } from './from-rule.ts';
import { withInternalEvents } from './internal-events.ts';
import { leader } from './leader.ts';
import { initialState } from './rules/state.ts';
import { INTERNAL_EVENTS, server } from './vocabulary.ts';

const chart = server.createMachine({
  id: 'server',
  context: ({ input }) => initialState(input.id, input.parameters, input.stored, input.isExplained),
  initial: 'follower',
  on: {
    'rpc.received': [
      // Swallowed: it is for another server, or in our own name.
      { guard: withMessage('isMisaddressed') },
      {
        guard: withMessage('mayAdoptTerm'),
        target: '.follower',
        actions: [withMessage('adoptTerm'), withMessage('raiseMessage')],
      },
      { guard: withMessage('isRequestOfOlderTerm'), actions: withMessage('refuseOlderTerm') },
      // Swallowed: it answers what we asked in another term (students' "term confusion").
      { guard: withMessage('isStaleResponse'), actions: withMessage('ignoreResponse') },
      { actions: withMessage('raiseMessage') },
    ],

    // Granted by followers and candidates, if at all; a leader has voted, for itself.
    RequestVote: { actions: withEvent('refuseVote') },
    PreVote: { actions: withEvent('answerPreVote') },

    RequestVoteResponse: {}, // Swallowed: its election is over.
    AppendEntriesResponse: {}, // Swallowed: only a leader of this very term has asked.
    InstallSnapshotResponse: {}, // Swallowed likewise.
    PreVoteResponse: {}, // Swallowed: its campaign is over; a newer term in it was adopted.
    // Only a follower that hears from its sender takes over (thesis §3.10).
    TimeoutNow: { actions: withEvent('assertOneLeader') },

    'append.wanted': {}, // Swallowed: asked by a replication actor of a leadership that is over.
    'heartbeat.wanted': {}, // Swallowed likewise.
    'chunk.wanted': {}, // Swallowed likewise.

    'client.proposed': { actions: withEvent('refuseProposals') },
    'client.queried': { actions: withEvent('refuseReads') },
    'leadershipTransfer.requested': {}, // Swallowed: there is nothing to hand over.
    'connection.lost': {}, // Swallowed: no news unless it was the leader we heard from.

    'explanation.wanted': { actions: withEvent('explain') },
    'storage.persisted': { actions: withEvent('recordWrites') },
    'snapshot.wanted': { guard: 'maySnapshot', actions: 'beginSnapshot' },
    'snapshot.taken': { actions: withEvent('recordSnapshotTaken') },
    'entries.applied': { actions: withEvent('recordAppliedBatch') },

    // A snapshot that arrives, chunk by chunk, to whatever role (Figure 13).
    'chunk.received': [
      { guard: 'isStoringChunk' }, // Swallowed: the answer to the one before says where to go on.
      { guard: withEvent('isNextChunk'), actions: withEvent('storeChunk') },
      { actions: withEvent('answerNextOffset') },
    ],
    'chunk.stored': [
      { guard: withEvent('completesSnapshot'), actions: withEvent('installSnapshot') },
      { guard: withEvent('isBeingStored'), actions: withEvent('recordChunkStored') },
      {}, // Swallowed: its transfer is over, or has begun anew.
    ],
    'chunk.rejected': [
      { guard: withEvent('isBeingStored'), actions: withEvent('rejectSnapshot') },
      {}, // Swallowed likewise.
    ],
  },
  states: { follower, candidate, leader },
});

/** Messages and chunks that are sent as such have no effect: they would bypass the gate. */
export const serverMachine = withInternalEvents(chart, INTERNAL_EVENTS);

/** The type of `serverMachine`, for code that is given one. */
export type ServerMachine = typeof serverMachine;
/** A snapshot of a server machine: its role as `value`, the protocol state as `context`. */
export type ServerSnapshot = SnapshotFrom<ServerMachine>;
/** The three roles of Figure 4, which are the outermost states of the server machine. */
export type Role = 'follower' | 'candidate' | 'leader';

/** The role as a report, for people; nothing is decided by it. */
export function roleOf(snapshot: { readonly value: unknown }): Role {
  const { value } = snapshot;
  return (typeof value === 'string' ? value : Object.keys(value as object)[0]) as Role;
}

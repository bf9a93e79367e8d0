/** Machines with one rule broken: the search has to find out, and to say it in a few lines. */
import { enqueueActions } from 'xstate';
import { recordAppendEntriesResponse } from '../../machines/rules/acknowledgements.ts';
import { commitThrough } from '../../machines/rules/commitment.ts';
import { andThen } from '../../machines/rules/decision.ts';
import type { AppendEntriesResponse } from '../../machines/rules/messages.ts';
import { quorumValue } from '../../machines/rules/quorum.ts';
import { mayGrantVote } from '../../machines/rules/request-vote.ts';
import { leadershipOf, type PendingRead, type ServerState } from '../../machines/rules/state.ts';
import { type ServerMachine, serverMachine } from '../../machines/server.ts';

export interface Planted {
  readonly bug: string;
  /** What falls. */
  readonly violation: string;
  /** A seed from which on it is not far to one that finds it. */
  readonly from: number;
  readonly machine: ServerMachine;
}

const votesTwice = serverMachine.provide({
  guards: {
    mayGrantVote: ({ context }, request) => mayGrantVote({ ...context, votedFor: null }, request),
  },
});

const neverWins = serverMachine.provide({ guards: { wonElection: () => false } });

const commitsOldTerms = serverMachine.provide({
  actions: {
    recordAppendEntriesResponse: enqueueActions(({ context, enqueue }, response) => {
      const decision = andThen(
        recordAppendEntriesResponse(context, response as AppendEntriesResponse),
        (state: ServerState) => commitThrough(state, storedByQuorum(state)),
      );
      enqueue.assign(decision.state);
      for (const effect of decision.effects) enqueue.emit(effect as never);
      for (const { follower, event } of decision.outgoing) enqueue.sendTo(follower, event);
    }),
  },
});

/** Answers reads without asking whether it still leads (§8). */
export const readsUnconfirmed = serverMachine.provide({
  guards: {
    hasConfirmedReads: ({ context }) => leadershipOf(context).reads.some(isReached(context)),
  },
  actions: {
    answerReads: enqueueActions(({ context, enqueue }) => {
      const leadership = leadershipOf(context);
      const reached = leadership.reads.filter(isReached(context));
      const reads = leadership.reads.filter((read) => !reached.includes(read));
      enqueue.assign({ ...context, leadership: { ...leadership, reads } });
      for (const { ids, index } of reached) {
        enqueue.emit({ type: 'answerReads', reads: ids, index } as never);
      }
    }),
  },
});

export const PLANTED: readonly Planted[] = [
  {
    bug: 'votes twice in a term (§5.2)',
    violation: 'One Vote Per Term',
    from: 1,
    machine: votesTwice,
  },
  {
    bug: 'commits entries of older terms by counting (§5.4.2)',
    violation: 'Commit Rule',
    from: 1,
    machine: commitsOldTerms,
  },
  {
    bug: 'never wins an election (§5.2)',
    violation: 'Convergence',
    from: 1,
    machine: neverWins,
  },
];

function isReached({ commitIndex }: ServerState): (read: PendingRead) => boolean {
  return ({ index }) => commitIndex >= index;
}

function storedByQuorum(state: ServerState): number {
  const { ownMatchIndex, followers } = leadershipOf(state);
  return quorumValue(state.log.configuration, (id) =>
    id === state.id
      ? ownMatchIndex
      : (followers.find((follower) => follower.id === id)?.matchIndex ?? 0),
  );
}

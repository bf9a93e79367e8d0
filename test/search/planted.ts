/** Machines with one rule broken: the search has to find out, and to say it in a few lines. */
import { enqueueActions } from 'xstate';
import { type ServerMachine, serverMachine } from '#machines/server';
import { noteAppendEntriesResponse } from '#rules/acknowledgements';
import { commitThrough } from '#rules/commitment';
import { andThen } from '#rules/decision';
import type { AppendEntriesResponse } from '#rules/messages';
import { quorumValue } from '#rules/quorum';
import { mayGrantVote } from '#rules/request-vote';
import { leadershipOf, type ServerState } from '#rules/state';

export const PLANTED: Readonly<Record<string, ServerMachine>> = {
  'votes twice in a term (§5.2)': serverMachine.provide({
    guards: {
      mayGrantVote: ({ context }, request) => mayGrantVote({ ...context, votedFor: null }, request),
    },
  }),
  'votes for whoever lacks committed entries (§5.4.1)': serverMachine.provide({
    guards: {
      mayGrantVote: ({ context }, request) =>
        mayGrantVote(context, { ...request, lastLogTerm: Number.MAX_SAFE_INTEGER }),
    },
  }),
  'commits entries of older terms by counting (§5.4.2)': serverMachine.provide({
    actions: {
      noteAppendEntriesResponse: enqueueActions(({ context, enqueue }, response) => {
        const decision = andThen(
          noteAppendEntriesResponse(context, response as AppendEntriesResponse),
          (state: ServerState) => commitThrough(state, storedByQuorum(state)),
        );
        enqueue.assign(decision.state);
        for (const effect of decision.effects) enqueue.emit(effect as never);
        for (const { follower, event } of decision.tells) enqueue.sendTo(follower, event);
      }),
    },
  }),
  'answers reads without asking whether it still leads (§8)': serverMachine.provide({
    guards: { hasConfirmedReads: () => true },
  }),
};

function storedByQuorum(state: ServerState): number {
  const { ownMatchIndex, followers } = leadershipOf(state);
  return quorumValue(state.log.configuration, (id) =>
    id === state.id
      ? ownMatchIndex
      : (followers.find((follower) => follower.id === id)?.matchIndex ?? 0),
  );
}

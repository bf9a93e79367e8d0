/** Servers that break one rule each, and a disk that keeps nothing: what lab 2 must notice. */
import { enqueueActions } from 'xstate';
import { recordAppendEntriesResponse } from '../../machines/rules/acknowledgements.ts';
import { refuseEntries } from '../../machines/rules/append-entries.ts';
import { commitThrough } from '../../machines/rules/commitment.ts';
import { andThen, type Decision, decide } from '../../machines/rules/decision.ts';
import type { Effect } from '../../machines/rules/effects.ts';
import { countOwnWrites } from '../../machines/rules/leadership.ts';
import type { AppendEntries, Message } from '../../machines/rules/messages.ts';
import { quorumValue } from '../../machines/rules/quorum.ts';
import { followerOf, sendHeartbeat } from '../../machines/rules/replication.ts';
import { leadershipOf, type ServerState } from '../../machines/rules/state.ts';
import { type ServerMachine, serverMachine } from '../../machines/server.ts';
import { Persister } from '../../src/lab/index.ts';

type Rule<P> = (state: ServerState, params: P) => Decision;

/** An action that carries out another rule than the machine's own. */
function carriesOut<P>(rule: Rule<P>): never {
  const action = enqueueActions(({ context, enqueue }, params) => {
    const { state, effects, outgoing } = rule(context as ServerState, params as P);
    if (state !== context) enqueue.assign(state as never);
    for (const effect of effects) enqueue.emit(effect as never);
    for (const { follower, event } of outgoing) enqueue.sendTo(follower, event);
  });
  return action as never;
}

function withMessages(decision: Decision, change: (message: Message) => Message): Decision {
  const changed = (effect: Effect): Effect =>
    effect.type === 'send' ? { ...effect, message: change(effect.message) } : effect;
  return decide(decision.state, decision.effects.map(changed), decision.outgoing);
}

/** Nothing that is saved is found again (§5.1). */
export class ForgetfulPersister extends Persister {
  override save(): void {}

  override copy(): Persister {
    return new ForgetfulPersister();
  }
}

/** A refusal that lets the leader go back by one entry, however many are wrong (§5.3). */
const refuseOneEntry: Rule<AppendEntries> = (state, request) =>
  withMessages(refuseEntries(state, request), (message) => {
    if (message.type !== 'AppendEntriesResponse') return message;
    const hintIndex = Math.max(0, request.prevLogIndex - 1);
    return { ...message, hintIndex, hintTerm: request.prevLogTerm };
  });

export const backsUpOneEntryAtATime: ServerMachine = serverMachine.provide({
  actions: { refuseEntries: carriesOut(refuseOneEntry) },
});

/** Whatever a majority stores counts as committed, of whichever term (against §5.4.2). */
function commitWhatIsStored(state: ServerState): Decision {
  const stored = quorumValue(state.log.configuration, (id) =>
    id === state.id ? leadershipOf(state).ownMatchIndex : (followerOf(state, id)?.matchIndex ?? 0),
  );
  return commitThrough(state, stored);
}

const committing =
  <P>(rule: Rule<P>): Rule<P> =>
  (state, params) =>
    andThen(rule(state, params), commitWhatIsStored);

export const countsOldTerms: ServerMachine = serverMachine.provide({
  actions: {
    recordAppendEntriesResponse: carriesOut(committing(recordAppendEntriesResponse)),
    countOwnWrites: carriesOut(committing(countOwnWrites)),
  },
});

/** A heartbeat that carries the whole log again (§5.3: each entry once is enough). */
const sendEverythingAgain: Rule<Parameters<typeof sendHeartbeat>[1]> = (state, wanted) =>
  withMessages(sendHeartbeat(state, wanted), (message) => {
    const { base, lastIndex } = state.log;
    const entries = state.log.slice(base.index + 1, lastIndex);
    return { ...message, prevLogIndex: base.index, prevLogTerm: base.term, entries } as Message;
  });

export const sendsAgainWithHeartbeats: ServerMachine = serverMachine.provide({
  actions: { sendHeartbeat: carriesOut(sendEverythingAgain) },
});

/**
 * One request of a client (§8; thesis §6.3): find the leader, ask it, ask again, and know in the end
 * whether the command took effect.
 *
 * An actor carries one request after another; a client has an actor for each request under way. The
 * sequence that makes a repeat harmless is the same in every attempt, so the chart does not see it,
 * only whether there is one (`mayRepeat`).
 *
 * - `waiting`: the request was sent, to the leader or else to the next server in turn; the answer may
 *   come, or be lost on the way there or back.
 * - `backingOff`: no server can help just now.
 * - `settled`: the result was told, and the next request may come.
 */
import { assertEvent, assign, emit, setup } from 'xstate';
import * as rules from './rules/request.ts';

/** What a host tells a request. */
export type RequestEvent =
  | ({ readonly type: 'request.submitted' } & rules.Submission)
  | { readonly type: 'request.cancelled' }
  | ({ readonly type: 'attempt.ended' } & rules.AttemptEnd);

interface Asked {
  readonly context: rules.RequestState;
  readonly event: RequestEvent;
}

const ofState =
  <T>(rule: (state: rules.RequestState) => T) =>
  ({ context }: Asked) =>
    rule(context);

const ofAttempt =
  <T>(rule: (state: rules.RequestState, end: rules.AttemptEnd) => T) =>
  ({ context, event }: Asked) => {
    assertEvent(event, 'attempt.ended');
    return rule(context, event);
  };

const request = setup({
  types: {
    context: {} as rules.RequestState,
    events: {} as RequestEvent,
    emitted: {} as rules.RequestEffect,
    input: {} as { readonly endpoints: readonly rules.Endpoint[] },
  },
  guards: {
    hasUntriedEndpoint: ofState(rules.hasUntriedEndpoint),
    isHopeless: ofState(rules.isHopeless),
    mayRepeat: ofState(rules.mayRepeat),
    isLate: ofAttempt(rules.isLate),
    mayFollow: ofAttempt(rules.mayFollow),
    isRetryable: ofAttempt(rules.isRetryable),
    isFinal: ofAttempt(rules.isFinal),
    isRepeatable: ofAttempt(rules.isRepeatable),
  },
  actions: {
    takeRequest: assign(({ context, event }) => {
      assertEvent(event, 'request.submitted');
      return rules.takeRequest(context, event);
    }),
    assertOneAtATime: ofState(rules.assertOneAtATime),
    beginAttempt: assign(ofState(rules.beginAttempt)),
    recordNotApplied: assign(ofAttempt(rules.recordNotApplied)),
    recordUnknown: assign(ofState(rules.recordUnknown)),
    recordPause: assign(ofState(rules.recordPause)),
    recordFinal: assign(ofState(rules.recordFinal)),
    giveUpCancelled: assign(ofState((state) => rules.giveUp(state, 'cancelled'))),
    giveUpTimedOut: assign(ofState((state) => rules.giveUp(state, 'timed-out'))),
    giveUpUntrusted: assign(ofState((state) => rules.giveUp(state, 'untrusted'))),
    giveUpInDoubt: assign(ofAttempt(rules.giveUpInDoubt)),
    sendRequest: emit(ofState(rules.requestToSend)),
    abandonRequest: emit(ofState(rules.requestToAbandon)),
    settle: emit(ofState(rules.settlement)),
  },
  delays: {
    /** The request is settled by then. */
    deadline: ({ context }) => rules.requestOf(context).timeoutMs,
    /** One attempt has waited long enough: its server may be gone without a word. */
    attemptTimeout: ({ context }) => rules.requestOf(context).attemptTimeoutMs,
    /** A host with a source of chance provides another one, with jitter. */
    backoff: ({ context }) => rules.backoffMs(context, 1),
  },
});

const waiting = request.createStateConfig({
  entry: ['beginAttempt', 'sendRequest'],
  on: {
    'attempt.ended': [
      // It was given up: another one is under way, and its answer is the same.
      { guard: 'isLate' },
      // ↻ The next attempt, with an attempt timeout of its own.
      { guard: 'mayFollow', target: 'waiting', reenter: true, actions: 'recordNotApplied' },
      { guard: 'isRetryable', target: 'backingOff', actions: 'recordNotApplied' },
      { guard: 'isFinal', target: '#request.settled', actions: 'recordFinal' },
      { guard: 'isRepeatable', target: 'backingOff', actions: 'recordUnknown' },
      // Unknown, or refused after an attempt that was not: never again, nor in a new session.
      { target: '#request.settled', actions: 'giveUpInDoubt' },
    ],
  },
  after: {
    // Without a session there is one attempt only, and it may wait for as long as the request may.
    attemptTimeout: {
      guard: 'mayRepeat',
      target: 'backingOff',
      actions: ['abandonRequest', 'recordUnknown'],
    },
  },
});

const backingOff = request.createStateConfig({
  always: [
    // Another server may be able to help at once.
    { guard: 'hasUntriedEndpoint', target: 'waiting' },
    { guard: 'isHopeless', target: '#request.settled', actions: 'giveUpUntrusted' },
  ],
  after: { backoff: { target: 'waiting', actions: 'recordPause' } },
});

/** Carries the requests of a client, one at a time (§8). */
export const requestMachine = request.createMachine({
  id: 'request',
  context: ({ input }) => rules.idleState(input.endpoints),
  initial: 'idle',
  on: { 'request.submitted': { target: '.asking', actions: 'takeRequest' } },
  states: {
    idle: {},
    asking: {
      initial: 'waiting',
      on: {
        // A host that submits a second one has a bug.
        'request.submitted': { actions: 'assertOneAtATime' },
        'request.cancelled': { target: 'settled', actions: ['abandonRequest', 'giveUpCancelled'] },
      },
      after: { deadline: { target: 'settled', actions: ['abandonRequest', 'giveUpTimedOut'] } },
      states: { waiting, backingOff },
    },
    settled: { entry: 'settle' },
  },
});

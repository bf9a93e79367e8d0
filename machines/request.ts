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
import { assign, emit, setup } from 'xstate';
import { fromRule, withEvent } from './from-rule.ts';
import * as rules from './rules/request.ts';

/** What a host tells a request. */
export type RequestEvent =
  | ({ readonly type: 'request.submitted' } & rules.Submission)
  | { readonly type: 'request.cancelled' }
  | ({ readonly type: 'attempt.ended' } & rules.AttemptEnd);

const request = setup({
  types: {
    context: {} as rules.RequestState,
    events: {} as RequestEvent,
    emitted: {} as rules.RequestEffect,
    input: {} as { readonly endpoints: readonly rules.Endpoint[] },
  },
  guards: {
    hasUntriedEndpoint: fromRule(rules.hasUntriedEndpoint),
    isHopeless: fromRule(rules.isHopeless),
    mayRepeat: fromRule(rules.mayRepeat),
    isLate: fromRule(rules.isLate),
    mayFollow: fromRule(rules.mayFollow),
    isRetryable: fromRule(rules.isRetryable),
    isFinal: fromRule(rules.isFinal),
    isRepeatable: fromRule(rules.isRepeatable),
  },
  actions: {
    takeRequest: assign(fromRule(rules.takeRequest)),
    assertOneAtATime: fromRule(rules.assertOneAtATime),
    beginAttempt: assign(fromRule(rules.beginAttempt)),
    recordNotApplied: assign(fromRule(rules.recordNotApplied)),
    recordUnknown: assign(fromRule(rules.recordUnknown)),
    recordPause: assign(fromRule(rules.recordPause)),
    recordFinal: assign(fromRule(rules.recordFinal)),
    giveUpCancelled: assign(fromRule((state) => rules.giveUp(state, 'cancelled'))),
    giveUpTimedOut: assign(fromRule((state) => rules.giveUp(state, 'timed-out'))),
    giveUpUntrusted: assign(fromRule((state) => rules.giveUp(state, 'untrusted'))),
    giveUpInDoubt: assign(fromRule(rules.giveUpInDoubt)),
    sendRequest: emit(fromRule(rules.requestToSend)),
    abandonRequest: emit(fromRule(rules.requestToAbandon)),
    settle: emit(fromRule(rules.settlement)),
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
      { guard: withEvent('isLate') },
      {
        guard: withEvent('mayFollow'),
        target: 'waiting',
        reenter: true, // ↻ The next attempt, with an attempt timeout of its own.
        actions: withEvent('recordNotApplied'),
      },
      {
        guard: withEvent('isRetryable'),
        target: 'backingOff',
        actions: withEvent('recordNotApplied'),
      },
      { guard: withEvent('isFinal'), target: '#request.settled', actions: 'recordFinal' },
      { guard: withEvent('isRepeatable'), target: 'backingOff', actions: 'recordUnknown' },
      // Unknown, or refused after an attempt that was not: never again, nor in a new session.
      { target: '#request.settled', actions: withEvent('giveUpInDoubt') },
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
  on: { 'request.submitted': { target: '.asking', actions: withEvent('takeRequest') } },
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

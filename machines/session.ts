/**
 * A client's session (§8; thesis §6.3): find the leader, ask it, ask again, and know in the end
 * whether the command took effect.
 *
 * One instance carries one request at a time through: a client has one for each request that may be
 * without an answer. The sequence that makes a repeat harmless is the same in every copy, so it is
 * no business of the chart; whether there is one is (`mayRepeat`).
 *
 * - `finding`: no leader is known; the next server, in turn.
 * - `sending`: a copy leaves.
 * - `waiting`: it may be answered, or lost on the way there or back.
 * - `redirected`: that server is not the leader, and says who is.
 * - `backingOff`: no server can help just now.
 * - `settled`: the outcome was told, and the next request may come.
 */
import { assign, emit, setup } from 'xstate';
import * as client from './rules/client.ts';
import * as answers from './rules/server-answers.ts';

/** What a host tells its session. */
export type SessionEvent =
  | ({ readonly type: 'request.submitted' } & client.Submission)
  | { readonly type: 'request.cancelled' }
  | ({ readonly type: 'answer.received'; readonly attempt: number } & answers.ServerAnswer)
  /** The copy never left. */
  | { readonly type: 'connection.refused'; readonly attempt: number }
  /** The copy may have arrived, and its answer will not. */
  | { readonly type: 'connection.lost'; readonly attempt: number };

export interface SessionInput {
  readonly endpoints: readonly client.Endpoint[];
}

const asked =
  <P>(rule: (state: client.ClientState, params: P) => boolean) =>
  ({ context }: { context: client.ClientState }, params: P) =>
    rule(context, params);

const noted =
  <P>(rule: (state: client.ClientState, params: P) => client.ClientState) =>
  ({ context }: { context: client.ClientState }, params: P) =>
    rule(context, params);

const session = setup({
  types: {
    context: {} as client.ClientState,
    events: {} as SessionEvent,
    emitted: {} as client.SessionEffect,
    input: {} as SessionInput,
  },
  guards: {
    knowsLeader: asked(client.knowsLeader),
    hasUntriedEndpoint: asked(client.hasUntriedEndpoint),
    mayFollow: asked(client.mayFollow),
    mayRepeat: asked(client.mayRepeat),
    isLate: asked(client.isLate),
    isRedirect: asked(answers.isRedirect),
    isSetback: asked(answers.isSetback),
    isFinal: asked(answers.isFinal),
    isRefusalInDoubt: asked(answers.isRefusalInDoubt),
  },
  actions: {
    takeRequest: assign(noted(client.takeRequest)),
    chooseEndpoint: assign(noted(client.chooseEndpoint)),
    recordSent: assign(noted(client.recordSent)),
    noteRedirect: assign(noted(client.noteRedirect)),
    noteSetback: assign(noted(client.noteSetback)),
    noteUnreachable: assign(noted(client.noteUnreachable)),
    noteDoubt: assign(noted(client.noteDoubt)),
    notePause: assign(noted(client.notePause)),
    noteFinal: assign(noted(client.noteFinal)),
    giveUp: assign(noted(client.giveUp)),
    sendRequest: emit(({ context }) => client.requestToSend(context)),
    abandonRequest: emit(({ context }) => client.requestToAbandon(context)),
    assertOneAtATime: ({ context }) => client.assertOneAtATime(context),
    settle: emit(({ context }) => client.settlement(context)),
  },
  delays: {
    /** From its submission on, the request is settled by then. */
    deadline: ({ context }) => client.requestOf(context).timeoutMs,
    /** One copy has waited long enough: its server may be gone without a word. */
    attemptTimeout: ({ context }) => client.requestOf(context).attemptTimeoutMs,
    /** A host with a source of chance provides another one, with jitter. */
    backoff: ({ context }) => client.backoffMs(context, 1),
  },
});

const finding = session.createStateConfig({
  always: [
    { guard: 'knowsLeader', target: 'sending' },
    { target: 'sending', actions: 'chooseEndpoint' },
  ],
});

const sending = session.createStateConfig({
  entry: ['recordSent', 'sendRequest'],
  always: 'waiting',
});

const waiting = session.createStateConfig({
  on: {
    'answer.received': [
      // Of a copy that was given up: another one is under way, and its answer is the same.
      { guard: { type: 'isLate', params: ({ event }) => event } },
      {
        guard: { type: 'isRedirect', params: ({ event }) => event },
        target: 'redirected',
        actions: { type: 'noteRedirect', params: ({ event }) => event },
      },
      {
        guard: { type: 'isSetback', params: ({ event }) => event },
        target: 'backingOff',
        actions: { type: 'noteSetback', params: ({ event }) => event },
      },
      {
        guard: { type: 'isFinal', params: ({ event }) => event },
        target: '#session.settled',
        actions: 'noteFinal',
      },
      // This copy was refused for good, the one before was not: never again under a new session.
      {
        guard: { type: 'isRefusalInDoubt', params: ({ event }) => event },
        target: '#session.settled',
        actions: { type: 'giveUp', params: { reason: 'outcome-unknown' } },
      },
      { guard: 'mayRepeat', target: 'backingOff', actions: 'noteDoubt' },
      {
        target: '#session.settled',
        actions: { type: 'giveUp', params: { reason: 'outcome-unknown' } },
      },
    ],
    'connection.refused': [
      { guard: { type: 'isLate', params: ({ event }) => event } },
      { target: 'backingOff', actions: 'noteUnreachable' },
    ],
    'connection.lost': [
      { guard: { type: 'isLate', params: ({ event }) => event } },
      { guard: 'mayRepeat', target: 'backingOff', actions: 'noteDoubt' },
      {
        target: '#session.settled',
        actions: { type: 'giveUp', params: { reason: 'connection-lost' } },
      },
    ],
  },
  after: {
    // Without a session there is one copy only, and it may wait for as long as the request may.
    attemptTimeout: {
      guard: 'mayRepeat',
      target: 'backingOff',
      actions: ['abandonRequest', 'noteDoubt'],
    },
  },
});

const redirected = session.createStateConfig({
  always: [{ guard: 'mayFollow', target: 'sending' }, { target: 'backingOff' }],
});

const backingOff = session.createStateConfig({
  // Another server may be able to help at once.
  always: { guard: 'hasUntriedEndpoint', target: 'finding' },
  after: { backoff: { target: 'finding', actions: 'notePause' } },
});

/**
 * Carries one request of a client: finds the leader, repeats what may be repeated, and settles
 * (§8).
 */
export const sessionMachine = session.createMachine({
  id: 'session',
  context: ({ input }) => client.initialClientState(input.endpoints),
  initial: 'idle',
  on: {
    'request.submitted': {
      target: '.asking',
      actions: { type: 'takeRequest', params: ({ event }) => event },
    },
  },
  states: {
    idle: {},
    asking: {
      initial: 'finding',
      on: {
        // A host that submits a second one has a bug: an instance carries one at a time.
        'request.submitted': { actions: 'assertOneAtATime' },
        'request.cancelled': {
          target: 'settled',
          actions: ['abandonRequest', { type: 'giveUp', params: { reason: 'cancelled' } }],
        },
      },
      after: {
        deadline: {
          target: 'settled',
          actions: ['abandonRequest', { type: 'giveUp', params: { reason: 'timed-out' } }],
        },
      },
      states: { finding, sending, waiting, redirected, backingOff },
    },
    settled: { entry: 'settle' },
  },
});

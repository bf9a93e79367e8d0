/**
 * Replication to one follower (Figure 2, "Leaders"; §5.3; §7): probe, replicate, snapshot.
 *
 * Alive only while its server leads. It owns `nextIndex`, the window in flight and what is sent
 * again: liveness. It sees no log, no term and no network: it asks its leader, which alone decides
 * what is safe. However wrongly it asks, nothing is committed wrongly.
 *
 * - `probe`: where do the logs agree? One empty request at a time, until it is accepted.
 * - `replicate`: send ahead of the answers, as far as the window allows (thesis §10.2.2).
 * - `snapshot`: what the follower lacks is compacted; chunk after chunk (Figure 13).
 * - `halted`: the follower has lost what it had acknowledged; only heartbeats until it has that again.
 */
import { assign, sendParent, setup } from 'xstate';
import * as progress from './rules/progress.ts';
import type {
  ReplicationEvent,
  ReplicationInput,
  ReplicationRequest,
} from './rules/replication.ts';

const types = {
  context: {} as progress.Progress,
  events: {} as ReplicationEvent,
  input: {} as ReplicationInput,
};

const replication = setup({
  types,
  guards: {
    canSend: ({ context }) => progress.canSend(context),
    answersThisMode: ({ context }, answer: { requestId: number }) =>
      progress.answersThisMode(context, answer),
    isNewRefusal: ({ context }, refusal: progress.Refusal) =>
      progress.isNewRefusal(context, refusal),
    isSomething: (_, sent: progress.Sent) => sent.messages.length > 0,
    isInstalled: ({ context }, answer: progress.ChunkAnswer) =>
      progress.isInstalled(context, answer),
  },
  actions: {
    recordLogExtension: assign(({ context }, event: { lastLogIndex: number }) =>
      progress.recordLogExtension(context, event),
    ),
    recordSent: assign(({ context }, event: progress.Sent) => progress.recordSent(context, event)),
    recordModeStart: assign(({ context }, event: { requestId: number }) =>
      progress.recordModeStart(context, event),
    ),
    recordAccepted: assign(({ context }, event: { matchIndex: number }) =>
      progress.recordAccepted(context, event),
    ),
    decreaseNextIndex: assign(({ context }, refusal: progress.Refusal) =>
      progress.decreaseNextIndex(context, refusal),
    ),
    resetMode: assign(({ context }) => progress.resetMode(context)),
    recordOffer: assign(({ context }, event: progress.Offer) =>
      progress.recordOffer(context, event),
    ),
    recordChunk: assign(({ context }, answer: progress.ChunkAnswer) =>
      progress.recordChunk(context, answer),
    ),
    recordInstalled: assign(({ context }) => progress.recordInstalled(context)),
    askForEntries: sendParent(({ context }): ReplicationRequest => progress.entriesWanted(context)),
    askForHeartbeat: sendParent(
      ({ context }): ReplicationRequest => progress.heartbeatWanted(context),
    ),
    askForChunk: sendParent(({ context }): ReplicationRequest => progress.chunkWanted(context)),
  },
  delays: {
    heartbeatInterval: ({ context }) => context.input.heartbeatIntervalMs,
    chunkTimeout: ({ context }) => context.input.chunkTimeoutMs,
  },
});

const heartbeat = replication.createStateConfig({
  initial: 'sendingHeartbeats',
  states: {
    sendingHeartbeats: {
      on: {
        // ↻ A round of its own is as good as a beat (§8).
        'round.begun': { target: 'sendingHeartbeats', reenter: true, actions: 'askForHeartbeat' },
      },
      after: {
        heartbeatInterval: {
          target: 'sendingHeartbeats',
          reenter: true, // ↻ §5.2: "repeat during idle periods".
          actions: 'askForHeartbeat',
        },
      },
    },
  },
});

const probe = replication.createStateConfig({
  entry: ['resetMode', 'askForHeartbeat'],
  on: {
    'heartbeat.sent': {
      actions: { type: 'recordModeStart', params: ({ event }) => event },
    },
    'append.accepted': [
      {
        guard: { type: 'answersThisMode', params: ({ event }) => event },
        target: 'replicate',
        actions: { type: 'recordAccepted', params: ({ event }) => event },
      },
      { actions: { type: 'recordAccepted', params: ({ event }) => event } },
    ],
    'append.refused': {
      guard: { type: 'answersThisMode', params: ({ event }) => event },
      target: 'probe', // ↻ At a position further back: ask again at once.
      reenter: true,
      actions: { type: 'decreaseNextIndex', params: ({ event }) => event },
    },
  },
});

const replicate = replication.createStateConfig({
  initial: 'idle',
  entry: 'resetMode',
  on: {
    'heartbeat.sent': { actions: { type: 'recordModeStart', params: ({ event }) => event } },
    'append.accepted': { actions: { type: 'recordAccepted', params: ({ event }) => event } },
    'append.refused': {
      guard: { type: 'isNewRefusal', params: ({ event }) => event },
      target: 'probe',
      actions: { type: 'decreaseNextIndex', params: ({ event }) => event },
    },
  },
  states: {
    idle: { always: { guard: 'canSend', target: 'asking' } },
    // One question at a time: the leader answers within the same turn.
    asking: {
      entry: 'askForEntries',
      on: {
        'append.sent': [
          {
            guard: { type: 'isSomething', params: ({ event }) => event },
            target: 'idle',
            actions: { type: 'recordSent', params: ({ event }) => event },
          },
          { target: 'full' },
        ],
      },
    },
    // The next batch is larger than what the window has left: an answer makes room.
    full: {
      on: {
        'append.accepted': {
          target: 'idle',
          actions: { type: 'recordAccepted', params: ({ event }) => event },
        },
      },
    },
  },
});

const snapshot = replication.createStateConfig({
  initial: 'sending',
  on: {
    'append.accepted': { actions: { type: 'recordAccepted', params: ({ event }) => event } },
    'chunk.accepted': [
      {
        guard: { type: 'isInstalled', params: ({ event }) => event },
        target: 'replicate',
        actions: 'recordInstalled',
      },
      {
        guard: { type: 'answersThisMode', params: ({ event }) => event },
        target: '.sending', // ↻ The next chunk, with a time of its own.
        actions: { type: 'recordChunk', params: ({ event }) => event },
      },
    ],
    // ↻ Another snapshot: the log no longer continues the one it was getting (§7).
    'snapshot.offered': {
      target: '.sending',
      actions: { type: 'recordOffer', params: ({ event }) => event },
    },
  },
  states: {
    sending: {
      entry: ['resetMode', 'askForChunk'],
      on: { 'chunk.sent': { actions: { type: 'recordModeStart', params: ({ event }) => event } } },
      after: { chunkTimeout: 'repeating' },
    },
    // The same chunk again; an answer to any of its copies counts.
    repeating: {
      entry: 'askForChunk',
      on: { 'chunk.sent': { actions: { type: 'recordModeStart', params: ({ event }) => event } } },
      after: { chunkTimeout: { target: 'repeating', reenter: true } }, // ↻
    },
  },
});

const halted = replication.createStateConfig({
  on: {
    // Late ones, which acknowledge more than was known: heartbeats show no less than that.
    'append.accepted': { actions: { type: 'recordAccepted', params: ({ event }) => event } },
    'snapshot.offered': {}, // Swallowed: offered before the loss was known; it is fed no more.
    'acknowledgements.regained': 'probe',
  },
});

/** Replicates the log of a leader to one follower: probe, replicate, snapshot (§5.3, §7). */
export const replicationMachine = replication.createMachine({
  id: 'replication',
  context: ({ input }) => progress.initialProgress(input),
  type: 'parallel',
  states: {
    heartbeat,
    progress: {
      initial: 'probe',
      on: {
        'log.extended': { actions: { type: 'recordLogExtension', params: ({ event }) => event } },
        'snapshot.offered': {
          target: '.snapshot',
          actions: { type: 'recordOffer', params: ({ event }) => event },
        },
        'acknowledgements.lost': '.halted',
      },
      states: { probe, replicate, snapshot, halted },
    },
  },
});

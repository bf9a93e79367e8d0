/**
 * Replication to one follower (Figure 2, "Leaders"; §5.3; §7): probe, replicate, snapshot.
 *
 * Alive only while its server leads. It owns `nextIndex`, the window in flight and what is sent
 * again: liveness. It sees no log, no term and no network: it asks its leader, which alone decides
 * what is safe. However wrongly it asks, nothing is committed wrongly.
 *
 * - `probe`: where do the logs agree? One empty request at a time, until an answer says where.
 * - `replicate`: send ahead of the answers, as far as the window allows (thesis §10.2.2). A request
 *   that was lost or overtaken leaves a gap, and is sent again; only a conflict leads back to `probe`.
 * - `snapshot`: what the follower lacks is compacted; chunk after chunk (Figure 13).
 * - `halted`: the follower has lost what it had acknowledged; only heartbeats until it has that again.
 */
import { assign, sendParent, setup } from 'xstate';
import { fromRule, withEvent } from './from-rule.ts';
import * as progress from './rules/progress.ts';
import type { ReplicationEvent, ReplicationInput } from './rules/replication-events.ts';

const types = {
  context: {} as progress.Progress,
  events: {} as ReplicationEvent,
  input: {} as ReplicationInput,
};

/** A rule that changes the progress, which is then written out: it is copied at every request. */
const changing = <Params = undefined>(
  rule: (before: progress.Progress, params: Params) => progress.Progress,
) =>
  fromRule((before: progress.Progress, params: Params) => {
    const after = rule(before, params);
    return after === before ? before : progress.progressWrittenOut(after);
  });

const replication = setup({
  types,
  guards: {
    canSend: fromRule(progress.canSend),
    answersThisMode: fromRule(progress.answersThisMode),
    isNewRefusal: fromRule(progress.isNewRefusal),
    isNewGap: fromRule(progress.isNewGap),
    findsAgreement: fromRule(progress.findsAgreement),
    isSomething: fromRule(progress.isSomething),
    isInstalled: fromRule(progress.isInstalled),
  },
  actions: {
    recordLogExtension: assign(changing(progress.recordLogExtension)),
    recordSent: assign(changing(progress.recordSent)),
    recordModeStart: assign(changing(progress.recordModeStart)),
    recordAccepted: assign(changing(progress.recordAccepted)),
    decreaseNextIndex: assign(changing(progress.decreaseNextIndex)),
    closeGap: assign(changing(progress.closeGap)),
    resetMode: assign(changing(progress.resetMode)),
    recordOffer: assign(changing(progress.recordOffer)),
    recordChunk: assign(changing(progress.recordChunk)),
    recordInstalled: assign(changing(progress.recordInstalled)),
    askForEntries: sendParent(fromRule(progress.entriesWanted)),
    askForHeartbeat: sendParent(fromRule(progress.heartbeatWanted)),
    askForChunk: sendParent(fromRule(progress.chunkWanted)),
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
    'heartbeat.sent': { actions: withEvent('recordModeStart') },
    'append.accepted': [
      {
        guard: withEvent('answersThisMode'),
        target: 'replicate',
        actions: withEvent('recordAccepted'),
      },
      { actions: withEvent('recordAccepted') },
    ],
    'append.refused': [
      {
        guard: withEvent('findsAgreement'),
        target: 'replicate',
        actions: withEvent('decreaseNextIndex'),
      },
      {
        guard: withEvent('answersThisMode'),
        target: 'probe', // ↻ At a position further back: ask again at once.
        reenter: true,
        actions: withEvent('decreaseNextIndex'),
      },
    ],
  },
});

const replicate = replication.createStateConfig({
  initial: 'idle',
  entry: 'resetMode',
  on: {
    'heartbeat.sent': { actions: withEvent('recordModeStart') },
    'append.accepted': { actions: withEvent('recordAccepted') },
    'append.refused': [
      {
        guard: withEvent('isNewGap'),
        target: 'replicate', // ↻ From where the follower's log ends: again, at once.
        reenter: true,
        actions: withEvent('closeGap'),
      },
      {
        guard: withEvent('isNewRefusal'),
        target: 'probe',
        actions: withEvent('decreaseNextIndex'),
      },
    ],
  },
  states: {
    idle: { always: { guard: 'canSend', target: 'asking' } },
    // One question at a time: the leader answers within the same turn.
    asking: {
      entry: 'askForEntries',
      on: {
        'append.sent': [
          { guard: withEvent('isSomething'), target: 'idle', actions: withEvent('recordSent') },
          { target: 'full' },
        ],
      },
    },
    // The next batch is larger than what the window has left: an answer makes room.
    full: {
      on: {
        'append.accepted': { target: 'idle', actions: withEvent('recordAccepted') },
      },
    },
  },
});

const snapshot = replication.createStateConfig({
  initial: 'sending',
  on: {
    'append.accepted': { actions: withEvent('recordAccepted') },
    'chunk.accepted': [
      { guard: withEvent('isInstalled'), target: 'replicate', actions: 'recordInstalled' },
      {
        guard: withEvent('answersThisMode'),
        target: '.sending', // ↻ The next chunk, with a time of its own.
        actions: withEvent('recordChunk'),
      },
    ],
    // ↻ Another snapshot: the log no longer continues the one it was getting (§7).
    'snapshot.offered': { target: '.sending', actions: withEvent('recordOffer') },
  },
  states: {
    sending: {
      entry: ['resetMode', 'askForChunk'],
      on: { 'chunk.sent': { actions: withEvent('recordModeStart') } },
      after: { chunkTimeout: 'repeating' },
    },
    // The same chunk again; an answer to any of its copies counts.
    repeating: {
      entry: 'askForChunk',
      on: { 'chunk.sent': { actions: withEvent('recordModeStart') } },
      after: { chunkTimeout: { target: 'repeating', reenter: true } }, // ↻
    },
  },
});

const halted = replication.createStateConfig({
  on: {
    // Late ones, which acknowledge more than was known: heartbeats show no less than that.
    'append.accepted': { actions: withEvent('recordAccepted') },
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
        'log.extended': { actions: withEvent('recordLogExtension') },
        'snapshot.offered': { target: '.snapshot', actions: withEvent('recordOffer') },
        'acknowledgements.lost': '.halted',
      },
      states: { probe, replicate, snapshot, halted },
    },
  },
});

/**
 * Leaders (Figure 2, "Rules for Servers"; §5.3, §5.4.2, §8; thesis §6.2, §6.4).
 *
 * A leader appends what clients propose, has a replication actor feed each follower, and commits
 * what a majority stores. Two things go on beside that: it checks that a majority still hears it
 * (`quorum`), and it confirms reads by rounds of heartbeats (`reads`). What exists only while
 * leading is made on entry and gone on exit.
 */
import { withEvent } from './from-rule.ts';
import { server } from './vocabulary.ts';

const quorum = server.createStateConfig({
  initial: 'checking',
  states: {
    checking: {
      after: {
        quorumCheckInterval: [
          {
            guard: 'hearsFromQuorum',
            target: 'checking',
            reenter: true, // ↻ thesis §6.2: a leader that is cut off steps down.
            actions: 'recordQuorumCheck',
          },
          { target: '#server.follower' },
        ],
      },
    },
  },
});

const reads = server.createStateConfig({
  initial: 'idle',
  states: {
    idle: { always: { guard: 'hasReads', target: 'confirming' } },
    confirming: {
      entry: 'beginRound',
      always: { guard: 'hasConfirmedReads', target: 'idle', actions: 'answerReads' },
    },
  },
});

export const leader = server.createStateConfig({
  type: 'parallel',
  entry: ['becomeLeader', 'startReplication'],
  exit: ['stopReplication', withEvent('resign')],
  on: {
    // Election Safety (Figure 3): nobody else leads our term.
    AppendEntries: { actions: withEvent('assertOneLeader') },
    AppendEntriesResponse: { actions: withEvent('recordAppendEntriesResponse') },
    InstallSnapshot: { actions: withEvent('assertOneLeader') },
    InstallSnapshotResponse: { actions: withEvent('recordInstallSnapshotResponse') },

    'append.wanted': { actions: withEvent('sendEntries') },
    'heartbeat.wanted': { actions: withEvent('sendHeartbeat') },
    'chunk.wanted': { actions: withEvent('sendChunk') },

    'client.proposed': { actions: withEvent('extendLog') },
    'client.queried': { actions: withEvent('acceptReads') },
    'leadershipTransfer.requested': { actions: 'transferLeadership' },

    'storage.persisted': {
      actions: [withEvent('recordWrites'), withEvent('countOwnWrites')],
    },
  },
  states: { quorum, reads },
});

/** What a leader does, broken by somebody who had read the paper and machines/, and not the tests. */
import type { Mutant } from '../mutant.ts';

export const byAReaderOfLeaders: readonly Mutant[] = [
  {
    id: 'reader-match-is-as-old-as-its-request',
    rule: 'A refusal of a request sent before the match was learnt shows no loss.',
    section: 'design §4',
    change: {
      file: 'machines/rules/acknowledgements.ts',
      find: 'matchedAt: state.requestId',
      replace: 'matchedAt: follower.lastAcknowledgedRequest',
    },
    killer: { test: 'test/rules/acknowledgements.test.ts' },
  },
  {
    id: 'reader-refusal-at-the-match-is-no-loss',
    rule: 'A follower that refuses what it had acknowledged has lost it, even if it hints at that very index.',
    section: 'design §4',
    change: {
      file: 'machines/rules/acknowledgements.ts',
      find: 'hintIndex < heard.matchIndex || prevLogIndex <= heard.matchIndex',
      replace: 'hintIndex < heard.matchIndex',
    },
    killer: { test: 'test/rules/acknowledgements.test.ts' },
  },
  {
    id: 'reader-lost-follower-keeps-its-transfer',
    rule: 'A follower that has lost entries is sent no snapshot, so no log is kept for it.',
    section: 'design §4, §10',
    change: {
      file: 'machines/rules/acknowledgements.ts',
      find: '...heard, transfer: null, hasLostEntries: true',
      replace: '...heard, hasLostEntries: true',
    },
    killer: { test: 'test/rules/acknowledgements.test.ts' },
  },
  {
    id: 'reader-silence-is-never-broken',
    rule: 'An answer breaks the silence: only checks missed in a row count against a transfer.',
    section: 'design §10',
    change: {
      file: 'machines/rules/acknowledgements.ts',
      find: 'missedQuorumChecks: 0',
      replace: 'missedQuorumChecks: follower.missedQuorumChecks',
    },
    killer: { test: 'test/rules/acknowledgements.test.ts' },
  },
  {
    id: 'reader-finished-transfer-holds-the-log',
    rule: 'A transfer ends with its last answer, and the log is no longer kept for it.',
    section: '§7; design §10',
    change: {
      file: 'machines/rules/acknowledgements.ts',
      find: '{ ...withMatch(state, heard, transfer.index), transfer: null }',
      replace: 'withMatch(state, heard, transfer.index)',
    },
    killer: { test: 'test/rules/replication.test.ts' },
  },
  {
    id: 'reader-transfer-that-continues-is-replaced',
    rule: 'A transfer goes on while the log begins right behind its snapshot.',
    section: '§7; design §12',
    change: {
      file: 'machines/rules/snapshots.ts',
      find: 'transfer.index < log.base.index',
      replace: 'transfer.index <= log.base.index',
    },
    killer: { test: 'test/rules/snapshots.test.ts' },
  },
  {
    id: 'reader-log-is-small-by-either-bound',
    rule: 'The log is kept for transfers while it is small both in entries and in bytes.',
    section: 'design §10',
    change: {
      file: 'machines/rules/snapshots.ts',
      find: 'KEPT_THRESHOLDS_MAX * parameters.snapshotAfterEntries &&',
      replace: 'KEPT_THRESHOLDS_MAX * parameters.snapshotAfterEntries ||',
    },
    killer: { test: 'test/rules/snapshots.test.ts' },
  },
  {
    id: 'reader-overtaken-snapshot-was-the-last',
    rule: 'A server whose snapshot was overtaken by an installed one takes others later.',
    section: '§7',
    change: {
      file: 'machines/rules/snapshots.ts',
      find: "decide(idle, [{ type: 'discardSnapshot'",
      replace: "decide(state, [{ type: 'discardSnapshot'",
    },
    killer: { test: 'test/rules/snapshots.test.ts' },
  },
  {
    id: 'reader-clock-anew-with-each-write',
    rule: 'Cluster time counts from one moment, and does not stand still during a write.',
    section: 'thesis §6.3; design §7',
    change: {
      file: 'machines/rules/leadership.ts',
      find: 'leadership.clock ?? { now, time',
      replace: '{ now, time',
    },
    killer: { test: 'test/rules/leadership.test.ts' },
  },
  {
    id: 'reader-hand-over-to-one-that-lost-entries',
    rule: 'Leadership is not transferred to a follower that has lost entries.',
    section: 'thesis §3.10; design §4',
    change: {
      file: 'machines/rules/leadership.ts',
      find: 'const [successor] = reliableFollowers(state)\n',
      replace: 'const [successor] = leadershipOf(state).followers\n',
    },
    killer: { test: 'test/rules/unreliable.test.ts' },
  },
  {
    id: 'reader-resigned-leader-hears-itself',
    rule: 'A leader that no majority answers no longer hears from itself either.',
    section: 'thesis §4.2.3, §6.2',
    change: {
      file: 'machines/rules/leadership.ts',
      find: '...state, heardLeader: null, leadership: null',
      replace: '...state, leadership: null',
    },
    killer: { test: 'test/rules/leadership.test.ts' },
  },
  {
    id: 'reader-lost-window-keeps-its-bytes',
    rule: 'When the actor backs up, nothing is in flight: the window’s bytes are free again.',
    section: 'thesis §10.2.2',
    change: {
      file: 'machines/rules/progress.ts',
      find: 'nextIndex, window: [], bytesInFlight: 0, overlap: null }',
      replace: 'nextIndex, window: [], overlap: null }',
    },
    killer: { test: 'test/rules/progress.test.ts' },
  },
  {
    id: 'reader-offer-keeps-the-window',
    rule: 'What was in flight before a snapshot takes no room in the window after it.',
    section: '§7; thesis §10.2.2',
    change: {
      file: 'machines/rules/progress.ts',
      find: 'transfer, window: [], bytesInFlight: 0, overlap: null }',
      replace: 'transfer, overlap: null }',
    },
    killer: { test: 'test/rules/progress.test.ts' },
  },
  {
    id: 'reader-position-moves-with-each-heartbeat',
    rule: 'An answer to any probe from the current position counts, even if others were sent after it.',
    section: '§5.3',
    change: {
      file: 'machines/rules/progress.ts',
      find: 'progress.since === null ? { ...progress, since: requestId } : progress',
      replace: '({ ...progress, since: requestId })',
    },
    killer: { test: 'test/rules/progress.test.ts' },
  },
  {
    id: 'reader-repeated-chunk-forgets-its-first-copy',
    rule: 'An answer to any copy of a chunk counts: a slow link is not a dead one.',
    section: '§7; Figure 13',
    change: {
      file: 'machines/replication.ts',
      find: "entry: 'askForChunk',",
      replace: "entry: ['resetMode', 'askForChunk'],",
    },
    killer: { test: 'test/machines/replication.test.ts' },
  },
  {
    id: 'reader-halted-follower-hears-nothing',
    rule: 'A follower that has lost entries gets heartbeats, even when the log was compacted.',
    section: '§5.2; design §4',
    change: {
      file: 'machines/rules/replication.ts',
      find: 'if (isCompacted && !follower.hasLostEntries)',
      replace: 'if (isCompacted)',
    },
    killer: { test: 'test/rules/replication.test.ts' },
  },
  {
    id: 'reader-window-is-never-used-up',
    rule: 'The batches of one turn share the bytes that the window has left.',
    section: 'thesis §10.2.2; design §15',
    change: {
      file: 'machines/rules/replication.ts',
      find: 'bytesLeft -= bytes;',
      replace: '',
    },
    killer: { test: 'test/rules/replication.test.ts' },
  },
  {
    id: 'reader-envelope-is-free',
    rule: 'The bound on uncommitted entries includes their envelopes: empty commands cost something, too.',
    section: 'design §10, §15',
    change: {
      file: 'machines/rules/proposals.ts',
      find: 'room -= entryBytes(proposal);',
      replace: 'room -= proposal.bytes.byteLength;',
    },
    killer: { test: 'test/rules/proposals.test.ts' },
  },
  {
    id: 'reader-heartbeat-takes-no-position',
    rule: 'A refused heartbeat shows a loss, even before anything was sent from this position.',
    section: '§5.3; design §4',
    change: {
      file: 'machines/replication.ts',
      find: "  entry: 'resetMode',\n  on: {\n    'heartbeat.sent': { actions: withEvent('recordModeStart') },",
      replace: "  entry: 'resetMode',\n  on: {",
    },
    killer: { test: 'test/machines/replication.test.ts' },
  },
  {
    id: 'reader-check-counts-from-the-last-echo',
    rule: 'A quorum check counts only echoes of requests sent after the previous check.',
    section: 'thesis §6.2; design §3',
    change: {
      file: 'machines/rules/leadership.ts',
      find: 'followers, checkedAt: state.requestId',
      replace:
        'followers, checkedAt: Math.min(...followers.map((each) => each.lastAcknowledgedRequest))',
    },
    killer: { test: 'test/rules/leadership.test.ts' },
  },
  {
    id: 'reader-read-is-confirmed-from-before-it',
    rule: 'A heartbeat that was sent before a read was accepted does not confirm it.',
    section: '§8; thesis §6.4',
    change: {
      file: 'machines/rules/reads.ts',
      find: 'index, requestId: state.requestId }',
      replace: 'index, requestId: acknowledgedByQuorum(state) }',
    },
    killer: { test: 'test/rules/reads.test.ts' },
  },
  {
    id: 'reader-probe-hears-old-refusals',
    rule: 'A refusal from another position, late or repeated, does not move the probe.',
    section: '§5.3; design §4',
    change: {
      file: 'machines/replication.ts',
      find: `        guard: withEvent('answersThisMode'),
        target: 'probe',`,
      replace: `        target: 'probe',`,
    },
    killer: { test: 'test/machines/replication.test.ts' },
  },
];

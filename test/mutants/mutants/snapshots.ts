/** Snapshots: received, taken, restored (§7; Figure 13). */
import { mutantsOf } from '../rows.ts';

const install = {
  file: 'machines/rules/install-snapshot.ts',
  test: 'test/rules/install-snapshot.test.ts',
};
const own = { file: 'machines/rules/snapshots.ts', test: 'test/rules/snapshots.test.ts' };
const start = { file: 'machines/rules/state.ts', test: 'test/rules/snapshots.test.ts' };
const log = { file: 'machines/rules/log.ts', test: 'test/rules/log.test.ts' };
const applier = { file: 'src/host/applier.ts', test: 'test/host/applying.test.ts' };
const engine = { file: 'src/host/engine.ts', test: 'test/host/applying.test.ts' };

export const received = mutantsOf(install, [
  {
    id: 'installed-without-commit',
    rule: 'The commit index rises to the snapshot that was installed.',
    section: 'Figure 13',
    bug: 'raft-java #60, jraft #1092',
    find: 'incoming: null, log, snapshot, commitIndex: index },',
    replace: 'incoming: null, log, snapshot },',
  },
  {
    id: 'chunk-at-any-offset',
    rule: 'A chunk is accepted only at the transfer’s current offset.',
    section: 'Figure 13',
    find: 'return offset === incomingOf(state).nextOffset;',
    replace: 'return offset >= 0;',
  },
  {
    id: 'transfer-of-another-leader-goes-on',
    rule: 'The transfer of another leader or term begins anew.',
    section: 'Figure 13',
    find: 'if (isSame && incoming.from === from && incoming.term === term) return',
    replace: 'if (isSame) return',
  },
  {
    id: 'chunk-stored-twice',
    rule: 'A chunk that arrives again while it is stored is not stored again.',
    section: 'Figure 13',
    test: 'test/machines/incoming-snapshot.test.ts',
    find: 'return incomingOf(state).storing !== null;',
    replace: 'return incomingOf(state).storing === -1;',
  },
  {
    id: 'damaged-snapshot-goes-on',
    rule: 'A snapshot whose digest is wrong begins anew.',
    section: 'design §10',
    find: 'const rejected = andThen(discard(state, incoming.snapshot.id), (next) =>',
    replace: 'const rejected = andThen(decide(state), (next) =>',
  },
  {
    id: 'installed-without-restoring',
    rule: 'An installation replaces the state of the state machine.',
    section: 'Figure 13',
    find: "decide(next, [{ type: 'restore', snapshot }])",
    replace: 'decide(next)',
  },
]);

export const taken = [
  ...mutantsOf(own, [
    {
      id: 'log-cut-under-a-transfer',
      rule: 'The log keeps what followers need behind the snapshot they are getting.',
      section: '§7',
      find: 'Math.min(trailing, writes.durableIndex, ...transfers)',
      replace: 'Math.min(trailing, writes.durableIndex)',
    },
    {
      id: 'older-snapshot-comes-into-force',
      rule: "The snapshot's index never falls.",
      section: '§7',
      find: 'if (snapshot.index <= (state.snapshot?.index ?? 0)) {',
      replace: 'if (snapshot.index < 0) {',
    },
    {
      id: 'snapshot-whatever-the-last-one-was',
      rule: 'A snapshot is due when the log is some times as large as the last one.',
      section: 'thesis §5.1.3',
      find: 'snapshotAfterTimes * last.sizeBytes',
      replace: '0',
    },
    {
      id: 'snapshots-of-a-tiny-state-all-the-time',
      rule: 'A tiny state is not written again and again: the log has to have some bytes first.',
      section: 'design §15',
      find: 'Math.max(snapshotAfterBytesMin, several)',
      replace: 'several',
    },
    {
      id: 'no-snapshot-of-a-huge-state',
      rule: 'A huge state does not let the log grow without bound.',
      section: 'design §10',
      find: 'Math.min(snapshotAfterBytes, Math.max(snapshotAfterBytesMin, several))',
      replace: 'Math.max(snapshotAfterBytesMin, several)',
    },
    {
      id: 'log-kept-by-the-size-of-the-snapshot-before',
      rule: 'How much of the log is kept for transfers depends on the snapshot that was just taken.',
      section: 'design §10',
      find: 'KEPT_THRESHOLDS_MAX * dueAfterBytes(parameters, snapshot)',
      replace: 'KEPT_THRESHOLDS_MAX * dueAfterBytes(parameters, state.snapshot)',
    },
    {
      id: 'two-snapshots-at-once',
      rule: 'One snapshot is taken at a time.',
      section: '§7',
      find: 'return !isTakingSnapshot && lastApplied >',
      replace: 'return lastApplied >',
    },
    {
      id: 'snapshot-of-nothing-new',
      rule: 'A snapshot holds more than the previous one, and no state that is being replaced.',
      section: '§7',
      find: 'lastApplied > (snapshot?.index ?? 0);',
      replace: 'lastApplied >= 0;',
    },
  ]),
  ...mutantsOf(log, [
    {
      id: 'uncommitted-configuration-in-the-base',
      rule: 'A compacted log keeps the configuration as of its base, not the latest.',
      section: '§7',
      bug: 'openraft #1808',
      find: 'const configuration = this.configurationAt(index);',
      replace: 'const { configuration } = this;',
    },
    {
      id: 'settings-lost-by-compaction',
      rule: 'A compacted log keeps the settings as of its base.',
      section: 'thesis §6.3',
      find: 'settings: this.settingsAt(index) };',
      replace: 'settings: this.base.settings };',
    },
    {
      id: 'entry-at-the-base-stays',
      rule: 'Compaction takes what the snapshot holds, the last entry included.',
      section: '§7',
      find: 'const start = this.#offset(index + 1);',
      replace: 'const start = this.#offset(index);',
    },
  ]),
];

export const restarted = [
  ...mutantsOf(start, [
    {
      id: 'restart-commits-nothing',
      rule: 'After a restart, what the snapshot holds is committed.',
      section: '§7',
      bug: 'raft-java #60, nats #8321',
      find: 'Math.min(Math.max(stored.commitIndex, applied), log.lastIndex)',
      replace: 'Math.min(stored.commitIndex, log.lastIndex)',
    },
    {
      id: 'restart-trusts-the-hint',
      rule: 'The commit index on disk is a hint, never above the log.',
      section: 'design §6',
      find: 'Math.min(Math.max(stored.commitIndex, applied), log.lastIndex)',
      replace: 'Math.max(stored.commitIndex, applied)',
    },
    {
      id: 'restart-forgets-the-term',
      rule: 'A restarted server still has its term.',
      section: '§5.1',
      test: 'test/host/applying.test.ts',
      find: '    currentTerm: term,\n',
      replace: '    currentTerm: 0,\n',
    },
  ]),
  ...mutantsOf(engine, [
    {
      id: 'snapshot-not-reloaded',
      rule: 'A restarted server has the state of its snapshot.',
      section: '§7',
      bug: 'TestSnapshotInit2D',
      find: 'if (snapshot !== null) this.#restore(snapshot);',
      replace: 'if (snapshot !== null && commitIndex < 0) this.#restore(snapshot);',
    },
    {
      id: 'restart-applies-nothing',
      rule: 'A restarted server applies what it knows to be committed.',
      section: '§5.3',
      find: 'if (commitIndex > lastApplied) {',
      replace: 'if (commitIndex < 0) {',
    },
    {
      id: 'uncommitted-configuration-in-the-snapshot',
      rule: 'A snapshot has the configuration as of its last entry.',
      section: '§7',
      bug: 'openraft #1808',
      find: 'const configuration = log.configurationAt(index);',
      replace: 'const { configuration } = log;',
    },
  ]),
  ...mutantsOf(applier, [
    {
      id: 'restore-overtakes-the-queue',
      rule: 'A snapshot replaces the state after everything that waits to be applied.',
      section: 'Figure 13',
      bug: 'NuRaft #407',
      find: '    this.#restores += 1;\n    this.#add(restore);',
      replace: '    this.#restores += 1;\n    this.#restore(restore);',
    },
    {
      id: 'read-during-a-restore',
      rule: 'Nothing is read while a snapshot replaces the state.',
      section: '§8',
      find: 'if (this.#last.index >= index && this.#restores === 0) callback();',
      replace: 'if (this.#last.index >= index) callback();',
    },
    {
      id: 'read-before-it-is-applied',
      rule: 'A read waits until the state reflects its index.',
      section: '§8',
      test: 'test/host/calls.test.ts',
      find: 'if (this.#last.index >= index && this.#restores === 0) callback();',
      replace: 'if (this.#restores === 0) callback();',
    },
  ]),
];

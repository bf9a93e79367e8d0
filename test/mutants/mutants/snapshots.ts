/** Snapshots: received, taken, restored (§7; Figure 13), and reads beside them (§8). */
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
const desk = { file: 'src/host/snapshot-desk.ts', test: 'test/host/sessions.test.ts' };
const table = { file: 'src/host/session-table.ts', test: 'test/host/sessions.test.ts' };

export const received = mutantsOf(install, [
  {
    id: 'installed-without-commit',
    rule: 'The commit index rises to the snapshot that was installed.',
    section: 'Figure 13',
    bug: 'raft-java #60, jraft #1092',
    find: '{ ...state, log, snapshot, commitIndex: index },',
    replace: '{ ...state, log, snapshot },',
  },
  {
    id: 'chunk-at-any-offset',
    rule: 'A chunk is taken only where the transfer stands.',
    section: 'Figure 13',
    find: 'if (offset !== incoming.nextOffset) {',
    replace: 'if (offset < 0) {',
  },
  {
    id: 'transfer-of-another-leader-goes-on',
    rule: 'The transfer of another leader or term begins anew.',
    section: 'Figure 13',
    find: 'incoming?.snapshot.id === snapshot.id && incoming.from === from && incoming.term === term;',
    replace: 'incoming?.snapshot.id === snapshot.id;',
  },
  {
    id: 'chunk-stored-twice',
    rule: 'A chunk that arrives again while it is stored is not stored again.',
    section: 'Figure 13',
    find: '  if (incoming.storing !== null) return decide(heard, discards);\n',
    replace: '',
  },
  {
    id: 'damaged-snapshot-goes-on',
    rule: 'A snapshot whose digest is wrong begins anew.',
    section: 'design §10',
    find: 'const answered = answerTransfer({ ...state, incoming: null }, incoming, number, {\n    nextOffset: 0,',
    replace: 'const answered = answerTransfer(state, incoming, number, {\n    nextOffset: 0,',
  },
  {
    id: 'installed-without-restoring',
    rule: 'An installation replaces the state of the state machine.',
    section: 'Figure 13',
    find: "    { type: 'restore', snapshot },\n",
    replace: '',
  },
]);

export const taken = [
  ...mutantsOf(own, [
    {
      id: 'log-cut-under-a-transfer',
      rule: 'The log keeps what followers need behind the snapshot they are getting.',
      section: '§7',
      find: 'Math.min(trailing, ...transfers)',
      replace: 'trailing',
    },
    {
      id: 'older-snapshot-comes-into-force',
      rule: "The snapshot's index never falls.",
      section: '§7',
      find: 'if (snapshot.index <= (state.snapshot?.index ?? 0)) {',
      replace: 'if (snapshot.index < 0) {',
    },
    {
      id: 'two-snapshots-at-once',
      rule: 'One snapshot is taken at a time.',
      section: '§7',
      find: 'if (isTakingSnapshot || lastApplied <= since) return false;',
      replace: 'if (lastApplied <= since) return false;',
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
      rule: 'A restarted server has the term that it had.',
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
      find: '    if (snapshot !== null) {\n      this.applier.restore',
      replace: '    if (snapshot !== null && commitIndex < 0) {\n      this.applier.restore',
    },
    {
      id: 'restart-applies-nothing',
      rule: 'A restarted server applies what it knows to be committed.',
      section: '§5.3',
      find: 'if (commitIndex > lastApplied) this.applier.apply(',
      replace: 'if (commitIndex < 0) this.applier.apply(',
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
      rule: 'A snapshot replaces the state behind what waits to be applied.',
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

export const sessionsInSnapshots = [
  ...mutantsOf(desk, [
    {
      id: 'sessions-left-out-of-the-snapshot',
      rule: 'A snapshot holds the sessions.',
      section: 'thesis §6.3',
      bug: 'curvine #676, RATIS-1873',
      find: 'sessions: sessions.encode() }',
      replace: 'sessions: new Uint8Array(0) }',
    },
    {
      id: 'sessions-not-restored',
      rule: 'Sessions are restored with the snapshot.',
      section: 'thesis §6.3',
      bug: 'iggy #3934',
      find: '        sessions.restore(header.sessions, header.settings);\n',
      replace: '',
    },
    {
      id: 'snapshot-digest-not-checked',
      rule: 'A received snapshot is checked before it counts.',
      section: 'design §10',
      test: 'test/host/applying.test.ts',
      find: 'const isSound = !isLast || this.#incoming.digest.finish();',
      replace: 'const isSound = !isLast || this.#incoming.digest.finish() || true;',
    },
    {
      id: 'another-snapshot-in-its-place',
      rule: 'A snapshot that is not the one in force stops the server.',
      section: 'design §10',
      test: 'test/host/applying.test.ts',
      find: 'if (header.index !== snapshot.index || header.term !== snapshot.term) {',
      replace: 'if (header.index < 0) {',
    },
  ]),
  ...mutantsOf(table, [
    {
      id: 'settings-not-restored',
      rule: 'The settings of sessions are restored with the snapshot.',
      section: 'thesis §6.3',
      find: '    this.settings = settings;\n    this.#sessions = new Map(',
      replace: '    this.#sessions = new Map(',
    },
    {
      id: 'answer-not-kept',
      rule: 'The answer to a command is kept for a repeat.',
      section: '§8',
      bug: 'curvine #676',
      find: '    this.#use(session, withAnswer(session, answer));\n',
      replace: '',
    },
    {
      id: 'session-in-use-expires',
      rule: 'A session in use does not expire.',
      section: 'thesis §6.3',
      find: 'if (session !== undefined) this.#use(session, touched(session, command, time));',
      replace: '',
    },
  ]),
];

export const reads = [
  ...mutantsOf({ file: 'machines/rules/reads.ts', test: 'test/rules/reads.test.ts' }, [
    {
      id: 'read-confirmed-by-an-earlier-round',
      rule: 'Only an answer to what was asked after the read confirms it.',
      section: 'thesis §6.4',
      bug: 'd-engine #381, etcd #20418',
      find: 'const read: PendingRead = { ids, index, number: state.number };',
      replace: 'const read: PendingRead = { ids, index, number: leadership.checkedAt };',
    },
    {
      id: 'read-before-its-index-is-committed',
      rule: 'A read is answered when its index is committed.',
      section: 'thesis §6.4',
      bug: 'etcd #7331, tikv #6340',
      find: 'echoed > read.number && state.commitIndex >= read.index',
      replace: 'echoed > read.number',
    },
    {
      id: 'read-answered-twice',
      rule: 'A read is answered once.',
      section: '§8',
      find: 'leadership.reads.filter((read) => !isReady(read))',
      replace: 'leadership.reads.filter((read) => read.ids.length > 1_000 || isReady(read))',
    },
    {
      id: 'read-without-a-round',
      rule: 'A read begins a round of heartbeats.',
      section: 'thesis §6.4',
      find: 'return decide(state, [], tells);',
      replace: 'return decide(state, [], tells.slice(0, 0));',
    },
  ]),
  ...mutantsOf({ file: 'src/host/queries.ts', test: 'test/host/calls.test.ts' }, [
    {
      id: 'confirmed-read-waits-for-nothing',
      rule: 'A confirmed read is answered from state that reflects its index.',
      section: 'thesis §6.4',
      find: 'this.#options.whenApplied(index, () => {\n      for (const query of this.#taken(reads))',
      replace:
        'this.#options.whenApplied(0 * index, () => {\n      for (const query of this.#taken(reads))',
    },
  ]),
];

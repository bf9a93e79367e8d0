/** What a snapshot holds beside the state, and reads without a log entry (§8; thesis §6.3, §6.4). */
import { mutantsOf } from '../rows.ts';

const transfers = { file: 'src/host/snapshot-transfers.ts', test: 'test/host/sessions.test.ts' };
const table = { file: 'src/host/session-table.ts', test: 'test/host/sessions.test.ts' };

export const sessionsInSnapshots = [
  ...mutantsOf(transfers, [
    {
      id: 'sessions-left-out-of-the-snapshot',
      rule: 'A snapshot holds the sessions.',
      section: 'thesis §6.3',
      bug: 'curvine #676, RATIS-1873',
      find: 'sessions: sessions.encode(),',
      replace: 'sessions: new Uint8Array(0),',
    },
    {
      id: 'sessions-not-restored',
      rule: 'Sessions are restored with the snapshot.',
      section: 'thesis §6.3',
      bug: 'iggy #3934',
      find: '      sessions.restore(header.sessions, header.settings);\n',
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
      test: 'test/host/session-table.test.ts',
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
      rule: 'Only an answer to a request sent after the read confirms it.',
      section: 'thesis §6.4',
      bug: 'd-engine #381, etcd #20418',
      find: 'const read: PendingRead = { ids, index, requestId: state.requestId };',
      replace: 'const read: PendingRead = { ids, index, requestId: leadership.checkedAt };',
    },
    {
      id: 'read-before-its-index-is-committed',
      rule: 'A read is answered when its index is committed.',
      section: 'thesis §6.4',
      bug: 'etcd #7331, tikv #6340',
      find: 'echoed > read.requestId && state.commitIndex >= read.index',
      replace: 'echoed > read.requestId',
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

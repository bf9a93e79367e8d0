/** Writes that are dropped, or that come behind what promises them (§5.1; design §5). */
import { mutantsOf } from '../rows.ts';

const terms = { file: 'machines/rules/terms.ts', test: 'test/rules/terms.test.ts' };
const votes = { file: 'machines/rules/request-vote.ts', test: 'test/rules/request-vote.test.ts' };
const append = {
  file: 'machines/rules/append-entries.ts',
  test: 'test/rules/append-entries.test.ts',
};
const install = {
  file: 'machines/rules/install-snapshot.ts',
  test: 'test/rules/install-snapshot.test.ts',
};
const snapshots = { file: 'machines/rules/snapshots.ts', test: 'test/rules/snapshots.test.ts' };

export const droppedWrites = [
  ...mutantsOf(terms, [
    {
      id: 'adopted-term-not-persisted',
      rule: 'A term that was adopted is written.',
      section: '§5.1',
      bug: 'seaweedfs/raft #9',
      find: 'const adopted = persistTerm({',
      replace: 'const adopted = decide({',
    },
  ]),
  ...mutantsOf(votes, [
    {
      id: 'vote-not-persisted',
      rule: 'A vote is written.',
      section: '§5.2',
      bug: 'cornerstone #65',
      find: ': persistTerm({ ...state, votedFor: request.from });',
      replace: ': decide({ ...state, votedFor: request.from });',
    },
    {
      id: 'own-vote-not-persisted',
      rule: "A candidate's term and its vote for itself are written.",
      section: '§5.2',
      find: 'const voted = persistTerm({\n    ...state,\n    requestId,',
      replace: 'const voted = decide({\n    ...state,\n    requestId,',
    },
  ]),
  ...mutantsOf(append, [
    {
      id: 'new-entries-not-persisted',
      rule: 'Entries that continue the log are written.',
      section: '§5.3',
      find: "return append(state, entries, 'leader');",
      replace: 'return decide({ ...state, log: log.append(entries) });',
    },
    {
      id: 'replaced-entries-not-persisted',
      rule: 'Entries that replace others are written.',
      section: '§5.3',
      find: "append(state, entries, 'leader', from)",
      replace: 'decide({ ...state, log: log.truncateFrom(from).append(entries) })',
    },
    {
      id: 'truncation-not-persisted',
      rule: 'What was cut off in memory is also cut off on disk.',
      section: '§5.3',
      bug: 'mofa #1151',
      find: "append(state, entries, 'leader', from)",
      replace: "append({ ...state, log: log.truncateFrom(from) }, entries, 'leader')",
    },
  ]),
  ...mutantsOf({ file: 'machines/rules/proposals.ts', test: 'test/rules/proposals.test.ts' }, [
    {
      id: 'proposals-not-persisted',
      rule: 'What a leader appends for its clients is written.',
      section: '§5.3',
      find: "append(next, entries, 'clients')",
      replace: 'decide({ ...next, log: next.log.append(entries) })',
    },
    {
      id: 'what-is-not-written-is-unbounded',
      rule: 'What a leader has not yet written counts as uncommitted, though others have committed it.',
      section: 'thesis §10.2.1',
      find: 'Math.min(commitIndex, writes.durableIndex)',
      replace: 'commitIndex',
    },
  ]),
  ...mutantsOf({ file: 'machines/rules/leadership.ts', test: 'test/rules/leadership.test.ts' }, [
    {
      id: 'empty-entry-not-persisted',
      rule: 'The empty entry of a new leader is written.',
      section: '§8',
      find: "return append(leading, entries, 'election');",
      replace: 'return decide({ ...leading, log: log.append(entries) });',
    },
  ]),
  ...mutantsOf(install, [
    {
      id: 'installation-not-persisted',
      rule: 'A snapshot that was received comes into force by a write.',
      section: 'Figure 13',
      find: 'const installed = persist(\n    { ...state, incoming: null, log, snapshot, commitIndex: index },\n    { truncateFrom, base: log.base, snapshot },\n  );',
      replace:
        'const installed = decide({ ...state, incoming: null, log, snapshot, commitIndex: index });',
    },
    {
      id: 'installation-keeps-conflicts-on-disk',
      rule: 'What conflicts with a received snapshot is cut off on disk, too.',
      section: 'Figure 13',
      bug: 'openraft #1808',
      find: 'state.log.holds(snapshot) ? null : state.commitIndex + 1',
      replace: 'null',
    },
  ]),
  ...mutantsOf(snapshots, [
    {
      id: 'own-snapshot-not-persisted',
      rule: "A server's own snapshot comes into force by a write.",
      section: '§7',
      find: 'persist({ ...idle, log, snapshot }, { snapshot, base })',
      replace: 'decide({ ...idle, log, snapshot })',
    },
    {
      id: 'log-cut-before-it-is-written',
      rule: 'What is still being written stays in the log, and counts there.',
      section: '§7',
      find: 'Math.min(trailing, writes.durableIndex, ...transfers)',
      replace: 'Math.min(trailing, ...transfers)',
    },
    {
      id: 'log-cut-without-snapshot',
      rule: 'The log is cut by the write that has the snapshot, not before.',
      section: '§7',
      bug: 'redisraft #43, hashicorp/raft #85',
      find: 'persist({ ...idle, log, snapshot }, { snapshot, base })',
      replace: 'persist({ ...idle, log, snapshot }, { base })',
    },
    {
      id: 'snapshot-without-log-cut',
      rule: 'The write that has the snapshot cuts the log.',
      section: '§7',
      bug: 'dgraph #1152',
      find: 'persist({ ...idle, log, snapshot }, { snapshot, base })',
      replace: 'persist({ ...idle, log, snapshot }, { snapshot })',
    },
  ]),
];

export const lateWrites = [
  ...mutantsOf({ ...votes, test: 'test/host/durability.test.ts' }, [
    {
      id: 'vote-sent-before-its-write',
      rule: 'A vote is sent after the write that holds it.',
      section: '§5.2',
      bug: 'seaweedfs/raft #9',
      test: 'test/rules/request-vote.test.ts',
      find: 'answerVote(next, request, true)',
      replace: 'answerVote(state, request, true)',
    },
    {
      id: 'campaign-sent-before-its-write',
      rule: 'A candidate asks for votes after the write of its own vote.',
      section: '§5.2',
      find: 'const { decided: writeId } = next.writes;',
      replace: 'const { decided: writeId } = state.writes;',
    },
    {
      id: 'own-vote-before-its-write',
      rule: "A candidate's own vote counts after its write.",
      section: '§5.2',
      bug: 'd-engine #446',
      test: 'test/rules/request-vote.test.ts',
      find: '      votes: [],\n      refusedBy: [],\n      writeId,',
      replace: '      votes: [state.id],\n      refusedBy: [],\n      writeId,',
    },
  ]),
  ...mutantsOf({ ...append, test: 'test/host/durability.test.ts' }, [
    {
      id: 'entries-acknowledged-before-their-write',
      rule: 'Entries are acknowledged after the write that holds them.',
      section: '§5.3',
      find: 'state.writes.ofTerm : state.writes.decided;',
      replace: 'state.writes.ofTerm : state.writes.durable;',
    },
  ]),
  ...mutantsOf({ ...install, test: 'test/host/durability.test.ts' }, [
    {
      id: 'installation-answered-before-its-write',
      rule: 'An installation is answered after its write.',
      section: 'Figure 13',
      find: 'explained(andThen(restored, answerDone), ',
      replace:
        'explained(andThen(restored, (next) => answerDone({ ...next, writes: state.writes })), ',
    },
  ]),
  ...mutantsOf({ ...terms, test: 'test/rules/terms.test.ts' }, [
    {
      id: 'refusal-sent-before-the-term',
      rule: 'A refusal carries a term only after the write that holds it.',
      section: '§5.1',
      find: 'afterWrite: state.writes.decided',
      replace: 'afterWrite: state.writes.durable',
    },
  ]),
  ...mutantsOf({ file: 'machines/rules/leadership.ts', test: 'test/rules/leadership.test.ts' }, [
    {
      id: 'leader-counts-itself-before-its-disk',
      rule: 'A leader counts itself for what its own disk has.',
      section: 'thesis §10.2.1',
      bug: 'etcd #14370',
      find: 'Math.max(leadership.ownMatchIndex, state.writes.durableIndex)',
      replace: 'Math.max(leadership.ownMatchIndex, state.log.lastIndex)',
    },
  ]),
];

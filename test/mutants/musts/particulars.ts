/** What the sentences of the design say beside their main clause. */
import type { MustSection } from '../must.ts';

export const particulars: MustSection = {
  title: 'In particular',
  musts: [
    {
      must: 'A vote refused while we hear from a leader is refused with our own term.',
      file: 'machines/rules/request-vote.ts',
      find: '    term: state.currentTerm,\n    requestTerm: request.term,',
      replace: '    term: request.term,\n    requestTerm: request.term,',
      test: 'test/machines/gate.test.ts',
    },
    {
      must: 'The answer to a pre-vote echoes the term proposed, and counts for no other.',
      file: 'machines/rules/request-vote.ts',
      find: 'response.requestId === requestId && response.proposedTerm === term',
      replace: 'response.requestId === requestId',
      test: 'test/rules/request-vote.test.ts',
    },
    {
      must: 'Granting a pre-vote writes nothing.',
      file: 'machines/rules/request-vote.ts',
      find: "return decide(state, [{ type: 'send', message, afterWrite: 0 }]);",
      replace:
        'const { effects } = persistTerm(state);\n' +
        "  return decide(state, [...effects, { type: 'send', message, afterWrite: 0 }]);",
      test: 'test/rules/request-vote.test.ts',
    },
    {
      must: 'Pre-votes wait for no write.',
      file: 'machines/rules/request-vote.ts',
      find: "message: { type: 'PreVote', to, ...request }, afterWrite: 0 }",
      replace: "message: { type: 'PreVote', to, ...request }, afterWrite: state.writes.decided }",
      test: 'test/host/durability.test.ts',
    },
    {
      must: 'Answers to pre-votes wait for no write.',
      file: 'machines/rules/request-vote.ts',
      find: "return decide(state, [{ type: 'send', message, afterWrite: 0 }]);",
      replace:
        "return decide(state, [{ type: 'send', message, afterWrite: state.writes.decided }]);",
      test: 'test/host/durability.test.ts',
    },
    {
      must: '`TimeoutNow` waits for no write.',
      file: 'machines/rules/leadership.ts',
      find: "[{ type: 'send', message, afterWrite: 0 }]",
      replace: "[{ type: 'send', message, afterWrite: state.writes.decided }]",
      test: 'test/host/durability.test.ts',
    },
    {
      must: "A client's answer never waits for this server's own disk.",
      file: 'machines/rules/commitment.ts',
      find: 'return isOfOwnTerm ? stored : state.commitIndex;',
      replace:
        'const own = Math.max(state.commitIndex, leadershipOf(state).ownMatchIndex);\n' +
        '  return isOfOwnTerm ? Math.min(stored, own) : state.commitIndex;',
      test: 'test/host/durability.test.ts',
    },
    {
      must: 'Answers of servers that are no members count for nothing.',
      file: 'machines/rules/acknowledgements.ts',
      find:
        '  if (follower === undefined) return decide(state);\n' +
        '  const heard = heardFrom(follower, response);\n  return response.success',
      replace:
        '  if (follower === undefined) return decide({ ...state, heardLeader: response.from });\n' +
        '  const heard = heardFrom(follower, response);\n  return response.success',
      test: 'test/rules/acknowledgements.test.ts',
    },
    {
      must: 'An answer about a transfer that is over still confirms reads.',
      file: 'machines/rules/acknowledgements.ts',
      find: 'return decide(withFollower(state, heard));',
      replace: 'return decide(state);',
      test: 'test/rules/replication.test.ts',
    },
    {
      must: 'A chunk that finishes late, of another transfer, is ignored.',
      file: 'machines/rules/install-snapshot.ts',
      find: 'return snapshot.id === chunk.snapshotId && storing === chunk.requestId;',
      replace: "return snapshot.id !== '' && storing !== -1 - chunk.requestId;",
      test: 'test/rules/install-snapshot.test.ts',
    },
    {
      must: 'An installation that finishes in a later term is not answered in it.',
      file: 'machines/rules/install-snapshot.ts',
      find: '  if (term !== state.currentTerm) return decide(state);\n',
      replace: '',
      test: 'test/rules/install-snapshot.test.ts',
    },
    {
      must: '`TimeoutNow` is honoured once: a candidate no longer hears from its sender.',
      file: 'machines/server.ts',
      find: '    TimeoutNow: { actions',
      replace: "    TimeoutNow: { target: '.candidate', actions",
      test: 'test/machines/follower.test.ts',
    },
    {
      must: 'An election that a leader wanted says so in its `RequestVote`.',
      file: 'machines/rules/request-vote.ts',
      find: 'state.campaign?.isLeadershipTransfer ?? false',
      replace: 'state.campaign === undefined',
      test: 'test/machines/follower.test.ts',
    },
    {
      must: 'A malformed frame closes the connection.',
      file: 'src/node/peer-connection.ts',
      find: 'this.#writer.write(encodeRefusal(message));\n    this.close();',
      replace: 'this.#writer.write(encodeRefusal(message));',
      test: 'test/contracts/bad-frames.test.ts',
    },
    {
      must: 'A frame of another protocol version is malformed.',
      file: 'src/formats/frame.ts',
      find: 'if (version !== PROTOCOL_VERSION) {',
      replace: 'if (version === undefined) {',
      test: 'test/contracts/frames.test.ts',
    },
    {
      must: 'Messages and snapshots of the first day stay readable.',
      file: 'src/formats/message-frame.ts',
      find: '  TimeoutNow: 9,',
      replace: '  TimeoutNow: 10,',
      test: 'test/contracts/golden-formats.test.ts',
    },
    {
      must: 'A directory of the first day stays readable.',
      file: 'src/node/checked-file.ts',
      find: 'const FORMAT = 1;',
      replace: 'const FORMAT = 2;',
      test: 'test/contracts/golden-storage.test.ts',
    },
    {
      must: 'The simulated network carries encoded frames: servers share nothing.',
      file: 'src/simulation/network.ts',
      find: 'const carried = decodeFrame(encodeFrame(message));',
      replace: "const carried = encodeFrame(message).length > 0 ? message : 'unknown-kind';",
      test: 'test/contracts/simulated-network.test.ts',
    },
    {
      must: 'Cluster time never comes from a wall clock.',
      file: 'src/node/real-time.ts',
      find: 'now: () => performance.now(),',
      replace: 'now: () => Date.now(),',
      test: 'test/contracts/real-time.test.ts',
    },
    {
      must: 'The log begins at index 0, so that index 1 is the first entry of the first leader.',
      file: 'machines/rules/log.ts',
      find: 'return { index: 0, term: 0, time: 0, configuration, settings };',
      replace: 'return { index: 1, term: 0, time: 0, configuration, settings };',
      test: 'test/rules/quorum.test.ts',
    },
    {
      must: 'What a server begins with is durable before it takes part: its identity is synced.',
      file: 'src/node/files.ts',
      find: '    await file.datasync();\n',
      replace: '',
      test: 'test/contracts/storage-damage.test.ts',
      name: 'no crash right after its making',
    },
    {
      must: '… and is written last.',
      file: 'src/node/data-directory.ts',
      find: '  await assertNeverUsed(location);\n  const storageId = nanoid();',
      replace:
        '  const storageId = nanoid();\n' +
        '  await writeIdentity(files, directory, { ...identity, storageId });',
      test: 'test/contracts/storage-damage.test.ts',
      name: 'counts as empty at whatever operation',
    },
    {
      must: 'The cluster id leaves addresses out: a server may move.',
      file: 'src/node/start-server.ts',
      find: 'clusterIdOf(clusterName, Object.keys(cluster))',
      replace: 'clusterIdOf(clusterName, Object.values(cluster))',
      test: 'test/contracts/start-server.test.ts',
    },
    {
      must: '… and is that of the cluster’s name, too.',
      file: 'src/formats/cluster-id.ts',
      find: "'statecraft cluster', clusterName,",
      replace: "'statecraft cluster', clusterName.slice(0, 0),",
      test: 'test/contracts/golden-formats.test.ts',
    },
    {
      must: '`statecraft cluster` bootstraps only if none of its directories exists.',
      file: 'src/cli/cluster-layout.ts',
      find: '  throw disappeared(options.dataDir, missing, present);',
      replace: '  return disappeared(options.dataDir, missing, present) instanceof Error;',
      test: 'test/contracts/cluster-layout.test.ts',
    },
    {
      must: 'Every call has a deadline, 10 seconds unless told otherwise.',
      file: 'src/host/host.ts',
      find: 'const TIMEOUT_MS = 10_000;',
      replace: 'const TIMEOUT_MS = 20_000;',
      test: 'test/host/calls.test.ts',
    },
    {
      must: 'Definitely not applied, over HTTP, is a redirect, a 4xx or a 503 only.',
      file: 'src/service/outcome-to-response.ts',
      find: "if (outcome.outcome === 'refused') throw refusal(context, outcome, target);\n  throw unknown(",
      replace: "if (outcome.outcome === 'unknown') throw stopping(context);\n  throw unknown(",
      test: 'test/contracts/service.test.ts',
    },
    {
      must: 'A session’s id is the index of its opening entry.',
      file: 'src/host/session-table.ts',
      find: 'const session = { id: index,',
      replace: 'const session = { id: index + 1,',
      test: 'test/host/sessions.test.ts',
    },
    {
      must: 'Sessions live in the snapshot.',
      file: 'src/host/session-table.ts',
      find: 'return pack([...this.#sessions.values()]);',
      replace: 'return pack([...this.#sessions.values()].slice(0, 0));',
      test: 'test/host/sessions.test.ts',
    },
    {
      must: 'Reads are batched: one round confirms all that were accepted before it.',
      file: 'machines/leader.ts',
      find: "entry: 'beginRound',",
      replace: "entry: ['beginRound', 'beginRound', 'beginRound', 'beginRound', 'beginRound'],",
      test: 'test/machines/replication-actors.test.ts',
    },
    {
      must: 'Stale reads say that they are.',
      file: 'src/service/key-routes.ts',
      find: '    reply.header(CONSISTENCY_HEADER, consistency);\n',
      replace: '',
      test: 'test/contracts/service.test.ts',
    },
    {
      must: 'What a peer’s directory is, is remembered over a restart.',
      file: 'src/node/checked-file.ts',
      find: '  await files.rename(`${path}.partial`, path);\n',
      replace: '',
      test: 'test/contracts/peer-memory.test.ts',
    },
  ],
};

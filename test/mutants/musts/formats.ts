/** Formats of the first day, identity, time and chance. */
import type { MustSection } from '../must.ts';

export const formats: MustSection = {
  title: 'Formats (§7 of the design)',
  musts: [
    {
      must: 'A server stops at an entry whose type it does not know.',
      file: 'src/host/applier.ts',
      find: "      case 'configuration':\n        return applied(entry, null);\n      default:",
      replace:
        "      case 'configuration':\n      default:\n        return applied(entry, null);\n",
      test: 'test/host/applying.test.ts',
    },
    {
      must: 'Every `apply` sees a command decoded afresh from its bytes.',
      file: 'src/host/applier.ts',
      find: 'stateMachine.apply(commands.decode(bytes), { index, term, time })',
      replace: 'stateMachine.apply(bytes, { index, term, time })',
      test: 'test/host/calls.test.ts',
    },
    {
      must: 'What does not survive a round trip is refused.',
      file: 'src/formats/plain-data.ts',
      find: 'if (value !== undefined) checkPlain(value, root, []);',
      replace: '',
      test: 'test/contracts/plain-data.test.ts',
    },
    {
      must: 'Cluster time never falls.',
      file: 'machines/rules/proposals.ts',
      find: 'Math.max(lastTime, clock.time + Math.floor(now - clock.now))',
      replace: 'clock.time + Math.floor(now - clock.now)',
      test: 'test/rules/proposals.test.ts',
    },
    {
      must: 'Cluster time counts on from the last entry’s time, and is no clock of the leader’s own.',
      file: 'machines/rules/proposals.ts',
      find: 'leadershipOf(state).clock ?? { now, time: lastTime }',
      replace: 'leadershipOf(state).clock ?? { now, time: now }',
      test: 'test/rules/proposals.test.ts',
    },
    {
      must: 'Frames of an unknown kind are dropped, and the connection stays.',
      file: 'src/formats/message-frame.ts',
      find: "return 'unknown-kind';",
      replace: "throw new Error('unknown kind');",
      test: 'test/contracts/frames.test.ts',
    },
    {
      must: 'A frame’s length must fit its bytes.',
      file: 'src/formats/frame.ts',
      find: 'if (declared !== size - LENGTH_BYTES) {',
      replace: 'if (declared < 0) {',
      test: 'test/contracts/bad-frames.test.ts',
    },
    {
      must: 'Terms, indexes and numbers are safe integers from 0 on.',
      file: 'src/formats/fields.ts',
      find: 'Number.isSafeInteger(value)',
      replace: "typeof value === 'number'",
      test: 'test/contracts/frames.test.ts',
    },
    {
      must: '`TimeoutNow` is honoured only by a follower that hears from its sender.',
      file: 'machines/rules/request-vote.ts',
      find: 'return state.leaderId === request.from && isVoter',
      replace: 'return isVoter',
      test: 'test/rules/request-vote.test.ts',
    },
    {
      must: 'Unknown fields are ignored.',
      file: 'src/formats/entry-format.ts',
      find: 'if (!Array.isArray(list)) return',
      replace: 'if (!Array.isArray(list) || list.length > 8) return',
      test: 'test/contracts/frames.test.ts',
    },
    {
      must: 'Entries of a message are contiguous.',
      file: 'src/formats/read-message.ts',
      find: 'if (entry.index !== lastIndex + 1) {',
      replace: 'if (entry.index < 0) {',
      test: 'test/contracts/frames.test.ts',
    },
  ],
};

export const identity: MustSection = {
  title: 'Bootstrap and identity (§8 of the design)',
  musts: [
    {
      must: 'The bootstrap configuration is canonical: ids sorted, all voters.',
      file: 'machines/rules/configuration.ts',
      find: '    .sort()\n    .map((id) => ({ id, peerAddress: peerAddresses[id]',
      replace: '    .map((id) => ({ id, peerAddress: peerAddresses[id]',
      test: 'test/rules/quorum.test.ts',
    },
    {
      must: 'With another list of servers beside the first, both must agree.',
      file: 'machines/rules/quorum.ts',
      find: 'if (configuration.next === null) return current;',
      replace: 'if (current >= 0) return current;',
      test: 'test/rules/quorum.test.ts',
    },
    {
      must: 'The latest configuration in the log counts, committed or not.',
      file: 'machines/rules/log.ts',
      find: 'return this.configurationAt(this.lastIndex);',
      replace: 'return this.base.configuration;',
      test: 'test/rules/log.test.ts',
    },
    {
      must: '… and the one before it when it is truncated.',
      file: 'machines/rules/log.ts',
      find: 'const kept = this.#changes.filter((change) => change.index < from);',
      replace: 'const kept = this.#changes.filter((change) => change.index > 0);',
      test: 'test/rules/log.test.ts',
    },
    {
      must: 'The cluster id does not depend on the order of the ids.',
      file: 'src/formats/cluster-id.ts',
      find: '[...ids].sort()',
      replace: '[...ids]',
      test: 'test/contracts/golden-formats.test.ts',
    },
    {
      must: 'An empty directory is bootstrapped only when asked to.',
      file: 'src/host/host.ts',
      find: 'if (base !== null) return storage.initialise(identity, base);',
      replace: 'if (identity !== null) return storage.initialise(identity, base as never);',
      test: 'test/host/applying.test.ts',
    },
    {
      must: 'Servers of another cluster are refused.',
      file: 'src/node/handshake-refusals.ts',
      find: 'if (clusterId !== own.clusterId) return otherCluster(from, clusterId, own);\n  if (to !== own.id) {',
      replace: 'if (to !== own.id) {',
      test: 'test/contracts/peer-handshake.test.ts',
    },
    {
      must: 'A directory from an older day is refused.',
      file: 'src/node/peer-register.ts',
      find: 'isSameRun || peer.writeNumber >= known.writeNumber',
      replace: 'isSameRun || peer.writeNumber >= 0',
      test: 'test/contracts/bad-frames.test.ts',
    },
    {
      must: '… but not for what was heard after it had been asked.',
      file: 'src/node/peer-register.ts',
      find: 'asked === undefined || peer.writeNumber >= asked.writeNumber',
      replace: 'asked === undefined',
      test: 'test/contracts/older-day.test.ts',
    },
    {
      must: '… nor while it is the same run.',
      file: 'src/node/peer-register.ts',
      find: 'if (isSameRun || peer',
      replace: 'if (peer',
      test: 'test/contracts/older-day.test.ts',
    },
    {
      must: 'A known peer with another storage id is refused.',
      file: 'src/node/peer-register.ts',
      find: 'if (peer.storageId !== known.storageId)',
      replace: 'if (peer.storageId === null)',
      test: 'test/contracts/bad-frames.test.ts',
    },
    {
      must: 'Every server of the bootstrap configuration is a voter.',
      file: 'machines/rules/configuration.ts',
      find: "?? '', votes: true }));",
      replace: "?? '', votes: false }));",
      test: 'test/rules/quorum.test.ts',
    },
  ],
};

export const time: MustSection = {
  title: 'Time and chance (§9 of the design)',
  musts: [
    {
      must: 'What was set first fires first, of two timers of one deadline.',
      file: 'src/simulation/timer-queue.ts',
      find: 'a.deadline === b.deadline && a.order < b.order',
      replace: 'a.deadline === b.deadline && a.order > b.order',
      test: 'test/simulation/virtual-clock.test.ts',
    },
    {
      must: 'The clock stops at each deadline.',
      file: 'src/simulation/timer-queue.ts',
      find: 'return a.deadline < b.deadline ||',
      replace: 'return a.deadline > b.deadline ||',
      test: 'test/simulation/virtual-clock.test.ts',
    },
    {
      must: 'The same seed gives the same trace.',
      file: 'src/simulation/random.ts',
      find: 'next(): number {',
      replace: 'next(): number {\n    if (Math.random() < 0.5) return Math.random();',
      test: 'test/paper/determinism.test.ts',
    },
  ],
};

/** What is counted, closed, sorted and bounded: the smaller print of the formats and of sessions. */
import type { MustSection } from '../must.ts';

export const bounds: MustSection = {
  title: 'Counts and bounds (§7, §8 and §13 of the design)',
  musts: [
    {
      must: 'Frames of an unknown kind are counted.',
      file: 'src/node/peer-connection.ts',
      find: 'this.#owner.counters.unknownKinds += 1;',
      replace: 'this.#owner.counters.unknownKinds += 0;',
      test: 'test/contracts/bad-frames.test.ts',
    },
    {
      must: 'Terms, indexes and numbers are never negative.',
      file: 'src/formats/fields.ts',
      find: 'Number.isSafeInteger(value) && value >= min;',
      replace: 'Number.isSafeInteger(value) && value >= min - 1;',
      test: 'test/contracts/frames.test.ts',
    },
    {
      must: 'A configuration has one canonical form, with its ids sorted.',
      file: 'machines/rules/configuration.ts',
      find: '      .sort((a, b) => (a.id < b.id ? -1 : 1))\n',
      replace: '',
      test: 'test/rules/quorum.test.ts',
    },
    {
      must: 'The number of sessions is bounded by a replicated setting.',
      file: 'machines/rules/sessions.ts',
      find: "return sessions >= sessionsMax ? 'sessionsMax' : null;",
      replace: 'return null;',
      test: 'test/host/sessions.test.ts',
    },
    {
      must: 'The bytes of kept answers are bounded by a replicated setting.',
      file: 'src/host/session-table.ts',
      find: 'if (this.#answerBytes <= this.settings.answerBytesMax || oldest.id === id) return;',
      replace: 'return;',
      test: 'test/host/sessions.test.ts',
    },
    {
      must: 'Snapshots that nobody points at are deleted on load.',
      file: 'src/node/snapshot-files.ts',
      find: 'if (name !== kept) await this.#files.remove(join(this.#directory, name));',
      replace: 'if (name === kept && name === null) return;',
      test: 'test/contracts/leftover-snapshots.test.ts',
    },
  ],
};

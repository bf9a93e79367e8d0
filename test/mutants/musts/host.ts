/** What goes on at the same time in a host: snapshots, slices, rounds, leaderships. */
import type { MustSection } from '../must.ts';

const desk = { file: 'src/host/snapshot-desk.ts', test: 'test/host/snapshot-desk.test.ts' };
const applier = { file: 'src/host/applier.ts', test: 'test/host/apply-turns.test.ts' };
const calls = { file: 'src/host/calls.ts', test: 'test/host/leaderships.test.ts' };

export const host: MustSection = {
  title: 'At the same time, in a host',
  musts: [
    {
      must: 'Sessions are frozen in the instant in which the state is.',
      ...desk,
      find: 'const pieces = writeSnapshot(header, chunks, { pause });',
      replace:
        'const pieces = (async function* () { await pause(); yield* writeSnapshot({ ...header, sessions: sessions.encode() }, chunks, { pause }); })();',
    },
    {
      must: 'A follower is sent the snapshot that it is offered, not the one before.',
      ...desk,
      find: 'if (open?.id === id) return open.reader;',
      replace: 'if (open !== undefined) return open.reader;',
    },
    {
      must: 'Followers read snapshots side by side.',
      ...desk,
      find: '    this.#closeReader(follower);\n    const reader',
      replace: '    this.closeReaders();\n    const reader',
    },
    {
      must: 'Chunks are stored one after the other.',
      ...desk,
      find: '    this.#storing = this.#storing\n      .then(async () => {\n        if (this.#isClosed) return;\n        if (offset',
      replace:
        '    this.#storing = Promise.resolve()\n      .then(async () => {\n        if (this.#isClosed) return;\n        if (offset',
    },
    {
      must: 'A chunk of another snapshot than the one that arrives is rejected.',
      ...desk,
      find: 'if (this.#incoming?.id !== snapshotId) return rejected',
      replace: 'if (this.#incoming === null) return rejected',
    },
    {
      must: 'What waits to be restored is opened at once, before a newer snapshot discards it.',
      ...desk,
      find: 'await this.#restore(snapshot, await opened);',
      replace: 'await this.#restore(snapshot, await storage.openSnapshot(snapshot.id));',
    },
    {
      must: 'What was restored is closed.',
      ...desk,
      find: '    } finally {\n      await reader.close();\n    }',
      replace: '    } finally {\n    }',
    },
    {
      must: 'A batch that is cut into slices is applied whole.',
      ...applier,
      find: 'if (job.applied === job.entries.length) this.#jobs.shift();',
      replace: 'this.#jobs.shift();',
    },
    {
      must: 'Other events have a turn between two slices.',
      ...applier,
      find: 'if (this.#jobs.length > 0) this.#options.turns.next(() => this.#next());',
      replace: 'if (this.#jobs.length > 0) this.#next();',
    },
    {
      must: 'What a slice has applied is told, and reads that wait for it are answered.',
      ...applier,
      find: '    this.#advanced();\n  }\n\n  #applyEntry',
      replace:
        '    if (batch.applied === batch.entries.length) this.#advanced();\n  }\n\n  #applyEntry',
    },
    {
      must: 'Reads wait for every restore that waits.',
      ...applier,
      find: 'this.#restores -= 1;',
      replace: 'this.#restores = 0;',
    },
    {
      must: '… also those that waited before.',
      ...applier,
      find: '    if (this.#restores > 0) return;\n',
      replace: '',
    },
    {
      must: 'A second leadership that is lost leaves the calls of the first pending.',
      ...calls,
      find: 'this.#orphans = [...this.#orphans, ...lost];',
      replace: 'this.#orphans = lost;',
    },
    {
      must: 'The first one’s grace ends its own calls only.',
      ...calls,
      find: 'this.#orphans = this.#orphans.filter((flight) => !settled.has(flight));',
      replace: 'this.#orphans = [];',
    },
    {
      must: 'A snapshot settles the calls of lost leaderships that it covers.',
      ...calls,
      find: 'of [...this.#flights, ...this.#orphans]) {',
      replace: 'of this.#flights) {',
    },
    {
      must: 'Calls of lost leaderships are looked for at each entry that is applied.',
      ...calls,
      find: ' || this.#orphans.length > 0;',
      replace: ';',
    },
    {
      must: 'A query that comes during a round is not confirmed by it.',
      file: 'src/host/queries.ts',
      find: '      this.#gathering = null;\n',
      replace: '',
      test: 'test/host/leaderships.test.ts',
    },
    {
      must: 'Of two snapshots that wait for one write, the newer comes into force.',
      file: 'src/host/group-commit.ts',
      find: 'batches.findLast(',
      replace: 'batches.find(',
      test: 'test/host/group-commit.test.ts',
    },
    {
      must: 'Answers that came with a snapshot count against the bound of kept bytes.',
      file: 'src/host/session-table.ts',
      find: 'this.#answerBytes = sessions.reduce(',
      replace: 'this.#answerBytes = [].reduce(',
      test: 'test/host/session-table.test.ts',
    },
  ],
};

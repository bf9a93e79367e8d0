/** What a resolved write promises (§5.1), and what an unresolved one may leave. */

import type { Entry } from '../../../machines/rules/entries.ts';
import type { WriteBatch } from '../../ports/storage.ts';
import { assert, assertAlike } from '../assertions.ts';
import type { StorageChecks } from '../storage-fixture.ts';
import { baseAt, batchAfter, contentAfter, entriesOf, storedContentOf } from '../storage-model.ts';

const LARGE_BYTES = 1024 * 1024;

export const durabilityClauses: StorageChecks = {
  'a write is durable when it resolves': keeps(
    [{ term: 3, votedFor: 'b', entries: entriesOf(1, '1 1 3'), commitIndex: 2 }],
    [{ term: 4, votedFor: null }],
  ),
  'every field of an entry comes back as it was written': keeps([
    { term: 2, entries: entriesOfEveryKind() },
  ]),
  'writes come back in the order in which they were made': keeps(
    [1, 2, 3, 4].map((term) => ({ term, votedFor: term % 2 ? 'a' : 'b' })),
  ),
  'write numbers may leave gaps: merged writes carry the last one': keeps([
    { writeId: 5, entries: entriesOf(1, '1') },
    { writeId: 17, entries: entriesOf(2, '1') },
  ]),
  'a truncation is kept, with entries in its place or without (§5.3)': keeps(
    [
      { term: 1, entries: entriesOf(1, '1 1 1 1') },
      { term: 2, truncateFrom: 3 },
    ],
    [{ term: 2, truncateFrom: 2, entries: entriesOf(2, '2 2', 'new') }],
    [{ truncateFrom: 9 }],
  ),
  'the log begins after its base, and what follows it stays (§7)': keeps(
    [
      { term: 2, entries: entriesOf(1, '1 1 2 2') },
      { base: baseAt({ index: 2, term: 1, time: 20 }) },
    ],
    [{ entries: entriesOf(5, '2') }],
  ),
  'a base beyond the end of the log empties it (§7)': keeps(
    [
      { term: 2, entries: entriesOf(1, '1 1 2 2') },
      { base: baseAt({ index: 9, term: 2, time: 90 }) },
    ],
    [{ entries: entriesOf(10, '2 2') }],
  ),
  'one write truncates first, then begins after its base, then appends': keeps(
    [
      { term: 1, entries: entriesOf(1, '1 1 1 1 1') },
      {
        term: 3,
        truncateFrom: 4,
        base: baseAt({ index: 2, term: 1, time: 20 }),
        entries: entriesOf(4, '3 3', 'new'),
      },
    ],
    [{ truncateFrom: 3, base: baseAt({ index: 7, term: 3, time: 70 }) }],
  ),
  'large entries come back whole': async (fixture) => {
    const bytes = new Uint8Array(LARGE_BYTES).map((_, position) => position % 251);
    const [entry] = entriesOf(1, '1');
    await fixture.write({ entries: [{ ...(entry as Entry), bytes }] });
    await fixture.write({ entries: entriesOf(2, '1 1') });
    const stored = await fixture.crashAndLoad();
    // Byte strings of a mebibyte are compared natively: an equality of objects takes seconds.
    assertAlike(
      stored?.entries.map(({ index }) => index),
      [1, 2, 3],
    );
    assert.equal(Buffer.compare(stored?.entries[0]?.bytes ?? new Uint8Array(), bytes), 0);
  },
  'a crash in the middle of a write leaves the state before it or after it': async (fixture) => {
    for (let round = 0; round < 20; round += 1) {
      const last = fixture.content.base.index + fixture.content.entries.length;
      const batch = batchAfter(fixture.content, {
        term: round + 1,
        votedFor: 'a',
        truncateFrom: round % 3 === 2 ? last : null,
        entries: entriesOf(round % 3 === 2 ? last : last + 1, `${round + 1} ${round + 1}`),
      });
      const before = fixture.content;
      const writing = fixture.storage.write(batch).catch(() => {});
      if (round % 2 === 0) await Promise.resolve();
      const stored = await fixture.crashAndLoad();
      await writing;
      const found = stored && storedContentOf(stored);
      const after = contentAfter(before, batch);
      const kept = found?.lastWriteId === after.lastWriteId ? after : before;
      assertAlike(found, kept);
      fixture.content = kept;
      await fixture.expectKept();
    }
  },
};

/** Makes each series of writes, and checks after each that everything was kept. */
function keeps(...series: readonly (readonly Partial<WriteBatch>[])[]): StorageChecks[string] {
  return async (fixture) => {
    for (const changes of series) {
      for (const change of changes) await fixture.write(change);
      await fixture.expectKept();
    }
  };
}

function entriesOfEveryKind(): readonly Entry[] {
  const kinds: readonly Partial<Entry>[] = [
    { type: 'empty', bytes: new Uint8Array(0) },
    { type: 'openSession', time: 20.5 },
    { session: 2, sequence: 1, firstUnanswered: 1 },
    { bytes: Uint8Array.from({ length: 256 }, (_, byte) => byte) },
    { type: 'closeSession', session: 2 },
    { type: 'settings', time: Number.MAX_SAFE_INTEGER },
  ];
  return entriesOf(1, '1 1 1 2 2 2').map((entry, at) => ({ ...entry, ...kinds[at] }));
}

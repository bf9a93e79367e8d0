/** Snapshots: aside until a write brings them into force (§7). */
import { assert, assertAlike } from '../assertions.ts';
import type { StorageChecks } from '../storage-fixture.ts';
import { baseAt, entriesOf } from '../storage-model.ts';

const bytesOf = (seed: number, length: number) =>
  Uint8Array.from({ length }, (_, position) => (position * 31 + seed) % 256);

export const snapshotClauses: StorageChecks = {
  'a snapshot in force survives with its log cut, byte for byte': async (fixture) => {
    await fixture.write({ term: 1, entries: entriesOf(1, '1 1 1 1') });
    const bytes = bytesOf(1, 3456);
    const base = baseAt({ index: 3, term: 1, time: 30 });
    const snapshot = await fixture.storeSnapshot('first', bytes, base);
    await fixture.write({ snapshot, base });
    await fixture.expectKept();
    assertAlike(await fixture.snapshotBytes('first'), bytes);
  },
  'a snapshot of no bytes is a snapshot': async (fixture) => {
    const snapshot = await fixture.storeSnapshot('none', new Uint8Array(), fixture.content.base);
    await fixture.write({ snapshot });
    await fixture.expectKept();
    assert.equal((await fixture.snapshotBytes('none')).byteLength, 0);
  },
  'what never came into force is gone after a crash': async (fixture) => {
    await fixture.storeSnapshot('complete', bytesOf(1, 10), fixture.content.base);
    await fixture.storage.writeChunk('begun', 0, bytesOf(1, 10), false);
    await fixture.expectKept();
    await assert.rejects(fixture.storage.openSnapshot('complete'), /complete/);
    await assert.rejects(fixture.storage.openSnapshot('begun'), /begun/);
  },
  'a complete snapshot can be read before it is in force, an incomplete one cannot': async (
    fixture,
  ) => {
    await fixture.storage.writeChunk('one', 0, bytesOf(1, 100), false);
    await assert.rejects(fixture.storage.openSnapshot('one'), /one/);
    await fixture.storage.writeChunk('one', 100, bytesOf(2, 50), true);
    assertAlike(
      await fixture.snapshotBytes('one'),
      new Uint8Array([...bytesOf(1, 100), ...bytesOf(2, 50)]),
    );
    await assert.rejects(fixture.storage.openSnapshot('nobody'), /nobody/);
  },
  'chunks come in order, and offset 0 starts anew': async (fixture) => {
    await assert.rejects(fixture.storage.writeChunk('one', 5, bytesOf(1, 5), false));
    await fixture.storage.writeChunk('one', 0, bytesOf(1, 100), false);
    await assert.rejects(fixture.storage.writeChunk('one', 150, bytesOf(1, 5), true));
    await fixture.storage.writeChunk('one', 0, bytesOf(2, 10), true);
    assertAlike(await fixture.snapshotBytes('one'), bytesOf(2, 10));
  },
  'several snapshots may arrive at a time': async (fixture) => {
    await fixture.storage.writeChunk('one', 0, bytesOf(1, 10), false);
    await fixture.storage.writeChunk('two', 0, bytesOf(2, 10), false);
    await Promise.all([
      fixture.storage.writeChunk('one', 10, bytesOf(3, 10), true),
      fixture.storage.writeChunk('two', 10, bytesOf(4, 10), true),
    ]);
    assertAlike(
      await fixture.snapshotBytes('one'),
      new Uint8Array([...bytesOf(1, 10), ...bytesOf(3, 10)]),
    );
    assertAlike(
      await fixture.snapshotBytes('two'),
      new Uint8Array([...bytesOf(2, 10), ...bytesOf(4, 10)]),
    );
  },
  'an open snapshot stays readable although a newer one comes into force': async (fixture) => {
    const { base } = fixture.content;
    await fixture.write({ snapshot: await fixture.storeSnapshot('old', bytesOf(1, 2000), base) });
    const reader = await fixture.storage.openSnapshot('old');
    await fixture.write({ snapshot: await fixture.storeSnapshot('new', bytesOf(2, 2000), base) });
    assertAlike(await reader.read(1500, 5000), bytesOf(1, 2000).slice(1500));
    await reader.close();
    await fixture.expectKept();
    assertAlike(await fixture.snapshotBytes('new'), bytesOf(2, 2000));
  },
  'one that is still arriving survives another that comes into force': async (fixture) => {
    const { base } = fixture.content;
    await fixture.storage.writeChunk('arriving', 0, bytesOf(1, 100), false);
    await fixture.write({ snapshot: await fixture.storeSnapshot('own', bytesOf(2, 20), base) });
    await fixture.storage.writeChunk('arriving', 100, bytesOf(1, 1), true);
    const snapshot = { id: 'arriving', sizeBytes: 101, ...base };
    await fixture.write({ snapshot });
    await fixture.expectKept();
  },
  'a discarded snapshot is gone, and discarding nothing is no error': async (fixture) => {
    await fixture.storage.discardSnapshot('nobody');
    await fixture.storage.writeChunk('begun', 0, bytesOf(1, 10), false);
    await fixture.storage.discardSnapshot('begun');
    await assert.rejects(fixture.storage.writeChunk('begun', 10, bytesOf(1, 1), true));
    await fixture.storeSnapshot('complete', bytesOf(1, 10), fixture.content.base);
    await fixture.storage.discardSnapshot('complete');
    await assert.rejects(fixture.storage.openSnapshot('complete'), /complete/);
  },
};

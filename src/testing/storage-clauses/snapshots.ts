/** Snapshots: aside until a write brings them into force (§7). */
import { assert, assertAlike } from '../assertions.ts';
import type { StorageClause } from '../storage-contract.ts';
import { baseAt, entriesOf } from '../storage-model.ts';

const bytesOf = (seed: number, length: number) =>
  Uint8Array.from({ length }, (_, position) => (position * 31 + seed) % 256);

export const snapshotClauses: readonly StorageClause[] = [
  {
    name: 'a snapshot in force survives with its log cut, byte for byte',
    async check(bed) {
      await bed.initialise();
      await bed.write({ term: 1, entries: entriesOf(1, '1 1 1 1') });
      const bytes = bytesOf(1, 3456);
      const base = baseAt({ index: 3, term: 1, time: 30 });
      const snapshot = await bed.storeSnapshot('first', bytes, base);
      await bed.write({ snapshot, base });
      await bed.expectKept();
      assertAlike(await bed.snapshotBytes('first'), bytes);
    },
  },
  {
    name: 'a snapshot of no bytes is a snapshot',
    async check(bed) {
      await bed.initialise();
      const snapshot = await bed.storeSnapshot('none', new Uint8Array(), bed.content.base);
      await bed.write({ snapshot });
      await bed.expectKept();
      assert.equal((await bed.snapshotBytes('none')).byteLength, 0);
    },
  },
  {
    name: 'what never came into force is gone after a crash',
    async check(bed) {
      await bed.initialise();
      await bed.storeSnapshot('complete', bytesOf(1, 10), bed.content.base);
      await bed.storage.writeChunk('begun', 0, bytesOf(1, 10), false);
      await bed.expectKept();
      await assert.rejects(bed.storage.openSnapshot('complete'), /complete/);
      await assert.rejects(bed.storage.openSnapshot('begun'), /begun/);
    },
  },
  {
    name: 'a complete snapshot can be read before it is in force, an incomplete one cannot',
    async check(bed) {
      await bed.initialise();
      await bed.storage.writeChunk('one', 0, bytesOf(1, 100), false);
      await assert.rejects(bed.storage.openSnapshot('one'), /one/);
      await bed.storage.writeChunk('one', 100, bytesOf(2, 50), true);
      assertAlike(
        await bed.snapshotBytes('one'),
        new Uint8Array([...bytesOf(1, 100), ...bytesOf(2, 50)]),
      );
      await assert.rejects(bed.storage.openSnapshot('nobody'), /nobody/);
    },
  },
  {
    name: 'chunks come in order, and offset 0 starts anew',
    async check(bed) {
      await bed.initialise();
      await assert.rejects(bed.storage.writeChunk('one', 5, bytesOf(1, 5), false));
      await bed.storage.writeChunk('one', 0, bytesOf(1, 100), false);
      await assert.rejects(bed.storage.writeChunk('one', 150, bytesOf(1, 5), true));
      await bed.storage.writeChunk('one', 0, bytesOf(2, 10), true);
      assertAlike(await bed.snapshotBytes('one'), bytesOf(2, 10));
    },
  },
  {
    name: 'several snapshots may arrive at a time',
    async check(bed) {
      await bed.initialise();
      await bed.storage.writeChunk('one', 0, bytesOf(1, 10), false);
      await bed.storage.writeChunk('two', 0, bytesOf(2, 10), false);
      await Promise.all([
        bed.storage.writeChunk('one', 10, bytesOf(3, 10), true),
        bed.storage.writeChunk('two', 10, bytesOf(4, 10), true),
      ]);
      assertAlike(
        await bed.snapshotBytes('one'),
        new Uint8Array([...bytesOf(1, 10), ...bytesOf(3, 10)]),
      );
      assertAlike(
        await bed.snapshotBytes('two'),
        new Uint8Array([...bytesOf(2, 10), ...bytesOf(4, 10)]),
      );
    },
  },
  {
    name: 'an open snapshot stays readable although a newer one comes into force',
    async check(bed) {
      await bed.initialise();
      const { base } = bed.content;
      await bed.write({ snapshot: await bed.storeSnapshot('old', bytesOf(1, 2000), base) });
      const reader = await bed.storage.openSnapshot('old');
      await bed.write({ snapshot: await bed.storeSnapshot('new', bytesOf(2, 2000), base) });
      assertAlike(await reader.read(1500, 5000), bytesOf(1, 2000).slice(1500));
      await reader.close();
      await bed.expectKept();
      assertAlike(await bed.snapshotBytes('new'), bytesOf(2, 2000));
    },
  },
  {
    name: 'one that is still arriving survives another that comes into force',
    async check(bed) {
      await bed.initialise();
      const { base } = bed.content;
      await bed.storage.writeChunk('arriving', 0, bytesOf(1, 100), false);
      await bed.write({ snapshot: await bed.storeSnapshot('own', bytesOf(2, 20), base) });
      await bed.storage.writeChunk('arriving', 100, bytesOf(1, 1), true);
      const snapshot = { id: 'arriving', sizeBytes: 101, ...base };
      await bed.write({ snapshot });
      await bed.expectKept();
    },
  },
  {
    name: 'a discarded snapshot is gone, and discarding nothing is no error',
    async check(bed) {
      await bed.initialise();
      await bed.storage.discardSnapshot('nobody');
      await bed.storage.writeChunk('begun', 0, bytesOf(1, 10), false);
      await bed.storage.discardSnapshot('begun');
      await assert.rejects(bed.storage.writeChunk('begun', 10, bytesOf(1, 1), true));
      await bed.storeSnapshot('complete', bytesOf(1, 10), bed.content.base);
      await bed.storage.discardSnapshot('complete');
      await assert.rejects(bed.storage.openSnapshot('complete'), /complete/);
    },
  },
];

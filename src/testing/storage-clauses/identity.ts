/** Whose storage it is (design: bootstrap and identity). */
import { assert, assertAlike } from '../assertions.ts';
import type { StorageClause } from '../storage-contract.ts';
import { BASE, baseAt, CLUSTER_ID, contentOf, IDENTITY } from '../storage-model.ts';

export const identityClauses: readonly StorageClause[] = [
  {
    name: 'an empty storage loads as null, however often it is asked',
    async check(bed) {
      assert.equal(await bed.storage.load(IDENTITY), null);
      assert.equal(await bed.closeAndLoad(), null);
      assert.equal(await bed.crashAndLoad(), null);
    },
  },
  {
    name: 'an initialised storage holds its base and no entries',
    async check(bed) {
      await bed.initialise(baseAt({ index: 7, term: 3, time: 70 }));
      await bed.expectKept();
    },
  },
  {
    name: 'a storage keeps its random id, and another one has another',
    async check(bed) {
      const { storageId } = await bed.initialise();
      assert.notEqual(storageId, '');
      assert.equal((await bed.crashAndLoad())?.storageId, storageId);
      assert.equal((await bed.closeAndLoad())?.storageId, storageId);
    },
  },
  {
    name: 'a storage is initialised once',
    async check(bed) {
      await bed.initialise();
      await bed.write({ term: 2, votedFor: 'b' });
      await bed.crashAndLoad();
      await assert.rejects(bed.storage.initialise(IDENTITY, BASE));
      await bed.expectKept();
    },
  },
  {
    name: 'the storage of another server is refused, and stays as it is',
    async check(bed) {
      await bed.initialise();
      await bed.storage.close();
      bed.reopen();
      const stranger = { clusterId: CLUSTER_ID, serverId: 'b' };
      await assert.rejects(bed.storage.load(stranger), /\bb\b/);
      await bed.expectKept();
    },
  },
  {
    name: 'the storage of another cluster is refused, and stays as it is',
    async check(bed) {
      await bed.initialise();
      await bed.storage.close();
      bed.reopen();
      const stranger = { clusterId: 'another cluster', serverId: 'a' };
      await assert.rejects(bed.storage.load(stranger), /another cluster/);
      await bed.expectKept();
    },
  },
  {
    name: 'a closed storage refuses everything, and closing it again is no error',
    async check(bed) {
      await bed.initialise();
      await bed.write({ term: 1 });
      const { storage, content } = bed;
      await Promise.all([storage.close(), storage.close()]);
      await storage.close();
      await assert.rejects(storage.load(IDENTITY));
      await assert.rejects(
        storage.write({ ...content, writeId: 2, truncateFrom: null, base: null }),
      );
      const stored = await bed.closeAndLoad();
      assertAlike(stored && contentOf(stored), content);
    },
  },
];

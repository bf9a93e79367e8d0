/** Whose storage it is (design: bootstrap and identity). */
import { expect } from 'vitest';
import type { StorageClause } from '../storage-contract.ts';
import { BASE, baseAt, CLUSTER_ID, contentOf, IDENTITY } from '../storage-model.ts';

export const identityClauses: readonly StorageClause[] = [
  {
    name: 'an empty storage loads as null, however often it is asked',
    async check(bed) {
      expect(await bed.storage.load(IDENTITY)).toBeNull();
      expect(await bed.closeAndLoad()).toBeNull();
      expect(await bed.crashAndLoad()).toBeNull();
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
      expect(storageId).not.toBe('');
      expect((await bed.crashAndLoad())?.storageId).toBe(storageId);
      expect((await bed.closeAndLoad())?.storageId).toBe(storageId);
    },
  },
  {
    name: 'a storage is initialised once',
    async check(bed) {
      await bed.initialise();
      await bed.write({ term: 2, votedFor: 'b' });
      await bed.crashAndLoad();
      await expect(bed.storage.initialise(IDENTITY, BASE)).rejects.toThrow();
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
      await expect(bed.storage.load(stranger)).rejects.toThrow(/\bb\b/);
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
      await expect(bed.storage.load(stranger)).rejects.toThrow('another cluster');
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
      await expect(storage.load(IDENTITY)).rejects.toThrow();
      await expect(
        storage.write({ ...content, number: 2, truncateFrom: null, base: null }),
      ).rejects.toThrow();
      const stored = await bed.closeAndLoad();
      expect(stored && contentOf(stored)).toEqual(content);
    },
  },
];

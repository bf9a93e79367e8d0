/** Whose storage it is (design: bootstrap and identity). */
import type { Identity } from '../../ports/storage.ts';
import { assert, assertAlike } from '../assertions.ts';
import type { StorageChecks } from '../storage-fixture.ts';
import { BASE, baseAt, CLUSTER_ID, IDENTITY, storedContentOf } from '../storage-model.ts';

export const identityClauses: StorageChecks = {
  'an empty storage loads as null, however often it is asked': async (fixture) => {
    assert.equal(await fixture.storage.load(IDENTITY), null);
    assert.equal(await fixture.closeAndLoad(), null);
    assert.equal(await fixture.crashAndLoad(), null);
  },
  'an initialised storage holds its base and no entries': async (fixture) => {
    await fixture.initialise(baseAt({ index: 7, term: 3, time: 70 }));
    await fixture.expectKept();
  },
  'a storage keeps its random id, and another one has another': async (fixture) => {
    const { storageId } = await fixture.initialise();
    assert.notEqual(storageId, '');
    assert.equal((await fixture.crashAndLoad())?.storageId, storageId);
    assert.equal((await fixture.closeAndLoad())?.storageId, storageId);
  },
  'a storage is initialised once': async (fixture) => {
    await fixture.initialise();
    await fixture.write({ term: 2, votedFor: 'b' });
    await fixture.crashAndLoad();
    await assert.rejects(fixture.storage.initialise(IDENTITY, BASE));
    await fixture.expectKept();
  },
  'the storage of another server is refused, and stays as it is': refuses(
    { clusterId: CLUSTER_ID, serverId: 'b' },
    /\bb\b/,
  ),
  'the storage of another cluster is refused, and stays as it is': refuses(
    { clusterId: 'another cluster', serverId: 'a' },
    /another cluster/,
  ),
  'a closed storage refuses everything, and closing it again is no error': async (fixture) => {
    await fixture.initialise();
    await fixture.write({ term: 1 });
    const { storage, content } = fixture;
    await Promise.all([storage.close(), storage.close()]);
    await storage.close();
    await assert.rejects(storage.load(IDENTITY));
    await assert.rejects(storage.write({ ...content, writeId: 2, truncateFrom: null, base: null }));
    const stored = await fixture.closeAndLoad();
    assertAlike(stored && storedContentOf(stored), content);
  },
};

function refuses(stranger: Identity, naming: RegExp): StorageChecks[string] {
  return async (fixture) => {
    await fixture.initialise();
    await fixture.storage.close();
    fixture.reopen();
    await assert.rejects(fixture.storage.load(stranger), naming);
    await fixture.expectKept();
  };
}

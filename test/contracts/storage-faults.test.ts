/** Disks that fail, and storages that are wrong on purpose: both must be noticed (§5.1). */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { StorageError } from '../../src/host/errors.ts';
import { fileStorage } from '../../src/node/file-storage.ts';
import type { Storage, WriteBatch } from '../../src/ports/storage.ts';
import {
  checkStorageClause,
  type MakeStorageDisk,
  storageClauses,
} from '../../src/testing/storage-contract.ts';
import {
  BASE,
  batchAfter,
  contentAfter,
  emptyContent,
  entriesOf,
  IDENTITY,
  storedContentOf,
} from '../../src/testing/storage-model.ts';
import { MemoryFiles, type Operation } from './memory-files.ts';

const DIRECTORY = '/data/a';

const storageOn = (files: MemoryFiles) => fileStorage(DIRECTORY, { files, segmentBytes: 4096 });

async function initialised(files: MemoryFiles): Promise<Storage> {
  const storage = storageOn(files);
  await storage.initialise(IDENTITY, BASE);
  return storage;
}

function failing(code: string, at: Operation, where = '.wal'): MemoryFiles['fault'] {
  return (operation, path) => {
    if (operation !== at || !path.includes(where)) return;
    throw Object.assign(new Error(`${code}: it does not work`), { code });
  };
}

describe('a write costs', () => {
  it('one write to the log and one sync, and one word beside it that is not synced', async () => {
    const files = new MemoryFiles();
    const storage = await initialised(files);
    files.operations.length = 0;
    await storage.write(batchAfter(emptyContent(), { term: 1, entries: entriesOf(1, '1 1 1') }));
    expect(files.operations).toEqual([
      { operation: 'write', path: `${DIRECTORY}/wal/00000001.wal` },
      { operation: 'datasync', path: `${DIRECTORY}/wal/00000001.wal` },
      { operation: 'write', path: `${DIRECTORY}/acknowledged` },
    ]);
  });
});

describe('a disk that hangs', () => {
  afterEach(() => vi.restoreAllMocks());

  it.each(['the sync before it', 'the slot before it'])(
    'stops no event loop: after %s was slow, the slot is written by a thread',
    async (slow) => {
      const files = new MemoryFiles();
      const storage = await initialised(files);
      let now = 0;
      vi.spyOn(performance, 'now').mockImplementation(() => now);
      let hung = Promise.resolve();
      let release = () => {};
      const batch = batchAfter(emptyContent(), { term: 1 });
      const slowly: MemoryFiles['fault'] = (operation, path) => {
        const isSlot = path.includes('acknowledged');
        if (isSlot === (slow === 'the slot before it') && operation !== 'read') now += 60;
        return undefined;
      };
      const hanging: MemoryFiles['fault'] = (_, path) =>
        path.includes('acknowledged') ? hung : undefined;
      files.fault = slowly;
      if (slow === 'the slot before it') await storage.write(batch);
      hung = new Promise((resolve) => {
        release = resolve;
      });
      files.fault = (operation, path) => {
        if (slow === 'the sync before it') slowly(operation, path);
        return hanging(operation, path);
      };
      let end = 'under way';
      const writing = storage.write({ ...batch, writeId: 2 }).then(
        () => {
          end = 'written';
        },
        ({ message }) => {
          end = message;
        },
      );
      await new Promise((resolve) => setImmediate(resolve));
      expect(end).toBe('under way');
      release();
      await writing;
      expect(end).toBe('written');
      // Prompt again, so no thread is needed: here a fault that answers with a promise throws.
      files.fault = () => undefined;
      await storage.write({ ...batch, writeId: 3 });
      files.fault = hanging;
      await expect(storage.write({ ...batch, writeId: 4 })).rejects.toThrow(/on the main thread/);
    },
  );
});

describe('a failing disk (design: a failed write stops the server)', () => {
  const faults: readonly [string, Operation, string, where?: string][] = [
    ['ENOSPC', 'write', 'free some space'],
    ['EIO', 'write', 'Check the disk'],
    ['EIO', 'datasync', 'Check the disk'],
    ['EIO', 'write', 'Check the disk', 'acknowledged'],
  ];
  for (const [code, operation, advice, where] of faults) {
    it(`names the write and ${code} at ${operation} of ${where ?? 'the log'}, and refuses every later write`, async () => {
      const files = new MemoryFiles();
      const storage = await initialised(files);
      const batch = batchAfter(emptyContent(), { term: 1 });
      await storage.write(batch);
      files.fault = failing(code, operation, where);
      const failure = await storage.write({ ...batch, writeId: 2 }).catch((error) => error);
      expect(failure).toBeInstanceOf(StorageError);
      expect(failure.message).toContain(`Write 2 to ${DIRECTORY} failed: ${code}`);
      expect(failure.message).toContain(advice);
      files.fault = () => {};
      await expect(storage.write({ ...batch, writeId: 2 })).rejects.toThrow(/Write 2 .* before/);
      await storage.close();
      const stored = await storageOn(files).load(IDENTITY);
      expect([1, 2]).toContain(stored?.lastWriteId);
    });
  }

  it('is not believed after a restart: what a failed sync left in memory is written again', async () => {
    const files = new MemoryFiles();
    const failed = await initialised(files);
    files.fault = failing('EIO', 'datasync');
    const batch = batchAfter(emptyContent(), { term: 1, entries: entriesOf(1, '1 1 1 1 1 1 1 1') });
    await expect(failed.write(batch)).rejects.toThrow(StorageError);
    await failed.close();
    files.fault = () => {};
    const restarted = storageOn(files);
    const relied = await restarted.load(IDENTITY);
    await restarted.close();
    files.crash();
    expect(relied).toMatchObject(contentAfter(emptyContent(), batch));
    expect(await storageOn(files).load(IDENTITY)).toEqual(relied);
  });

  it('is told by the write that needs a new segment, when there is no room for one', async () => {
    const files = new MemoryFiles();
    const storage = await initialised(files);
    files.fault = failing('ENOSPC', 'write', 'spare');
    let content = emptyContent();
    const writeUntilFull = async () => {
      for (let index = 1; index < 100; index += 1) {
        const batch = batchAfter(content, { entries: entriesOf(index, '1', 'x'.repeat(200)) });
        await storage.write(batch);
        content = contentAfter(content, batch);
      }
    };
    await expect(writeUntilFull()).rejects.toThrow(/Write \d+ to .* failed: ENOSPC/);
    files.fault = () => {};
    await storage.close();
    const stored = await storageOn(files).load(IDENTITY);
    expect(stored && storedContentOf(stored)).toEqual(content);
  });

  it('does not fail a write by a segment made ahead that is too small for it anyway', async () => {
    const files = new MemoryFiles();
    const storage = await initialised(files);
    let failures = 0;
    const failOnce = failing('ENOSPC', 'write', 'spare');
    files.fault = (operation, path) => {
      if (operation === 'write' && path.includes('spare')) failures += 1;
      if (failures === 1) failOnce?.(operation, path);
    };
    let content = emptyContent();
    for (let index = 1; failures === 0; index += 1) {
      const batch = batchAfter(content, { entries: entriesOf(index, '1', 'x'.repeat(200)) });
      await storage.write(batch);
      content = contentAfter(content, batch);
    }
    const large = { entries: entriesOf(content.entries.length + 1, '1', 'x'.repeat(9_000)) };
    const batch = batchAfter(content, large);
    await storage.write(batch);
    content = contentAfter(content, batch);
    await storage.close();
    const stored = await storageOn(files).load(IDENTITY);
    expect(stored && storedContentOf(stored)).toEqual(content);
  });

  it('loses a snapshot but not the log when a chunk cannot be stored', async () => {
    const files = new MemoryFiles();
    const storage = await initialised(files);
    files.fault = failing('ENOSPC', 'write', 'snapshots');
    await expect(storage.writeChunk('one', 0, new Uint8Array(9), true)).rejects.toThrow(
      /snapshot one from byte 0 on .* failed: ENOSPC/,
    );
    await storage.write(batchAfter(emptyContent(), { term: 1 }));
    files.fault = () => {};
    await storage.writeChunk('one', 0, new Uint8Array(9), true);
  });

  it('is told with the path when the directory cannot be read', async () => {
    const files = new MemoryFiles();
    await (await initialised(files)).close();
    files.fault = failing('EIO', 'read');
    await expect(storageOn(files).load(IDENTITY)).rejects.toThrow(/Reading \/data\/a failed: EIO/);
    files.fault = () => {};
    expect(await storageOn(files).load(IDENTITY)).not.toBeNull();
  });

  it('is given no second write while one is in flight', async () => {
    const storage = await initialised(new MemoryFiles());
    const batch = batchAfter(emptyContent(), { term: 1 });
    const writing = storage.write(batch);
    await expect(storage.write({ ...batch, writeId: 2 })).rejects.toThrow(/in flight/);
    await writing;
  });

  it('is given no entry that does not follow the log', async () => {
    const storage = await initialised(new MemoryFiles());
    const batch = batchAfter(emptyContent(), { entries: entriesOf(3, '1') });
    await expect(storage.write(batch)).rejects.toThrow(/appends entry 3 where entry 1 belongs/);
  });

  it('brings no snapshot into force that is not there', async () => {
    const storage = await initialised(new MemoryFiles());
    const snapshot = { id: 'nobody', sizeBytes: 3, ...BASE };
    const batch = batchAfter(emptyContent(), { snapshot });
    await expect(storage.write(batch)).rejects.toThrow(/nobody .* not complete/);
  });
});

describe('the storage contract notices a storage that is wrong on purpose', () => {
  /** A disk whose storage passes every write through `change`. */
  const altered =
    (change: (batch: WriteBatch, write: Storage['write']) => Promise<void>): MakeStorageDisk =>
    () => {
      const files = new MemoryFiles();
      return {
        open: () => {
          const storage = storageOn(files);
          const write = storage.write.bind(storage);
          return Object.assign(storage, { write: (batch: WriteBatch) => change(batch, write) });
        },
        crash: () => files.crash(),
      };
    };

  /** A disk that says it has synced, and has not. */
  const lying: MakeStorageDisk = () => {
    const files = new MemoryFiles();
    return {
      open: () => {
        files.syncs = false;
        return storageOn(files);
      },
      crash: () => files.crash(),
    };
  };

  let held: WriteBatch | null = null;
  const wrongs: readonly [string, MakeStorageDisk, string][] = [
    ['acknowledges before it syncs', lying, 'a write is durable when it resolves'],
    [
      'loses a truncation',
      altered((batch, write) =>
        write(batch.entries.length === 0 ? { ...batch, truncateFrom: null } : batch),
      ),
      'a truncation is kept, with entries in its place or without (§5.3)',
    ],
    [
      'reorders writes',
      altered(async (batch, write) => {
        if (held === null || batch.writeId !== held.writeId + 1) {
          held = batch;
          return;
        }
        const first = held;
        held = null;
        await write({ ...batch, writeId: first.writeId });
        await write({ ...first, writeId: batch.writeId });
      }),
      'writes come back in the order in which they were made',
    ],
    [
      'forgets the vote',
      altered((batch, write) => write({ ...batch, votedFor: null })),
      'a write is durable when it resolves',
    ],
    [
      'keeps the log below its base',
      altered((batch, write) => write({ ...batch, base: null })),
      'the log begins after its base, and what follows it stays (§7)',
    ],
  ];
  for (const [wrong, makeDisk, name] of wrongs) {
    it(`one that ${wrong}, by the clause "${name}"`, async () => {
      const clause = storageClauses.find((candidate) => candidate.name === name);
      expect(clause).toBeDefined();
      if (clause) await expect(checkStorageClause(clause, makeDisk)).rejects.toThrow();
    });
  }
});

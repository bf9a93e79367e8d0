/** One disk under one storage at a time, opened, crashed and opened again by a clause. */

import type { LogBase } from '../../machines/rules/log.ts';
import type { SnapshotPointer } from '../../machines/rules/state.ts';
import type { Storage, Stored, WriteBatch } from '../ports/storage.ts';
import { assert, assertAlike } from './assertions.ts';
import {
  BASE,
  baseAt,
  batchAfter,
  contentAfter,
  emptyContent,
  IDENTITY,
  type StorageContents,
  storedContentOf,
} from './storage-model.ts';

/** What an implementer brings: a disk, empty at first. */
export interface StorageDisk {
  /** A storage over this disk, not loaded yet. The one opened before is closed, or crashed. */
  open(): Storage;
  /**
   * Power is cut: what was not durable may be lost, wholly or in part, and the storage opened last
   * is never used again. Without it, the clauses close the storage instead.
   */
  crash?(): void | Promise<void>;
  /** The clause is over. */
  dispose?(): void | Promise<void>;
}

export type MakeStorageDisk = () => StorageDisk | Promise<StorageDisk>;

/** A storage, its disk, and what it should hold. */
export class StorageFixture {
  storage: Storage;
  content: StorageContents = emptyContent();
  readonly #disk: StorageDisk;

  constructor(disk: StorageDisk) {
    this.#disk = disk;
    this.storage = disk.open();
  }

  async initialise(base: LogBase = BASE): Promise<Stored> {
    assert.equal(await this.storage.load(IDENTITY), null);
    const stored = await this.storage.initialise(IDENTITY, base);
    this.content = emptyContent(base);
    assertAlike(storedContentOf(stored), this.content);
    return stored;
  }

  /** Writes, and expects it to be kept from then on. */
  async write(change: Partial<WriteBatch>): Promise<void> {
    const batch = batchAfter(this.content, change);
    await this.storage.write(batch);
    this.content = contentAfter(this.content, batch);
  }

  /** Stores a snapshot at the entry, in chunks of that size, and tells its pointer. */
  async storeSnapshot(
    id: string,
    bytes: Uint8Array,
    at: Pick<LogBase, 'index' | 'term' | 'time'>,
    chunkBytes = 1000,
  ): Promise<SnapshotPointer> {
    for (let offset = 0; ; offset += chunkBytes) {
      const chunk = bytes.slice(offset, offset + chunkBytes);
      const isLast = offset + chunkBytes >= bytes.byteLength;
      await this.storage.writeChunk(id, offset, chunk, isLast);
      if (isLast) return { id, sizeBytes: bytes.byteLength, ...baseAt(at) };
    }
  }

  async snapshotBytes(id: string, lengthMax = 700): Promise<Uint8Array> {
    const reader = await this.storage.openSnapshot(id);
    try {
      const bytes = new Uint8Array(reader.sizeBytes);
      for (let offset = 0; offset < bytes.byteLength; ) {
        const chunk = await reader.read(offset, lengthMax);
        assert.ok(chunk.byteLength > 0, `a read at ${offset} of ${bytes.byteLength} gave no bytes`);
        bytes.set(chunk, offset);
        offset += chunk.byteLength;
      }
      return bytes;
    } finally {
      await reader.close();
    }
  }

  /** Another storage over the same disk, not loaded yet. */
  reopen(): void {
    this.storage = this.#disk.open();
  }

  /** By a crash where there is one; without expecting anything. */
  async crashAndLoad(): Promise<Stored | null> {
    if (this.#disk.crash === undefined) return this.closeAndLoad();
    await this.#disk.crash();
    this.reopen();
    return this.storage.load(IDENTITY);
  }

  async closeAndLoad(): Promise<Stored | null> {
    await this.storage.close();
    this.reopen();
    return this.storage.load(IDENTITY);
  }

  /** After a crash, and again after a close, it holds what it should. */
  async expectKept(): Promise<void> {
    for (const stored of [await this.crashAndLoad(), await this.closeAndLoad()]) {
      assertAlike(stored && storedContentOf(stored), this.content);
    }
  }

  async dispose(): Promise<void> {
    await this.storage.close().catch(() => {});
    await this.#disk.dispose?.();
  }
}

/** Promises of the port by name; each check rejects when its promise is not kept. */
export type StorageChecks = Readonly<Record<string, (fixture: StorageFixture) => Promise<void>>>;

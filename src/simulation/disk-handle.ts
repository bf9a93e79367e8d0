/** The storage of one run of a server: a simulated disk as its process sees it. */

import type { LogBase } from '../../machines/rules/log.ts';
import { StorageError } from '../host/errors.ts';
import type { Identity, SnapshotReader, Storage, Stored, WriteBatch } from '../ports/storage.ts';
import type { SimulatedDisk } from './disk.ts';
import type { ServerProcess } from './process.ts';

/** The process that uses a disk: what completes enters it, unless it is dead by then. */
export type DiskOwner = Pick<ServerProcess, 'isAlive' | 'enter'>;

/** A simulated disk as the storage of one run of a server. */
export class DiskHandle implements Storage {
  readonly #disk: SimulatedDisk;
  readonly #owner: DiskOwner;
  #isClosed = false;
  #failure: Error | null = null;
  #writing: Promise<unknown> = Promise.resolve();

  constructor(disk: SimulatedDisk, owner: DiskOwner) {
    this.#disk = disk;
    this.#owner = owner;
  }

  /** As `Storage.load`. */
  load(identity: Identity): Promise<Stored | null> {
    return this.#perform('read', () => {
      this.#disk.take(this, identity);
      return this.#disk.read();
    });
  }

  /** As `Storage.initialise`. */
  initialise(identity: Identity, base: LogBase): Promise<Stored> {
    return this.#perform('write', () => {
      this.#disk.take(this, identity);
      return this.#disk.initialise(identity, base);
    });
  }

  /** As `Storage.write`. */
  write(batch: WriteBatch): Promise<void> {
    try {
      if (this.#owner.isAlive && !this.#isClosed && this.#failure === null) this.#disk.begin(batch);
    } catch (error) {
      return Promise.reject(error);
    }
    const written = this.#perform('write', () => this.#disk.finish(batch));
    this.#writing = written.catch((error: Error) => {
      this.#failure = error;
    });
    return written;
  }

  /** As `Storage.writeChunk`. */
  writeChunk(id: string, offset: number, bytes: Uint8Array, isLast: boolean): Promise<void> {
    const copy = bytes.slice();
    return this.#perform('write', () => this.#disk.writeChunk(id, offset, copy, isLast));
  }

  /** As `Storage.openSnapshot`. */
  openSnapshot(id: string): Promise<SnapshotReader> {
    return this.#perform('read', () => {
      const file = this.#disk.snapshots.open(id);
      return {
        sizeBytes: file.sizeBytes,
        read: (offset, lengthMax) => this.#perform('read', () => file.read(offset, lengthMax)),
        close: () => Promise.resolve(file.close()),
      };
    });
  }

  /** As `Storage.discardSnapshot`. */
  discardSnapshot(id: string): Promise<void> {
    return this.#perform('write', () => this.#disk.snapshots.discard(id));
  }

  /** As `Storage.close`. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#writing;
    this.#disk.release(this);
  }

  /**
   * Does it after its time, and tells the process. A disk goes on while its process is stopped, but
   * not when it is dead: then nothing is done.
   */
  #perform<Result>(kind: 'write' | 'read', operation: () => Result): Promise<Result> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    if (this.#isClosed) return Promise.reject(new StorageError('The storage is closed'));
    return new Promise((resolve, reject) => {
      const die = () => reject(new StorageError('The process that asked for this is dead'));
      if (!this.#owner.isAlive) return die();
      this.#disk.later(kind, () => {
        if (!this.#owner.isAlive) return die();
        try {
          const result = operation();
          this.#owner.enter(() => resolve(result));
        } catch (error) {
          this.#owner.enter(() => reject(error));
        }
      });
    });
  }
}

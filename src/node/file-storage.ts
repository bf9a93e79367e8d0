/**
 * A server's stable storage (§5.1) in a directory of its own (docs/formats.md):
 *
 *     identity       whose it is; written last when the directory is made
 *     acknowledged   the number of the last completed write
 *     lock-…         the process that uses the directory
 *     wal/           the write-ahead log, in segments
 *     snapshots/     the snapshot in force, and those that are being written
 *     torn/          what crashes left of writes that were never acknowledged
 */

import { Subject } from 'rxjs';
import { InvariantViolation, invariant } from '../../machines/rules/invariant.ts';
import type { LogBase } from '../../machines/rules/log.ts';
import { StorageError } from '../host/errors.ts';
import { HUNG_WRITE_MS } from '../host/readiness.ts';
import type { PeerMemory } from '../ports/peer-memory.ts';
import type { Identity, SnapshotReader, Storage, Stored, WriteBatch } from '../ports/storage.ts';
import { failed } from './damage.ts';
import { type DataDirectory, makeDataDirectory, openDataDirectory } from './data-directory.ts';
import { lockDirectory } from './directory-lock.ts';
import { OTHERS_WRITE } from './file-mode.ts';
import { type Files, nodeFiles } from './files.ts';
import { filePeerMemory } from './peer-memory.ts';
import { logRateLimit } from './rate-limited-log.ts';
import type { DirectoryLocation } from './write-ahead-log.ts';

/** How a data directory is written. */
export interface FileStorageOptions {
  /** Of one file of the log, filled with zeros when it is made. Default: 16 MiB. */
  readonly segmentBytes?: number;
  /** The file system; tests give one with faults. */
  readonly files?: Files;
}

const SEGMENT_BYTES = 16 * 1024 * 1024;

/** A storage that knows where it is: what else belongs to its server is kept beside it. */
export interface DirectoryStorage extends Storage {
  readonly directory: string;
  readonly peerMemory: PeerMemory;
}

/**
 * Stable storage in `directory`, which belongs to one server of one cluster, and to one process at
 * a time.
 *
 * @remarks Nothing is touched before `load` or `initialise`. The directory must be on a local disk:
 * the lock cannot see processes of another machine, nor of another container.
 */
export function fileStorage(directory: string, options: FileStorageOptions = {}): DirectoryStorage {
  return new FileStorage(directory, options);
}

class FileStorage implements DirectoryStorage {
  readonly notices$ = new Subject<string>();
  readonly directory: string;
  readonly peerMemory: PeerMemory;
  readonly #location: DirectoryLocation;
  /** Releases the directory, which is ours until then. */
  #unlock: (() => Promise<void>) | null = null;
  #data: DataDirectory | null = null;
  /** Why nothing is written any more; null while all is well. */
  #refusal: string | null = null;
  readonly #mayLogDeletion = logRateLimit();
  /** The write in flight. */
  #writing: Promise<void> | null = null;
  #closing: Promise<void> | null = null;

  constructor(
    directory: string,
    { files = nodeFiles, segmentBytes = SEGMENT_BYTES }: FileStorageOptions,
  ) {
    this.directory = directory;
    this.peerMemory = filePeerMemory(directory, files);
    this.#location = {
      directory,
      files,
      segmentBytes,
      onDeletionFailed: (what, error) => this.#deletionFailed(what, error),
    };
  }

  load(identity: Identity): Promise<Stored | null> {
    return this.#opening('Reading', async () => {
      const { files, directory } = this.#location;
      if ((await files.list(directory)) === null) return null;
      this.#unlock ??= await lockDirectory(files, directory);
      this.#data = await openDataDirectory(this.#location, identity);
      return this.#data === null ? null : this.#withAccess(this.#data.stored);
    });
  }

  initialise(identity: Identity, base: LogBase): Promise<Stored> {
    return this.#opening('Making', async () => {
      const { files, directory } = this.#location;
      await files.makeDirectory(directory);
      this.#unlock ??= await lockDirectory(files, directory);
      this.#data = await makeDataDirectory(this.#location, identity, base);
      return this.#withAccess(this.#data.stored);
    });
  }

  /** Files are their owner's alone; but whoever may change the directory can put others in their place. */
  async #withAccess(stored: Stored): Promise<Stored> {
    const { files, directory } = this.#location;
    const mode = (await files.modeOf?.(directory)) ?? 0;
    if ((mode & OTHERS_WRITE) === 0) return stored;
    const warning =
      `Users other than its owner may change ${directory} (mode ${mode.toString(8)}), and so replace ` +
      `this server's files: chmod 700 ${directory}`;
    return { ...stored, warnings: [...stored.warnings, warning] };
  }

  async write(batch: WriteBatch): Promise<void> {
    const { snapshots } = this.#opened();
    if (this.#refusal !== null) throw new StorageError(this.#refusal);
    invariant(this.#writing === null, `write ${batch.writeId} waits for the one in flight (§5.1)`);
    if (batch.snapshot !== null) snapshots.assertComplete(batch.snapshot);
    this.#writing = this.#append(batch);
    const ended = this.#watchWrite(batch.writeId);
    try {
      await this.#writing;
    } catch (error) {
      throw this.#failed(batch.writeId, error);
    } finally {
      this.#writing = null;
      ended();
    }
    if (batch.snapshot === null) return;
    snapshots
      .supersede(batch.snapshot.id)
      .catch((error) => this.#deletionFailed('older snapshots', error));
  }

  async #append(batch: WriteBatch): Promise<void> {
    const { log, acknowledged } = this.#opened();
    const startedAt = performance.now();
    await log.append(batch);
    await acknowledged.record(batch.writeId, performance.now() - startedAt);
  }

  /** @returns what tells it that the write has ended */
  #watchWrite(number: number): () => void {
    const startedAt = performance.now();
    const what = `Write ${number} to ${this.directory}`;
    let isTold = false;
    const timer = setTimeout(() => {
      isTold = true;
      this.notices$.next(
        `${what} has been under way for ${HUNG_WRITE_MS / 1_000} s: the disk hangs, or is far too ` +
          'slow. What this server has not written yet counts in no majority; check the disk.',
      );
    }, HUNG_WRITE_MS);
    timer.unref();
    return () => {
      clearTimeout(timer);
      const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
      if (isTold) this.notices$.next(`${what} has ended after ${seconds} s.`);
    };
  }

  /** The file is deleted at the next start; if that fails too, the disk fills up. */
  #deletionFailed(what: string, error: unknown): void {
    const { directory } = this;
    if (!this.#mayLogDeletion(what)) return;
    this.notices$.next(failed(`Deleting ${what} in ${directory}`, error).message);
  }

  async writeChunk(...chunk: Parameters<Storage['writeChunk']>): Promise<void> {
    await this.#opened().snapshots.writeChunk(...chunk);
  }

  async openSnapshot(snapshotId: string): Promise<SnapshotReader> {
    return this.#opened().snapshots.open(snapshotId);
  }

  async discardSnapshot(snapshotId: string): Promise<void> {
    await this.#opened().snapshots.discard(snapshotId);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#writing?.catch(() => {});
    const data = this.#data;
    this.#data = null;
    try {
      await data?.snapshots.close();
      await data?.log.close();
      await data?.acknowledged.close();
    } finally {
      await this.#unlock?.();
      this.#unlock = null;
    }
  }

  async #opening<T>(verb: string, open: () => Promise<T>): Promise<T> {
    const { directory } = this;
    if (this.#closing !== null) throw new StorageError(`The storage in ${directory} is closed.`);
    if (this.#data !== null) throw new StorageError(`The storage in ${directory} is open already.`);
    try {
      return await open();
    } catch (error) {
      await this.#unlock?.();
      this.#unlock = null;
      if (error instanceof StorageError) throw error;
      throw failed(`${verb} ${directory}`, error);
    }
  }

  #opened(): DataDirectory {
    if (this.#data !== null) return this.#data;
    const state = this.#closing === null ? 'not loaded yet' : 'closed';
    throw new StorageError(`The storage in ${this.directory} is ${state}.`);
  }

  /** How much of it is on the disk is not known until it is read back, so the server stops (fail-stop). */
  #failed(number: number, cause: unknown): Error {
    const what = `Write ${number} to ${this.directory}`;
    this.#refusal =
      `${what} has failed before, so nothing more is written: stop this server, ` +
      'and start it again when the disk works again.';
    return cause instanceof InvariantViolation ? cause : failed(what, cause);
  }
}

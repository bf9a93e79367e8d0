/**
 * A server's stable storage (§5.1) in a directory of its own (docs/formats.md):
 *
 *     identity       whose it is; written last when the directory is made
 *     acknowledged   the number of the last completed write
 *     lock-…         the process that has it
 *     wal/           the write-ahead log, in segments
 *     snapshots/     the snapshot in force, and those that are being written
 *     torn/          what crashes left of writes nobody was told of
 */

import { Subject } from 'rxjs';
import { InvariantViolation, invariant } from '../../machines/rules/invariant.ts';
import type { LogBase } from '../../machines/rules/log.ts';
import { StorageError } from '../host/errors.ts';
import type { PeerMemory } from '../ports/peer-memory.ts';
import type { Identity, SnapshotReader, Storage, Stored, WriteBatch } from '../ports/storage.ts';
import { failed } from './damage.ts';
import {
  type DataDirectory,
  type DirectoryPlace,
  makeDataDirectory,
  openDataDirectory,
} from './data-directory.ts';
import { type DirectoryLock, lockDirectory } from './directory-lock.ts';
import { type Files, nodeFiles } from './files.ts';
import { filePeerMemory } from './peer-memory.ts';
import { RateLimitedLog } from './rate-limited-log.ts';

/** How a data directory is written. */
export interface FileStorageOptions {
  /** Of one file of the log, filled with zeros when it is made. Default: 16 MiB. */
  readonly segmentBytes?: number;
  /** The file system; tests give one with faults. */
  readonly files?: Files;
}

const SEGMENT_BYTES = 16 * 1024 * 1024;
const SLOW_WRITE_MS = 5_000;
const OTHERS_WRITE = 0o022;

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
  const { files = nodeFiles, segmentBytes = SEGMENT_BYTES } = options;
  return new FileStorage({ directory, files, segmentBytes });
}

class FileStorage implements DirectoryStorage {
  readonly notices$ = new Subject<string>();
  readonly peerMemory: PeerMemory;
  readonly #place: DirectoryPlace;
  #lock: DirectoryLock | null = null;
  #data: DataDirectory | null = null;
  /** Why nothing is written any more; null while all is well. */
  #refusal: string | null = null;
  readonly #leftovers = new RateLimitedLog();
  #writing: Promise<void> = Promise.resolve();
  #isWriting = false;
  #closing: Promise<void> | null = null;

  get directory(): string {
    return this.#place.directory;
  }

  constructor(place: DirectoryPlace) {
    this.#place = { ...place, leftOver: (what, error) => this.#leftOver(what, error) };
    this.peerMemory = filePeerMemory(place.directory, place.files);
  }

  load(identity: Identity): Promise<Stored | null> {
    return this.#opening('Reading', async () => {
      const { files, directory } = this.#place;
      if ((await files.list(directory)) === null) return null;
      this.#lock ??= await lockDirectory(files, directory);
      this.#data = await openDataDirectory(this.#place, identity);
      return this.#data === null ? null : this.#withAccess(this.#data.stored);
    });
  }

  initialise(identity: Identity, base: LogBase): Promise<Stored> {
    return this.#opening('Making', async () => {
      const { files, directory } = this.#place;
      await files.makeDirectory(directory);
      this.#lock ??= await lockDirectory(files, directory);
      this.#data = await makeDataDirectory(this.#place, identity, base);
      return this.#withAccess(this.#data.stored);
    });
  }

  /** Files are their owner's alone; but whoever may change the directory can put others in their place. */
  async #withAccess(stored: Stored): Promise<Stored> {
    const { files, directory } = this.#place;
    const mode = (await files.modeOf?.(directory)) ?? 0;
    if ((mode & OTHERS_WRITE) === 0) return stored;
    const warning =
      `Others than its owner may change ${directory} (mode ${mode.toString(8)}), and so put other ` +
      `files in the place of this server's: chmod 700 ${directory}`;
    return { ...stored, warnings: [...stored.warnings, warning] };
  }

  async write(batch: WriteBatch): Promise<void> {
    const { log, acknowledged, snapshots } = this.#opened();
    if (this.#refusal !== null) throw new StorageError(this.#refusal);
    invariant(!this.#isWriting, `write ${batch.writeId} waits for the one in flight (§5.1)`);
    if (batch.snapshot !== null) snapshots.assertComplete(batch.snapshot);
    this.#isWriting = true;
    const writing = log.append(batch).then(() => acknowledged.record(batch.writeId));
    this.#writing = writing.catch(() => {});
    const watch = this.#watchWrite(batch.writeId);
    try {
      await writing;
    } catch (error) {
      throw this.#failed(batch.writeId, error);
    } finally {
      this.#isWriting = false;
      watch.ended();
    }
    if (batch.snapshot === null) return;
    snapshots
      .supersede(batch.snapshot.id)
      .catch((error) => this.#leftOver('older snapshots', error));
  }

  #watchWrite(number: number): { ended(): void } {
    const startedAt = performance.now();
    const what = `Write ${number} to ${this.#place.directory}`;
    let isTold = false;
    const timer = setTimeout(() => {
      isTold = true;
      this.notices$.next(
        `${what} has been under way for ${SLOW_WRITE_MS / 1_000} s: the disk hangs, or is far too ` +
          'slow. What this server has not written yet counts for no majority; see to the disk.',
      );
    }, SLOW_WRITE_MS);
    timer.unref();
    return {
      ended: () => {
        clearTimeout(timer);
        const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
        if (isTold) this.notices$.next(`${what} has ended after ${seconds} s.`);
      },
    };
  }

  /** It is deleted at the next start; if that cannot be either, the disk fills up. */
  #leftOver(what: string, error: unknown): void {
    const { directory } = this.#place;
    if (!this.#leftovers.isNews(what)) return;
    this.notices$.next(failed(`Deleting ${what} in ${directory}`, error).message);
  }

  async writeChunk(
    snapshotId: string,
    offset: number,
    bytes: Uint8Array,
    isLast: boolean,
  ): Promise<void> {
    await this.#opened().snapshots.writeChunk(snapshotId, offset, bytes, isLast);
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
    await this.#writing;
    const data = this.#data;
    this.#data = null;
    try {
      await data?.snapshots.close();
      await data?.log.close();
      await data?.acknowledged.close();
    } finally {
      await this.#lock?.release();
      this.#lock = null;
    }
  }

  async #opening<T>(verb: string, open: () => Promise<T>): Promise<T> {
    const { directory } = this.#place;
    if (this.#closing !== null) throw new StorageError(`The storage in ${directory} is closed.`);
    if (this.#data !== null) throw new StorageError(`The storage in ${directory} is open already.`);
    try {
      return await open();
    } catch (error) {
      await this.#lock?.release();
      this.#lock = null;
      if (error instanceof StorageError) throw error;
      throw failed(`${verb} ${directory}`, error);
    }
  }

  #opened(): DataDirectory {
    if (this.#data !== null) return this.#data;
    const state = this.#closing === null ? 'not loaded yet' : 'closed';
    throw new StorageError(`The storage in ${this.#place.directory} is ${state}.`);
  }

  /** Nobody knows how much of it is on the disk: only reading it back could tell (fail-stop). */
  #failed(number: number, cause: unknown): Error {
    const what = `Write ${number} to ${this.#place.directory}`;
    this.#refusal =
      `${what} has failed before, so nothing more is written: stop this server, ` +
      'and start it again when the disk is well.';
    return cause instanceof InvariantViolation ? cause : failed(what, cause);
  }
}

/**
 * The bytes of snapshots (§7; Figure 13): written aside while commands go on, stored as they arrive,
 * read for followers that need them, and given to the state machine. Which snapshot is in force is for
 * the protocol to decide; here they are only carried.
 */

import type { SendChunk, StoreChunk } from '../../machines/rules/effects.ts';
import type { ServerId } from '../../machines/rules/entries.ts';
import type { StoredChunk } from '../../machines/rules/install-snapshot.ts';
import type { InstallSnapshot } from '../../machines/rules/messages.ts';
import type { SnapshotPointer } from '../../machines/rules/state.ts';
import { readSnapshot, SnapshotDigest, writeSnapshot } from '../formats/snapshot-file.ts';
import type { StartHash } from '../ports/hash.ts';
import type { StateMachine } from '../ports/state-machine.ts';
import type { SnapshotReader, Storage } from '../ports/storage.ts';
import { StorageError, snapshotFailed } from './errors.ts';
import { SerialQueue } from './serial-queue.ts';
import type { SessionTable } from './session-table.ts';

export interface SnapshotTransfersOptions {
  readonly id: ServerId;
  readonly storage: Storage;
  readonly stateMachine: StateMachine;
  readonly sessions: SessionTable;
  /** Resolves when the event loop has had a turn. */
  readonly pause: () => Promise<void>;
  readonly hash?: StartHash | undefined;
  readonly onFailed: (error: unknown) => void;
}

type Frozen = Omit<SnapshotPointer, 'id' | 'sizeBytes'>;

export class SnapshotTransfers {
  readonly #options: SnapshotTransfersOptions;
  readonly #readers = new Map<ServerId, { id: string; reader: Promise<SnapshotReader> }>();
  #incoming: { id: string; digest: SnapshotDigest } | null = null;
  /** Chunks are stored and discarded one after the other. */
  readonly #storing = new SerialQueue();
  #isClosed = false;

  constructor(options: SnapshotTransfersOptions) {
    this.#options = options;
  }

  /** Freezes the state at once; its bytes are written while commands go on. */
  take(frozen: Frozen, done: (snapshot: SnapshotPointer) => void): void {
    const { id: server, storage, stateMachine, sessions, pause, hash, onFailed } = this.#options;
    const id = `${server}-${frozen.term}-${frozen.index}`;
    const { keepsRefusals } = sessions;
    const header = { id, ...frozen, sessions: sessions.encode(), keepsRefusals };
    const failed = (cause: unknown) => onFailed(snapshotFailed(server, 'taken', frozen, cause));
    let chunks: ReturnType<StateMachine['snapshot']>;
    try {
      chunks = stateMachine.snapshot();
    } catch (cause) {
      failed(cause);
      return;
    }
    const pieces = writeSnapshot(header, chunks, { pause, hash });
    this.#writeAll(storage, id, pieces).then((sizeBytes) => {
      if (sizeBytes !== null) done({ id, sizeBytes, ...frozen });
    }, failed);
  }

  /** The file's size; null when the server stopped meanwhile. */
  async #writeAll(
    storage: Storage,
    id: string,
    pieces: AsyncIterable<Uint8Array>,
  ): Promise<number | null> {
    let offset = 0;
    let held: Uint8Array | null = null;
    for await (const piece of pieces) {
      if (this.#isClosed) return null;
      if (held !== null) {
        await storage.writeChunk(id, offset, held, false);
        offset += held.byteLength;
      }
      held = piece;
    }
    if (this.#isClosed) return null;
    const last = held ?? new Uint8Array(0);
    await storage.writeChunk(id, offset, last, true);
    return offset + last.byteLength;
  }

  /** Stores a received chunk aside; with the last one the whole is checked. */
  store(
    { snapshot, requestId, offset, bytes, isLast }: StoreChunk,
    done: (stored: StoredChunk) => void,
    rejected: (rejected: Pick<StoredChunk, 'snapshotId' | 'requestId'>) => void,
  ): void {
    const { storage, hash, onFailed } = this.#options;
    const { id: snapshotId } = snapshot;
    const store = async () => {
      if (this.#isClosed) return;
      if (offset === 0) this.#incoming = { id: snapshotId, digest: new SnapshotDigest(hash) };
      if (this.#incoming?.id !== snapshotId) return rejected({ snapshotId, requestId });
      this.#incoming.digest.update(bytes);
      const isSound = !isLast || this.#incoming.digest.finish();
      if (!isSound) return rejected({ snapshotId, requestId });
      await storage.writeChunk(snapshotId, offset, bytes, isLast);
      const nextOffset = offset + bytes.byteLength;
      const pointer = isLast ? this.#pointer(nextOffset) : null;
      done({ snapshotId, requestId, nextOffset, snapshot: pointer });
    };
    this.#storing.add(store).catch(onFailed);
  }

  #pointer(sizeBytes: number): SnapshotPointer | null {
    const header = this.#incoming?.digest.header ?? null;
    this.#incoming = null;
    if (header === null) return null;
    const { id, index, term, time, configuration, settings } = header;
    return { id, index, term, time, configuration, settings, sizeBytes };
  }

  discard(snapshotId: string): void {
    const { storage, onFailed } = this.#options;
    const discard = async () => {
      if (!this.#isClosed) await storage.discardSnapshot(snapshotId);
    };
    this.#storing.add(discard).catch(onFailed);
  }

  /** Reads a chunk for a follower; its snapshot stays open while newer ones come into force. */
  send(effect: SendChunk, send: (message: InstallSnapshot) => void): void {
    const { id: from, onFailed } = this.#options;
    const { to, term, requestId, snapshot, offset, lengthMax } = effect;
    this.#readerFor(to, snapshot.id)
      .then((reader) => reader.read(offset, lengthMax))
      .then((bytes) => {
        const { id, index, sizeBytes } = snapshot;
        const isLast = offset + bytes.byteLength === sizeBytes;
        const identity = { id, index, term: snapshot.term, sizeBytes };
        const envelope = { type: 'InstallSnapshot', from, to, term, requestId } as const;
        send({ ...envelope, snapshot: identity, offset, bytes, isLast });
      })
      .catch(onFailed);
  }

  #readerFor(follower: ServerId, id: string): Promise<SnapshotReader> {
    const open = this.#readers.get(follower);
    if (open?.id === id) return open.reader;
    this.#closeReader(follower);
    const reader = this.#options.storage.openSnapshot(id);
    this.#readers.set(follower, { id, reader });
    return reader;
  }

  /** The server stops: nothing more is written, whatever was under way. */
  close(): void {
    this.#isClosed = true;
    this.closeReaders();
  }

  /** This server no longer leads, so it sends no snapshots. */
  closeReaders(): void {
    for (const follower of [...this.#readers.keys()]) this.#closeReader(follower);
  }

  #closeReader(follower: ServerId): void {
    const open = this.#readers.get(follower);
    this.#readers.delete(follower);
    open?.reader.then((reader) => reader.close()).catch(this.#options.onFailed);
  }

  /** Opens it now, so that it stays readable; the function returned replaces the state by it. */
  restoring(snapshot: SnapshotPointer): () => Promise<void> {
    const { id: server, storage } = this.#options;
    const opened = storage.openSnapshot(snapshot.id);
    opened.catch(() => undefined);
    return async () => {
      try {
        await this.#restore(snapshot, await opened);
      } catch (cause) {
        throw snapshotFailed(server, 'restored', snapshot, cause);
      }
    };
  }

  async #restore(snapshot: SnapshotPointer, reader: SnapshotReader): Promise<void> {
    const { stateMachine, sessions, pause, hash } = this.#options;
    try {
      const { header, chunks } = await readSnapshot(reader, { pause, hash });
      if (header.index !== snapshot.index || header.term !== snapshot.term) {
        throw new StorageError(
          `Snapshot ${snapshot.id} should end at index ${snapshot.index}, term ${snapshot.term}, ` +
            `and ends at index ${header.index}, term ${header.term}: its file was replaced`,
        );
      }
      await stateMachine.restore(chunks);
      for await (const _ of chunks);
      sessions.restore(header.sessions, header.settings);
    } finally {
      await reader.close();
    }
  }
}

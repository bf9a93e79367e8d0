/**
 * The course's persister as a server's storage. The course saves at once: what a server decides is in
 * the persister when it hears of the decision. Snapshots travel as files, as those of any server do.
 */
import { pack } from '../formats/msgpack.ts';
import { DIGEST_BYTES, readSnapshot, writeSnapshot } from '../formats/snapshot-file.ts';
import { encodeHeader, type SnapshotHeader } from '../formats/snapshot-header.ts';
import { joined } from '../host/state-machine.ts';
import type { SnapshotReader, Storage, Stored, WriteBatch } from '../ports/storage.ts';
import type { Persister } from './persister.ts';
import { SavedState } from './saved-state.ts';

/** The clerks' sessions are the service's affair. */
const NO_SESSIONS = pack([]);

interface Snapshot {
  readonly header: SnapshotHeader;
  /** As the service has made them. */
  readonly bytes: Uint8Array;
}

export class PersisterStorage implements Storage {
  readonly #persister: Persister;
  readonly #saved: SavedState;
  /** By id: the one in force, and those that may come into force. */
  readonly #snapshots = new Map<string, Snapshot>();
  /** Files of which more is to come. */
  readonly #arriving = new Map<string, Uint8Array>();
  #inForce: Uint8Array | null;

  constructor(persister: Persister, servers: number) {
    this.#persister = persister;
    this.#saved = SavedState.decode(persister.readRaftState(), servers);
    this.#inForce = persister.readSnapshot();
    const { snapshot } = this.#saved.stored;
    if (snapshot !== null && this.#inForce !== null) this.add(snapshot, this.#inForce);
  }

  load = async (): Promise<Stored> => this.#saved.stored;
  initialise = this.load;

  /** As a server starts from it. */
  get stored(): Stored {
    return this.#saved.stored;
  }

  /** Gives the size of the snapshot's file. */
  add(snapshot: Omit<SnapshotHeader, 'sessions'>, bytes: Uint8Array): number {
    const header = { ...snapshot, sessions: NO_SESSIONS };
    this.#snapshots.set(header.id, { header, bytes });
    return encodeHeader(header).byteLength + bytes.byteLength + DIGEST_BYTES;
  }

  save(batch: WriteBatch): void {
    this.#saved.write(batch);
    if (batch.snapshot !== null) this.#inForce = this.#snapshot(batch.snapshot.id).bytes;
    this.#persister.save(this.#saved.encode(), this.#inForce);
  }

  /** Saved already, as it was decided. */
  async write(): Promise<void> {}

  async writeChunk(id: string, offset: number, bytes: Uint8Array, isLast: boolean): Promise<void> {
    const before = this.#arriving.get(id)?.subarray(0, offset) ?? new Uint8Array(0);
    const file = await joined([before, bytes]);
    this.#arriving.set(id, file);
    if (!isLast) return;
    this.#arriving.delete(id);
    const { header, chunks } = await readSnapshot(readerOf(file));
    this.add(header, await joined(chunks));
  }

  async openSnapshot(id: string): Promise<SnapshotReader> {
    const { header, bytes } = this.#snapshot(id);
    return readerOf(await joined(writeSnapshot(header, [bytes])));
  }

  #snapshot(id: string): Snapshot {
    const snapshot = this.#snapshots.get(id);
    if (snapshot === undefined) throw new Error(`There is no snapshot ${id}`);
    return snapshot;
  }

  async discardSnapshot(id: string): Promise<void> {
    this.#snapshots.delete(id);
    this.#arriving.delete(id);
  }

  async close(): Promise<void> {}
}

function readerOf(file: Uint8Array): SnapshotReader {
  return {
    sizeBytes: file.byteLength,
    read: async (offset, lengthMax) => file.slice(offset, offset + lengthMax),
    close: async () => undefined,
  };
}

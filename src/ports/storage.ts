/**
 * A server's stable storage (§5.1; Figure 2, "Persistent state").
 *
 * One server at a time owns one storage. Calls to `write` do not overlap: at most one is in flight.
 */

import type { Observable } from 'rxjs';
import type { Persist } from '../../machines/rules/effects.ts';
import type { Entry, LogIndex, ServerId, Term } from '../../machines/rules/entries.ts';
import type { LogBase } from '../../machines/rules/log.ts';
import type { SnapshotPointer } from '../../machines/rules/state.ts';
import type { PeerMemory } from './peer-memory.ts';

/** Whose storage it is: checked at every load. */
export interface Identity {
  /** A digest of the cluster's name and its bootstrap configuration (ids, not addresses). */
  readonly clusterId: string;
  readonly serverId: ServerId;
}

/** One atomic write: a `persist` effect, or several of them merged (group commit). */
export type WriteBatch = Omit<Persist, 'type'>;

/** What a storage holds, as of its last completed write. */
export interface Stored {
  /** Random, made with the storage: peers know by it that a directory was replaced. */
  readonly storageId: string;
  /** The number of the last write it holds. */
  readonly lastWriteId: number;
  readonly term: Term;
  /** Who got the vote of that term; null for nobody (Figure 2). */
  readonly votedFor: ServerId | null;
  /** Through this entry the log was known to be committed; it may lag behind. */
  readonly commitIndex: LogIndex;
  /** The entry below the first one: what a snapshot has taken the place of. */
  readonly base: LogBase;
  /** Everything after `base`, contiguous. */
  readonly entries: readonly Entry[];
  /** The snapshot in force; null without one. */
  readonly snapshot: SnapshotPointer | null;
  /** Sentences about what was repaired, for the log: a torn write cut off, say. */
  readonly warnings: readonly string[];
}

/** A stored snapshot, open for reading; it stays readable although a newer one comes into force. */
export interface SnapshotReader {
  readonly sizeBytes: number;
  /** At most so many bytes from there on; fewer only at its end. */
  read(offset: number, lengthMax: number): Promise<Uint8Array>;
  /** Closes it. Idempotent. */
  close(): Promise<void>;
}

/** Where a server keeps what must survive it (§5.1): term, vote, log and snapshots. */
export interface Storage {
  /** Sentences about what is wrong without being a failure: a write that takes seconds, say. */
  readonly notices$?: Observable<string>;
  /** Where what is known of the peers' directories is kept beside it. */
  readonly peerMemory?: PeerMemory;

  /**
   * Takes the storage for this server and reads it; null when it was never initialised.
   * @throws StorageError when it belongs to another server, cluster or process, or is damaged.
   */
  load(identity: Identity): Promise<Stored | null>;

  /** Makes an empty storage into one that holds `base` and no entries; durable when it resolves. */
  initialise(identity: Identity, base: LogBase): Promise<Stored>;

  /**
   * Atomic, and durable when it resolves. A batch with a snapshot brings it into force; others may
   * be deleted then, unless they are open or still being written.
   */
  write(batch: WriteBatch): Promise<void>;

  /**
   * Stores bytes of a snapshot aside, at `offset`, in order from 0; offset 0 starts it anew. With
   * `isLast` the whole is durable when it resolves.
   */
  writeChunk(snapshotId: string, offset: number, bytes: Uint8Array, isLast: boolean): Promise<void>;

  /**
   * Opens a complete snapshot for reading.
   *
   * @throws StorageError when there is no such snapshot, or it is not complete.
   */
  openSnapshot(snapshotId: string): Promise<SnapshotReader>;

  /** Deletes a snapshot that never came into force; none is no error. */
  discardSnapshot(snapshotId: string): Promise<void>;

  /** Closes it. Idempotent; waits for the write in flight. */
  close(): Promise<void>;
}

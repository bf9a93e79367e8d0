/**
 * A simulated disk: `Storage` with a model of what is and is not yet synced. It outlives the servers
 * that use it, one after the other.
 *
 * A write takes virtual time. A crash in the middle of it leaves the state before it or after it, by
 * chance; chunks of a snapshot that was not complete are lost or torn.
 */

import type { LogIndex } from '../../machines/rules/entries.ts';
import { invariant } from '../../machines/rules/invariant.ts';
import type { LogBase } from '../../machines/rules/log.ts';
import { StorageError } from '../host/errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { Identity, Stored, WriteBatch } from '../ports/storage.ts';
import type { DurationRange } from './faults.ts';
import type { SeededRandom } from './random.ts';
import { SnapshotStore } from './snapshot-store.ts';
import { applyBatch, type DiskState, emptyState, storedOf } from './stored-state.ts';

/** How slow a simulated disk is, in virtual milliseconds, and how often it fails. */
export interface DiskFaults {
  /** Of one write; chunks take as long. */
  readonly writeMs: DurationRange;
  /** Of one read. */
  readonly readMs: DurationRange;
  /** The probability that a write fails, and with it everything after. */
  readonly failure: number;
}

export const HEALTHY_DISK: DiskFaults = {
  writeMs: { minMs: 0.1, maxMs: 0.5 },
  readMs: { minMs: 0.02, maxMs: 0.1 },
  failure: 0,
};

/** What a failing write leaves behind: nothing, everything, or a torn record that is cut off. */
export type FailedWrite = 'lost' | 'kept' | 'torn';

const OUTCOMES: readonly FailedWrite[] = ['lost', 'kept', 'torn'];

export interface DiskOptions {
  readonly clock: Clock;
  readonly random: SeededRandom;
  readonly faults?: DiskFaults;
  /** Told after each write that has become durable. */
  readonly onDurable?: (state: DiskState, batch: WriteBatch | null) => void;
}

/**
 * A disk that knows what is synced: it outlives crashes of its server, and forgets what was not.
 */
export class SimulatedDisk {
  readonly snapshots = new SnapshotStore();
  readonly #options: DiskOptions;
  #faults: DiskFaults;
  #identity: Identity | null = null;
  #storageId = '';
  #state: DiskState | null = null;
  #user: object | null = null;
  /** The write that has begun and not ended. */
  #inFlight: WriteBatch | null = null;
  #warnings: string[] = [];
  #nextFailure: FailedWrite | null = null;
  #busyUntil = 0;
  #made = 0;

  constructor(options: DiskOptions) {
    this.#options = options;
    this.#faults = options.faults ?? HEALTHY_DISK;
  }

  /** What is durable just now; null when the disk was never initialised. */
  get durable(): DiskState | null {
    return this.#state;
  }

  /** Whether a write has begun and not ended. */
  get isWriting(): boolean {
    return this.#inFlight !== null;
  }

  /** Changes what is given, from the next write on. */
  setFaults(faults: Partial<DiskFaults>): void {
    this.#faults = { ...this.#faults, ...faults };
  }

  /** The next write fails, and leaves that much behind. Null takes it back. */
  failNextWrite(leaving: FailedWrite | null = 'lost'): void {
    this.#nextFailure = leaving;
  }

  /**
   * The machine it is in has lost its power, or the process was killed.
   * @param leaving what is left of the write that has begun and not ended; by chance when not given
   */
  crash(leaving?: FailedWrite): void {
    const { random } = this.#options;
    const batch = this.#inFlight;
    this.#inFlight = null;
    this.#user = null;
    this.snapshots.crash(random);
    if (batch === null) return;
    this.#leave(leaving ?? OUTCOMES[random.below(OUTCOMES.length)]!, batch);
  }

  /**
   * It had acknowledged these entries and never synced them, as some disks do: with its power they are
   * gone, and term and vote are not.
   */
  loseEntriesFrom(index: LogIndex): void {
    invariant(this.#user === null, 'a disk loses its cache with its power, and so its server');
    invariant(this.#state !== null, 'a disk that never was initialised has no entries');
    const { base, entries, commitIndex } = this.#state;
    const kept = entries.slice(0, Math.max(0, index - 1 - base.index));
    const last = base.index + kept.length;
    this.#state = { ...this.#state, entries: kept, commitIndex: Math.min(commitIndex, last) };
    this.#options.onDurable?.(this.#state, null);
  }

  /** Puts a hand-made state on an empty disk. */
  prepare(identity: Identity, state: DiskState): void {
    invariant(this.#state === null, 'a disk is prepared before anything is written to it');
    this.#format(identity, state);
  }

  /** Of a storage: becomes its user, as `Storage.load` does. */
  take(user: object, identity: Identity): void {
    if (this.#user !== null && this.#user !== user) {
      throw new StorageError(
        `The disk of server ${identity.serverId} is in use by another process: stop that one first`,
      );
    }
    const owner = this.#identity;
    if (owner !== null && owner.serverId !== identity.serverId) {
      throw new StorageError(
        `This disk belongs to server ${owner.serverId}, not to ${identity.serverId}: ` +
          'give each server its own',
      );
    }
    if (owner !== null && owner.clusterId !== identity.clusterId) {
      throw new StorageError(
        `This disk belongs to cluster ${owner.clusterId}, not to ${identity.clusterId}: ` +
          'a cluster is known by its name and its first servers; start it with those',
      );
    }
    this.#user = user;
  }

  /** Of a storage: lets go of it. */
  release(user: object): void {
    if (this.#user === user) this.#user = null;
  }

  /** Of a storage: what is durable; null when nothing was ever initialised. */
  read(): Stored | null {
    if (this.#state === null) return null;
    this.snapshots.sweep(this.#state.snapshot?.id ?? null);
    const warnings = this.#warnings;
    this.#warnings = [];
    return storedOf(this.#state, this.#storageId, warnings);
  }

  /** Of a storage: as `Storage.initialise`. */
  initialise(identity: Identity, base: LogBase): Stored {
    if (this.#state !== null) {
      throw new StorageError(
        `The disk of server ${identity.serverId} is not empty: load it instead`,
      );
    }
    this.#format(identity, emptyState(base));
    return this.read()!;
  }

  /** Of a storage: a write has begun, and may be lost from now on. */
  begin(batch: WriteBatch): void {
    invariant(this.#state !== null, 'a disk is initialised before anything is written to it');
    invariant(this.#inFlight === null, 'at most one write is in flight (design: durability)');
    const { snapshot } = batch;
    if (snapshot !== null && !this.snapshots.isComplete(snapshot.id)) {
      throw new StorageError(
        `Write ${batch.writeId} points at snapshot ${snapshot.id}, which is not complete: ` +
          'store its last chunk first',
      );
    }
    this.#inFlight = batch;
  }

  /**
   * Of a storage: that write is durable.
   *
   * @throws StorageError when it fails.
   */
  finish(batch: WriteBatch): void {
    if (this.#inFlight !== batch) return;
    this.#inFlight = null;
    const failure = this.#failureOfThisWrite();
    this.#leave(failure ?? 'kept', batch);
    if (failure === null) return;
    const { writeId, term, entries } = batch;
    throw failed(`Write ${writeId} (term ${term}, ${entries.length} entries)`);
  }

  /**
   * Of a storage: as `Storage.writeChunk`.
   *
   * @throws StorageError when it fails.
   */
  writeChunk(id: string, offset: number, bytes: Uint8Array, isLast: boolean): void {
    const failure = this.#failureOfThisWrite();
    if (failure !== null) throw failed(`The chunk at ${offset} of snapshot ${id}`);
    this.snapshots.write(id, offset, bytes, isLast);
  }

  /** Calls when what takes a write's or a read's time is done; writes keep their order. */
  later(kind: 'write' | 'read', done: () => void): void {
    const { clock, random } = this.#options;
    const { minMs, maxMs } = kind === 'write' ? this.#faults.writeMs : this.#faults.readMs;
    const durationMs = random.between(minMs, maxMs);
    if (kind === 'read') return void clock.setTimeout(done, durationMs);
    this.#busyUntil = Math.max(this.#busyUntil, clock.now() + durationMs);
    clock.setTimeout(done, this.#busyUntil - clock.now());
  }

  #failureOfThisWrite(): FailedWrite | null {
    const { random } = this.#options;
    const asked = this.#nextFailure;
    this.#nextFailure = null;
    if (asked !== null) return asked;
    if (!random.chance(this.#faults.failure)) return null;
    return OUTCOMES[random.below(OUTCOMES.length)]!;
  }

  #leave(outcome: FailedWrite, batch: WriteBatch): void {
    if (outcome === 'kept') this.#keep(batch);
    if (outcome === 'torn') {
      this.#warnings.push(`write ${batch.writeId} was torn; its record was cut off`);
    }
  }

  #format(identity: Identity, state: DiskState): void {
    this.#made += 1;
    this.#identity = identity;
    this.#storageId = `${identity.serverId}-${this.#made}`;
    this.#state = state;
    this.#options.onDurable?.(state, null);
  }

  #keep(batch: WriteBatch): void {
    invariant(this.#state !== null, 'a disk is initialised before anything is written to it');
    this.#state = applyBatch(this.#state, batch);
    if (batch.snapshot !== null) this.snapshots.supersede(batch.snapshot.id);
    this.#options.onDurable?.(this.#state, batch);
  }
}

function failed(what: string): StorageError {
  return new StorageError(
    `${what} failed: input/output error; what it left on the disk is unknown until the next start`,
  );
}

/** A storage whose writes resolve only when the test says so. What it then holds, a model keeps. */

import { Subject } from 'rxjs';
import type { LogBase } from '../../machines/rules/log.ts';
import type {
  Identity,
  SnapshotReader,
  Storage,
  Stored,
  WriteBatch,
} from '../../src/ports/storage.ts';
import { applyBatch, type DiskState, emptyState } from '../../src/simulation/stored-state.ts';

interface Held {
  readonly batch: WriteBatch;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export class ControlledStorage implements Storage {
  readonly notices$ = new Subject<string>();
  /** While true, writes wait for `finish` or `fail`. */
  isHolding = false;
  /** While set, reading a snapshot waits for it. */
  reading: Promise<void> = Promise.resolve();
  isClosed = false;
  /** Everything that was begun, in order. */
  readonly writes: WriteBatch[] = [];
  readonly chunks: { id: string; offset: number; isLast: boolean }[] = [];
  readonly discarded: string[] = [];
  readonly #snapshots = new Map<string, Uint8Array>();
  #state: DiskState | null = null;
  #held: Held | null = null;

  /** What a restarted server would load. */
  get state(): DiskState {
    if (this.#state === null) throw new Error('nothing is stored yet');
    return this.#state;
  }

  get inFlight(): WriteBatch | null {
    return this.#held?.batch ?? null;
  }

  finish(): void {
    const held = this.#take();
    this.#state = applyBatch(this.state, held.batch);
    held.resolve();
  }

  fail(error: Error): void {
    this.#take().reject(error);
  }

  #take(): Held {
    const held = this.#held;
    if (held === null) throw new Error('no write is in flight');
    this.#held = null;
    return held;
  }

  async load(_: Identity): Promise<Stored | null> {
    this.isClosed = false;
    return this.#state === null ? null : this.#stored();
  }

  async initialise(_: Identity, base: LogBase): Promise<Stored> {
    this.#state = emptyState(base);
    return this.#stored();
  }

  #stored(): Stored {
    const entries = [...this.state.entries];
    return { ...this.state, entries, storageId: 'controlled', warnings: [] };
  }

  write(batch: WriteBatch): Promise<void> {
    if (this.#held !== null) throw new Error('a write is in flight already');
    this.writes.push(batch);
    return new Promise((resolve, reject) => {
      this.#held = { batch, resolve, reject };
      if (!this.isHolding) this.finish();
    });
  }

  async writeChunk(id: string, offset: number, bytes: Uint8Array, isLast: boolean): Promise<void> {
    this.chunks.push({ id, offset, isLast });
    const before = this.#snapshots.get(id)?.subarray(0, offset) ?? new Uint8Array(0);
    const whole = new Uint8Array(offset + bytes.byteLength);
    whole.set(before);
    whole.set(bytes, offset);
    this.#snapshots.set(id, whole);
  }

  async openSnapshot(id: string): Promise<SnapshotReader> {
    const whole = this.#snapshots.get(id);
    if (whole === undefined) throw new Error(`there is no snapshot ${id}`);
    return {
      sizeBytes: whole.byteLength,
      read: async (offset, lengthMax) => {
        await this.reading;
        return whole.slice(offset, offset + lengthMax);
      },
      close: async () => undefined,
    };
  }

  async discardSnapshot(id: string): Promise<void> {
    this.discarded.push(id);
    this.#snapshots.delete(id);
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }
}

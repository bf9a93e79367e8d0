/** The snapshot files of a simulated disk: what is complete, and what a crash leaves of the rest. */
import { concatenated } from '../formats/bytes.ts';
import {
  decodeHeader,
  headerLength,
  PREFIX_BYTES,
  SnapshotFormatError,
  type SnapshotHeader,
} from '../formats/snapshot-header.ts';
import { StorageError } from '../host/errors.ts';
import type { SeededRandom } from './random.ts';

interface SnapshotFile {
  chunks: Uint8Array[];
  sizeBytes: number;
  /** Its number in the order of completion; 0 while incomplete. A complete one survives a crash. */
  completion: number;
  readers: number;
  isDiscarded: boolean;
}

export class SnapshotStore {
  readonly #files = new Map<string, SnapshotFile>();
  #completions = 0;

  isComplete(id: string): boolean {
    return (this.#files.get(id)?.completion ?? 0) > 0;
  }

  ids(): readonly string[] {
    return [...this.#files.keys()].sort();
  }

  write(id: string, offset: number, bytes: Uint8Array, isLast: boolean): void {
    if (offset === 0) {
      this.#files.set(id, {
        chunks: [],
        sizeBytes: 0,
        completion: 0,
        readers: 0,
        isDiscarded: false,
      });
    }
    const file = this.#files.get(id);
    if (file === undefined || file.completion > 0 || file.sizeBytes !== offset) {
      throw new StorageError(
        `Chunk at ${offset} of snapshot ${id} does not follow what is stored ` +
          `(${file?.sizeBytes ?? 0} bytes): send the chunks in order, from 0`,
      );
    }
    file.chunks.push(bytes.slice());
    file.sizeBytes += bytes.byteLength;
    if (!isLast) return;
    this.#completions += 1;
    file.completion = this.#completions;
  }

  open(id: string): {
    sizeBytes: number;
    read(from: number, max: number): Uint8Array;
    close(): void;
  } {
    const file = this.#files.get(id);
    if (!file?.completion) {
      throw new StorageError(
        `There is no complete snapshot ${id} to read: take or install it first`,
      );
    }
    const whole = file.chunks.length === 1 ? file.chunks[0]! : concatenated(file.chunks);
    file.chunks = [whole];
    let isOpen = true;
    file.readers += 1;
    return {
      sizeBytes: file.sizeBytes,
      read: (from, max) => whole.slice(from, from + max),
      close: () => {
        if (!isOpen) return;
        isOpen = false;
        file.readers -= 1;
        if (file.isDiscarded && file.readers === 0) this.#forget(id, file);
      },
    };
  }

  /** Null when the bytes are no snapshot of a server: tests store other bytes too. */
  headerOf(id: string): SnapshotHeader | null {
    const file = this.open(id);
    try {
      const from = PREFIX_BYTES;
      return decodeHeader(file.read(from, headerLength(file.read(0, PREFIX_BYTES))));
    } catch (error) {
      if (error instanceof SnapshotFormatError) return null;
      throw error;
    } finally {
      file.close();
    }
  }

  discard(id: string): void {
    const file = this.#files.get(id);
    if (file === undefined) return;
    file.isDiscarded = true;
    if (file.readers === 0) this.#forget(id, file);
  }

  /**
   * This one is in force: those that were complete before it go, once nobody reads them. Later ones
   * stay, since the write that points at one may follow.
   */
  supersede(idInForce: string): void {
    const completion = this.#files.get(idInForce)?.completion ?? 0;
    for (const [id, file] of this.#files) {
      if (file.completion > 0 && file.completion < completion) this.discard(id);
    }
  }

  /** What was not synced is gone, or stays as a torn beginning that nobody points at. */
  crash(random: SeededRandom): void {
    for (const [id, file] of this.#files) {
      file.readers = 0;
      if (file.completion > 0 && !file.isDiscarded) continue;
      if (random.chance(0.5)) this.#files.delete(id);
      else file.chunks.length = random.below(file.chunks.length + 1);
    }
  }

  /** On load: whatever nobody points at. */
  sweep(idInForce: string | null): void {
    for (const id of this.ids()) if (id !== idInForce) this.#files.delete(id);
  }

  #forget(id: string, file: SnapshotFile): void {
    if (this.#files.get(id) === file) this.#files.delete(id);
  }
}

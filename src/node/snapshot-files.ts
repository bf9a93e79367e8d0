/**
 * Snapshots as files (§7): written aside in order, and under their own name once complete. The log
 * says which one is in force. Their content does not matter here, except that it must be read back
 * as it was written: a trailer holds its size and checksum.
 */
import { join } from 'node:path';
import type { SnapshotPointer } from '../../machines/rules/state.ts';
import { isSnapshotId } from '../formats/fields.ts';
import { StorageError } from '../host/errors.ts';
import { SerialQueue } from '../host/serial-queue.ts';
import type { SnapshotReader } from '../ports/storage.ts';
import { checksum } from './checksum.ts';
import { damaged, failed, unknownFormat } from './damage.ts';
import { type Files, type OpenFile, withFile } from './files.ts';

/** One that is being written. */
interface Incomplete {
  readonly file: OpenFile;
  sizeBytes: number;
  sum: number;
  unsyncedBytes: number;
}

const COMPLETE = '.snapshot';
const INCOMPLETE = '.partial';
const SLICE_BYTES = 1024 * 1024;

const TRAILER_FORMAT = 1;
const TRAILER_BYTES = 24;
/** "Snap". */
const TRAILER_MAGIC = 0x536e6170;

export class SnapshotFiles {
  readonly #files: Files;
  readonly #directory: string;
  readonly #incomplete = new Map<string, Incomplete>();
  /** Sizes of the complete ones, in the order in which they became so. */
  readonly #complete = new Map<string, number>();
  readonly #readers = new Set<SnapshotReader>();
  readonly #steps = new SerialQueue();

  constructor(files: Files, directory: string) {
    this.#files = files;
    this.#directory = directory;
  }

  /**
   * Checks the one in force and deletes everything else.
   * @throws StorageError when it is missing or not what was written.
   */
  async load(inForce: SnapshotPointer | null): Promise<void> {
    if (inForce !== null) {
      await this.#verify(inForce);
      this.#complete.set(inForce.id, inForce.sizeBytes);
    }
    const kept = inForce && `${inForce.id}${COMPLETE}`;
    for (const name of (await this.#files.list(this.#directory)) ?? []) {
      if (name !== kept) await this.#files.remove(join(this.#directory, name));
    }
  }

  writeChunk(id: string, offset: number, bytes: Uint8Array, isLast: boolean): Promise<void> {
    return this.#steps.add(async () => {
      try {
        const incomplete = offset === 0 ? await this.#begin(id) : this.#expected(id, offset);
        await incomplete.file.write(bytes, offset);
        incomplete.sizeBytes += bytes.byteLength;
        incomplete.sum = checksum(bytes, incomplete.sum);
        incomplete.unsyncedBytes += bytes.byteLength;
        // One large flush at the end would delay the log's own.
        if (incomplete.unsyncedBytes >= SLICE_BYTES && !isLast) {
          await incomplete.file.datasync();
          incomplete.unsyncedBytes = 0;
        }
        if (isLast) await this.#finish(id, incomplete);
      } catch (error) {
        if (error instanceof StorageError) throw error;
        await this.#drop(id).catch(() => {});
        throw failed(`Storing snapshot ${id} from byte ${offset} on in ${this.#directory}`, error);
      }
    });
  }

  open(id: string): Promise<SnapshotReader> {
    return this.#steps.add(async () => {
      const sizeBytes = this.#complete.get(id);
      const file =
        sizeBytes === undefined ? null : await this.#files.open(this.#path(id, COMPLETE));
      if (sizeBytes === undefined || file === null) {
        throw new StorageError(`There is no complete snapshot ${id} in ${this.#directory}.`);
      }
      return this.#reader(file, sizeBytes);
    });
  }

  discard(id: string): Promise<void> {
    return this.#steps.add(async () => {
      await this.#drop(id);
      if (this.#complete.delete(id)) await this.#files.remove(this.#path(id, COMPLETE));
    });
  }

  /** @throws StorageError unless the pointer may come into force: complete, and of that size. */
  assertComplete({ id, sizeBytes }: SnapshotPointer): void {
    const found = this.#complete.get(id);
    if (found === sizeBytes) return;
    throw new StorageError(
      `Snapshot ${id} of ${sizeBytes} bytes cannot come into force: ` +
        (found === undefined ? 'it is not complete.' : `the one stored has ${found} bytes.`),
    );
  }

  /** This one is in force now: deletes those that were complete before it. */
  supersede(id: string): Promise<void> {
    return this.#steps.add(async () => {
      for (const older of [...this.#complete.keys()]) {
        if (older === id) return;
        this.#complete.delete(older);
        await this.#files.remove(this.#path(older, COMPLETE));
      }
    });
  }

  async close(): Promise<void> {
    await this.#steps.add(async () => {
      for (const { file } of this.#incomplete.values()) await file.close();
      this.#incomplete.clear();
      for (const reader of [...this.#readers]) await reader.close();
    });
  }

  async #begin(id: string): Promise<Incomplete> {
    await this.#drop(id);
    await this.#files.makeDirectory(this.#directory);
    const file = await this.#files.create(this.#path(id, INCOMPLETE));
    const incomplete = { file, sizeBytes: 0, sum: 0, unsyncedBytes: 0 };
    this.#incomplete.set(id, incomplete);
    return incomplete;
  }

  #expected(id: string, offset: number): Incomplete {
    const incomplete = this.#incomplete.get(id);
    if (incomplete?.sizeBytes === offset) return incomplete;
    throw new StorageError(
      `A chunk of snapshot ${id} begins at byte ${offset}, but ` +
        `${incomplete?.sizeBytes ?? 0} bytes of it are stored: chunks come in order, from 0.`,
    );
  }

  async #finish(id: string, { file, sizeBytes, sum }: Incomplete): Promise<void> {
    await file.write(encodeTrailer(sizeBytes, sum), sizeBytes);
    await file.datasync();
    await file.close();
    this.#incomplete.delete(id);
    await this.#files.rename(this.#path(id, INCOMPLETE), this.#path(id, COMPLETE));
    await this.#files.syncDirectory(this.#directory);
    this.#complete.delete(id);
    this.#complete.set(id, sizeBytes);
  }

  async #drop(id: string): Promise<void> {
    const incomplete = this.#incomplete.get(id);
    if (incomplete === undefined) return;
    this.#incomplete.delete(id);
    await incomplete.file.close();
    await this.#files.remove(this.#path(id, INCOMPLETE));
  }

  async #verify({ id, sizeBytes }: SnapshotPointer): Promise<void> {
    const path = this.#path(id, COMPLETE);
    const file = await this.#files.open(path);
    if (file === null) throw damaged(path, 'the snapshot in force is missing');
    await withFile(file, async () => {
      const trailer = decodeTrailer(await file.read(sizeBytes, TRAILER_BYTES + 1));
      if (trailer !== null && trailer.format !== TRAILER_FORMAT) {
        throw unknownFormat(path, trailer.format, TRAILER_FORMAT);
      }
      const isWhole =
        trailer?.sizeBytes === sizeBytes && trailer.checksum === (await sumOf(file, sizeBytes));
      if (!isWhole) throw damaged(path, `it is not the snapshot of ${sizeBytes} bytes it was`);
    });
  }

  #reader(file: OpenFile, sizeBytes: number): SnapshotReader {
    const reader: SnapshotReader = {
      sizeBytes,
      read: (offset, lengthMax) =>
        file.read(offset, Math.max(0, Math.min(lengthMax, sizeBytes - offset))),
      close: async () => {
        if (this.#readers.delete(reader)) await file.close();
      },
    };
    this.#readers.add(reader);
    return reader;
  }

  #path(id: string, extension: string): string {
    if (!isSnapshotId(id)) throw new StorageError(`${JSON.stringify(id)} is not a snapshot id.`);
    return join(this.#directory, `${id}${extension}`);
  }
}

async function sumOf(file: OpenFile, sizeBytes: number): Promise<number> {
  let sum = 0;
  for (let offset = 0; offset < sizeBytes; offset += SLICE_BYTES) {
    sum = checksum(await file.read(offset, Math.min(SLICE_BYTES, sizeBytes - offset)), sum);
  }
  return sum;
}

/** The last bytes of a file: the storage's own, for what is before them. */
function encodeTrailer(sizeBytes: number, sum: number): Uint8Array {
  const bytes = new Uint8Array(TRAILER_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, TRAILER_MAGIC);
  view.setUint32(4, TRAILER_FORMAT);
  view.setBigUint64(8, BigInt(sizeBytes));
  view.setUint32(16, sum);
  view.setUint32(20, checksum(bytes.subarray(0, 20)));
  return bytes;
}

/** Null when these bytes are not a trailer, or a damaged one. */
function decodeTrailer(bytes: Uint8Array) {
  if (bytes.byteLength !== TRAILER_BYTES) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0) !== TRAILER_MAGIC) return null;
  if (view.getUint32(20) !== checksum(bytes.subarray(0, 20))) return null;
  return {
    format: view.getUint32(4),
    sizeBytes: Number(view.getBigUint64(8)),
    checksum: view.getUint32(16),
  };
}

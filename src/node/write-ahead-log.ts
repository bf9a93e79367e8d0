/**
 * The write-ahead log (§5.1: "updated on stable storage before responding"): one record per write,
 * appended to a file filled with zeros beforehand, one sync each. Nothing is ever changed;
 * truncation and compaction are later records, and whole segments go once the base covers them.
 */
import { join } from 'node:path';
import { type DurableHead, emptyHead, headAfter } from '../../machines/rules/durable-state.ts';
import { invariant } from '../../machines/rules/invariant.ts';
import type { LogBase } from '../../machines/rules/log.ts';
import { SerialQueue } from '../host/serial-queue.ts';
import type { WriteBatch } from '../ports/storage.ts';
import type { Files, OpenFile } from './files.ts';
import { encodeCheckpoint, encodeWrite, RECORD_BYTES_MAX } from './wal-record.ts';
import type { Recovered } from './wal-recovery.ts';
import {
  countDeletableSegments,
  fillWithZeros,
  recordWrite,
  type Segment,
  segmentPath,
} from './wal-segment.ts';

/** Where and how a directory is kept. */
export interface DirectoryLocation {
  readonly files: Files;
  readonly directory: string;
  readonly segmentBytes: number;
  /** A file that is not needed any more could not be deleted. */
  readonly onDeletionFailed: (what: string, error: unknown) => void;
}

export interface LogLocation extends DirectoryLocation {
  /** Names the storage in every record. */
  readonly tag: number;
}

/** A segment, or what will be one: its writes are synced. */
interface SizedFile {
  readonly file: OpenFile;
  readonly sizeBytes: number;
}

const SPARE_NAME = 'spare';

export class WriteAheadLog {
  readonly #location: LogLocation;
  readonly #segments: Segment[];
  #head: DurableHead;
  #checksum: number;
  /** The last segment; null until a new log has begun its first. */
  #current: SizedFile | null = null;
  /** Where the next record goes. */
  #offset = 0;
  /** A file of zeros, made ahead of its use. */
  #spare: Promise<SizedFile> | null = null;
  #spareBytes = 0;
  /** Deletes segments that are not needed any more, while writes go on. */
  readonly #cleanup = new SerialQueue();

  private constructor(
    location: LogLocation,
    { head, checksum, segments }: Pick<Recovered, 'head' | 'checksum' | 'segments'>,
  ) {
    this.#location = location;
    this.#head = head;
    this.#checksum = checksum;
    this.#segments = [...segments];
  }

  /** An empty log that begins after `base`; durable when it resolves. */
  static async create(location: LogLocation, base: LogBase): Promise<WriteAheadLog> {
    const log = new WriteAheadLog(location, { head: emptyHead(base), checksum: 0, segments: [] });
    await log.#beginSegment(0);
    return log;
  }

  /** Continues behind what was recovered, its tail repaired; what was found is durable then. */
  static async continue(location: LogLocation, recovered: Recovered): Promise<WriteAheadLog> {
    const { files, directory } = location;
    const { lastRecordOffset } = recovered;
    const { path, offset } = recovered.tail;
    const file = await files.open(path, 'synced');
    invariant(file !== null, `${path} was read a moment ago`);
    // The last record may be one that was never acknowledged, and that only the system's memory
    // holds: after a failed sync Linux counts it as written, and would sync nothing. So it is written
    // once more, or we might rely on what a power cut still takes back.
    const lastRecord = await file.read(lastRecordOffset, offset - lastRecordOffset);
    await file.write(lastRecord, lastRecordOffset);
    await files.remove(join(directory, SPARE_NAME));
    await files.syncDirectory(directory);
    const log = new WriteAheadLog(location, recovered);
    log.#current = { file, sizeBytes: await file.size() };
    log.#offset = offset;
    log.#deleteCovered();
    return log;
  }

  /** Resolves when the write is durable. After a rejection the log must not be used any more. */
  async append(write: WriteBatch): Promise<void> {
    const { tag, segmentBytes } = this.#location;
    const head = headAfter(this.#head, write);
    let record = encodeWrite(write, this.#checksum, tag);
    const { byteLength } = record.bytes;
    invariant(byteLength <= RECORD_BYTES_MAX, `write ${write.writeId} is too large`);
    let current = this.#current;
    if (current === null || this.#offset + byteLength > current.sizeBytes) {
      current = await this.#beginSegment(byteLength);
      record = encodeWrite(write, this.#checksum, tag);
    }
    await current.file.write(record.bytes, this.#offset);
    this.#offset += byteLength;
    this.#checksum = record.checksum;
    this.#head = head;
    recordWrite(this.#segments, write);
    if (write.base !== null) this.#deleteCovered();
    if (this.#offset > current.sizeBytes / 2) void this.#prepareSpare(segmentBytes);
  }

  async close(): Promise<void> {
    await this.#cleanup.idle();
    await this.#discardSpare();
    await this.#current?.file.close();
  }

  /** With a sync of its own for the checkpoint: no sync may cover two records, see recovery. */
  async #beginSegment(forBytes: number): Promise<SizedFile> {
    const { files, directory, tag } = this.#location;
    const sequence = (this.#segments.at(-1)?.sequence ?? 0) + 1;
    const { bytes, checksum } = encodeCheckpoint(this.#head, this.#checksum, tag);
    const next = await this.#takeSpare(bytes.byteLength + forBytes);
    await files.rename(join(directory, SPARE_NAME), segmentPath(directory, sequence));
    await files.syncDirectory(directory);
    await next.file.write(bytes, 0);
    await this.#current?.file.close();
    this.#current = next;
    this.#offset = bytes.byteLength;
    this.#checksum = checksum;
    this.#segments.push({ sequence, lastIndex: 0 });
    return next;
  }

  async #takeSpare(bytesMin: number): Promise<SizedFile> {
    // One that is too small is of no use, and that it could not be made fails no write.
    if (this.#spareBytes < bytesMin) await this.#discardSpare();
    const spare = await this.#prepareSpare(Math.max(bytesMin, this.#location.segmentBytes));
    this.#spare = null;
    return spare;
  }

  #prepareSpare(sizeBytes: number): Promise<SizedFile> {
    if (this.#spare === null) {
      this.#spareBytes = sizeBytes;
      this.#spare = this.#zeroFile(sizeBytes);
      // A failure is reported by the write that needs the file.
      this.#spare.catch(() => {});
    }
    return this.#spare;
  }

  async #zeroFile(sizeBytes: number): Promise<SizedFile> {
    const { files, directory } = this.#location;
    const file = await files.create(join(directory, SPARE_NAME), 'synced');
    try {
      await fillWithZeros(file, 0, sizeBytes);
      return { file, sizeBytes };
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  async #discardSpare(): Promise<void> {
    const spare = this.#spare;
    this.#spare = null;
    if (spare === null) return;
    await spare.then(
      ({ file }) => file.close(),
      () => {},
    );
    await this.#location.files.remove(join(this.#location.directory, SPARE_NAME));
  }

  /** Oldest first, each deletion durable before the next: what is left is always a whole suffix. */
  #deleteCovered(): void {
    const { files, directory, onDeletionFailed } = this.#location;
    const count = countDeletableSegments(this.#segments, this.#head.base.index);
    const deletable = this.#segments.splice(0, count);
    if (deletable.length === 0) return;
    this.#cleanup
      .add(async () => {
        for (const { sequence } of deletable) {
          await files.remove(segmentPath(directory, sequence));
          await files.syncDirectory(directory);
        }
      })
      // What could not be deleted now is deleted at the next start.
      .catch((error) => onDeletionFailed('older parts of the log', error));
  }
}

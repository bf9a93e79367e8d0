/**
 * The write-ahead log (§5.1: "updated on stable storage before responding"): one record per write,
 * appended to a file filled with zeros beforehand, one sync each. Nothing is ever rewritten;
 * truncation and compaction are later records, and whole segments go once the base covers them.
 */
import { join } from 'node:path';
import { invariant } from '../../machines/rules/invariant.ts';
import type { LogBase } from '../../machines/rules/log.ts';
import type { WriteBatch } from '../ports/storage.ts';
import type { Files, OpenFile } from './files.ts';
import { encodeRecord, RECORD_BYTES_MAX, type WriteRecord } from './wal-record.ts';
import type { Recovered } from './wal-recovery.ts';
import { headAfter, type LogHead } from './wal-replay.ts';
import {
  countNeedless,
  fillWithZeros,
  noteWrite,
  type Segment,
  segmentPath,
} from './wal-segment.ts';

/** Where and how the log is kept. */
export interface LogPlace {
  readonly files: Files;
  readonly directory: string;
  /** Names the storage in every record. */
  readonly tag: number;
  readonly segmentBytes: number;
  /** Something of no more use could not be deleted. */
  readonly leftOver?: (what: string, error: unknown) => void;
}

interface LogEnd extends Pick<Recovered, 'head' | 'checksum' | 'segments'> {
  readonly file: OpenFile;
  readonly sizeBytes: number;
  /** Where the next record goes. */
  readonly offset: number;
}

/** A file of zeros, made ahead of its use. */
interface Spare {
  readonly file: Promise<OpenFile>;
  readonly sizeBytes: number;
}

const SPARE_NAME = 'spare';

export class WriteAheadLog {
  readonly #place: LogPlace;
  readonly #segments: Segment[];
  #head: LogHead;
  #checksum: number;
  #file: OpenFile;
  #sizeBytes: number;
  #offset: number;
  #spare: Spare | null = null;
  /** Deletes what nobody needs, off the path of the writes. */
  #upkeep: Promise<void> = Promise.resolve();

  private constructor(place: LogPlace, end: LogEnd) {
    this.#place = place;
    this.#segments = [...end.segments];
    this.#head = end.head;
    this.#checksum = end.checksum;
    this.#file = end.file;
    this.#sizeBytes = end.sizeBytes;
    this.#offset = end.offset;
  }

  /** An empty log that begins after `base`; durable when it resolves. */
  static async create(place: LogPlace, base: LogBase): Promise<WriteAheadLog> {
    const head = headOfEmptyLog(base);
    const first = encodeRecord({ kind: 'checkpoint', ...head }, 0, place.tag);
    const sizeBytes = Math.max(place.segmentBytes, first.bytes.byteLength);
    const file = await place.files.create(segmentPath(place.directory, 1));
    await fillWithZeros(file, 0, sizeBytes);
    await file.write(first.bytes, 0);
    await file.datasync();
    await place.files.syncDirectory(place.directory);
    const segments = [{ sequence: 1, lastIndex: 0 }];
    const { checksum } = first;
    const offset = first.bytes.byteLength;
    return new WriteAheadLog(place, { head, checksum, segments, file, sizeBytes, offset });
  }

  /** Goes on behind what was recovered, its torn tails mended; what was found is durable then. */
  static async continue(place: LogPlace, recovered: Recovered): Promise<WriteAheadLog> {
    const { path, offset } = recovered.tail;
    const file = await place.files.open(path);
    invariant(file !== null, `${path} was read a moment ago`);
    // The last record may be one that nobody waited for: without this we might rely on what a
    // power cut still takes back.
    await file.datasync();
    await place.files.remove(join(place.directory, SPARE_NAME));
    await place.files.syncDirectory(place.directory);
    const sizeBytes = await file.size();
    const log = new WriteAheadLog(place, { ...recovered, file, sizeBytes, offset });
    log.#dropNeedless();
    return log;
  }

  /** Resolves when the write is durable. After a rejection the log must not be used any more. */
  async append(batch: WriteBatch): Promise<void> {
    const write: WriteRecord = { kind: 'write', ...batch };
    const head = headAfter(this.#head, write);
    let record = encodeRecord(write, this.#checksum, this.#place.tag);
    invariant(record.bytes.byteLength <= RECORD_BYTES_MAX, `write ${batch.writeId} is too large`);
    if (this.#offset + record.bytes.byteLength > this.#sizeBytes) {
      await this.#beginSegment(record.bytes.byteLength);
      record = encodeRecord(write, this.#checksum, this.#place.tag);
    }
    await this.#file.write(record.bytes, this.#offset);
    await this.#file.datasync();
    this.#offset += record.bytes.byteLength;
    this.#checksum = record.checksum;
    this.#head = head;
    noteWrite(this.#segments, write);
    if (write.base !== null) this.#dropNeedless();
    if (this.#offset > this.#sizeBytes / 2) this.#prepareSpare(this.#place.segmentBytes);
  }

  async close(): Promise<void> {
    await this.#upkeep;
    await this.#discardSpare();
    await this.#file.close();
  }

  /** With a sync of its own for the checkpoint: no sync may cover two records, see recovery. */
  async #beginSegment(forBytes: number): Promise<void> {
    const { files, directory, tag } = this.#place;
    const sequence = (this.#segments.at(-1)?.sequence ?? 0) + 1;
    const checkpoint = encodeRecord({ kind: 'checkpoint', ...this.#head }, this.#checksum, tag);
    const offset = checkpoint.bytes.byteLength;
    const spare = await this.#takeSpare(offset + forBytes);
    await files.rename(join(directory, SPARE_NAME), segmentPath(directory, sequence));
    await files.syncDirectory(directory);
    await spare.file.write(checkpoint.bytes, 0);
    await spare.file.datasync();
    await this.#file.close();
    this.#file = spare.file;
    this.#sizeBytes = spare.sizeBytes;
    this.#offset = offset;
    this.#checksum = checkpoint.checksum;
    this.#segments.push({ sequence, lastIndex: 0 });
  }

  async #takeSpare(bytesMin: number): Promise<{ file: OpenFile; sizeBytes: number }> {
    if ((this.#spare?.sizeBytes ?? 0) < bytesMin) {
      await this.#discardSpare();
      this.#prepareSpare(Math.max(bytesMin, this.#place.segmentBytes));
    }
    const spare = this.#spare;
    invariant(spare !== null, 'a spare segment was just prepared');
    const file = await spare.file;
    this.#spare = null;
    return { file, sizeBytes: spare.sizeBytes };
  }

  #prepareSpare(sizeBytes: number): void {
    if (this.#spare !== null) return;
    const file = this.#zeroFile(sizeBytes);
    // A failure is told by the write that needs it.
    file.catch(() => {});
    this.#spare = { file, sizeBytes };
  }

  async #zeroFile(sizeBytes: number): Promise<OpenFile> {
    const file = await this.#place.files.create(join(this.#place.directory, SPARE_NAME));
    try {
      await fillWithZeros(file, 0, sizeBytes);
      return file;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  async #discardSpare(): Promise<void> {
    const spare = this.#spare;
    this.#spare = null;
    if (spare === null) return;
    await spare.file.then(
      (file) => file.close(),
      () => {},
    );
    await this.#place.files.remove(join(this.#place.directory, SPARE_NAME));
  }

  /** Oldest first, each deletion durable before the next: what remains is always a whole suffix. */
  #dropNeedless(): void {
    const { files, directory } = this.#place;
    const count = countNeedless(this.#segments, this.#head.base.index);
    const needless = this.#segments.splice(0, count);
    if (needless.length === 0) return;
    this.#upkeep = this.#upkeep
      .then(async () => {
        for (const { sequence } of needless) {
          await files.remove(segmentPath(directory, sequence));
          await files.syncDirectory(directory);
        }
      })
      // What could not be deleted now is found needless again at the next start.
      .catch((error) => this.#place.leftOver?.('older parts of the log', error));
  }
}

function headOfEmptyLog(base: LogBase): LogHead {
  const { index } = base;
  return {
    writeId: 0,
    term: 0,
    votedFor: null,
    commitIndex: index,
    base,
    snapshot: null,
    lastIndex: index,
  };
}

/**
 * Reading the write-ahead log back (§5.1). What was acknowledged is there and whole, or this throws:
 * a bad record with a good one behind it is damage; at the very end it is a write that a crash tore,
 * which was never acknowledged, and the log ends before it.
 */

import { applyToEntries, type DurableHead, headAfter } from '../../machines/rules/durable-state.ts';
import type { Entry, LogIndex } from '../../machines/rules/entries.ts';
import { InvariantViolation } from '../../machines/rules/invariant.ts';
import { FormatError } from '../formats/fields.ts';
import type { WriteBatch } from '../ports/storage.ts';
import { damaged, unknownFormat } from './damage.ts';
import { type Files, type OpenFile, withFile } from './files.ts';
import { SegmentReader } from './segment-reader.ts';
import { RECORD_FORMAT, type RecordFrame, readBody, type WalRecord } from './wal-record.ts';
import { recordWrite, type Segment, segmentPath, segmentSequences } from './wal-segment.ts';

/** Behind the last whole record of a segment: nothing, or what a crash left of a write. */
export interface Tail {
  readonly path: string;
  readonly offset: number;
  readonly trailingBytes: Uint8Array;
}

export interface Recovered {
  readonly head: DurableHead;
  readonly entries: readonly Entry[];
  /** Of the last record. */
  readonly checksum: number;
  readonly segments: readonly Segment[];
  /** Of the last segment: the next record goes there. */
  readonly tail: Tail;
  /** Where in the last segment the last whole record begins. */
  readonly lastRecordOffset: number;
  /** Segments without one whole record, and nothing behind them. */
  readonly emptySegments: readonly Tail[];
}

/**
 * Changes nothing on the disk.
 * @throws StorageError when anything up to the write `acknowledged` is missing or damaged.
 */
export async function recoverLog(
  files: Files,
  directory: string,
  tag: number,
  acknowledged: number,
): Promise<Recovered> {
  const recovery = new Recovery(directory);
  for (const sequence of await segmentSequences(files, directory)) {
    const path = segmentPath(directory, sequence);
    const file = await files.open(path);
    if (file === null) throw damaged(path, 'it has just disappeared');
    await withFile(file, async () =>
      recovery.readSegment(sequence, path, new SegmentReader(file, tag, await file.size())),
    );
  }
  return recovery.finish(acknowledged);
}

/** Whether there is any write in a log whose directory has lost its identity, or never had one. */
export async function hasWrites(files: Files, directory: string): Promise<boolean> {
  const sequences = await segmentSequences(files, directory);
  const [first] = sequences;
  if (first === undefined) return false;
  if (sequences.length > 1 || first !== 1) return true;
  const file = await files.open(segmentPath(directory, first));
  return file !== null && (await withFile(file, holdsMoreThanCheckpoint));
}

async function holdsMoreThanCheckpoint(file: OpenFile): Promise<boolean> {
  const start = Buffer.from(await file.read(0, 16));
  if (start.byteLength < 16) return false;
  const reader = new SegmentReader(file, start.readUInt32BE(12), await file.size());
  const checkpoint = await reader.recordAt(0);
  return checkpoint !== null && (await reader.trailingBytesFrom(checkpoint.next)).byteLength > 0;
}

class Recovery {
  readonly #directory: string;
  readonly segments: Segment[] = [];
  readonly emptySegments: Tail[] = [];
  readonly entries: Entry[] = [];
  #head: DurableHead | null = null;
  /** The entries up to here were in segments that are deleted: in time a later base covers them. */
  #deletedThrough: LogIndex = 0;
  checksum = 0;
  #tail: Tail | null = null;
  #lastRecordOffset = 0;

  constructor(directory: string) {
    this.#directory = directory;
  }

  async readSegment(sequence: number, path: string, reader: SegmentReader): Promise<void> {
    let offset = 0;
    for (let found = await reader.recordAt(0); found; found = await reader.recordAt(offset)) {
      this.#take(sequence, path, offset, found.frame);
      this.#lastRecordOffset = offset;
      offset = found.next;
    }
    const trailingBytes = await reader.trailingBytesFrom(offset);
    if (await reader.hasRecordIn(trailingBytes, offset)) {
      throw damaged(path, `the record at byte ${offset} is unreadable, and whole ones follow it`);
    }
    const tail = { path, offset, trailingBytes };
    if (offset === 0) this.emptySegments.push(tail);
    else this.#tail = tail;
  }

  finish(acknowledged: number): Recovered {
    const head = this.#head;
    const tail = this.#tail;
    if (head === null || tail === null) {
      throw damaged(this.#directory, 'there is not one whole record in it');
    }
    if (head.lastWriteId < acknowledged) {
      throw damaged(
        tail.path,
        `the log ends at byte ${tail.offset} with write ${head.lastWriteId}, but write ` +
          `${acknowledged} was acknowledged`,
      );
    }
    if (this.#deletedThrough > head.base.index) {
      throw damaged(
        this.#directory,
        `the segments with the entries after ${head.base.index} are missing`,
      );
    }
    const { segments, emptySegments, entries, checksum } = this;
    const lastRecordOffset = this.#lastRecordOffset;
    return { head, entries, checksum, segments, tail, lastRecordOffset, emptySegments };
  }

  #take(sequence: number, path: string, offset: number, frame: RecordFrame): void {
    if (frame.version !== RECORD_FORMAT) throw unknownFormat(path, frame.version, RECORD_FORMAT);
    const where = `the record of write ${frame.writeId} at byte ${offset}`;
    if (this.#head !== null && frame.previous !== this.checksum) {
      throw damaged(path, `${where} does not follow the one before it: something is missing`);
    }
    try {
      this.#apply(sequence, readBody(frame), offset === 0);
    } catch (error) {
      if (!(error instanceof FormatError || error instanceof InvariantViolation)) throw error;
      throw damaged(path, `${where} makes no sense: ${error.message}`);
    }
    this.checksum = frame.checksum;
  }

  #apply(sequence: number, record: WalRecord, isFirst: boolean): void {
    if (isFirst !== (record.kind === 'checkpoint')) {
      throw new FormatError('a segment begins with its one checkpoint');
    }
    if (record.kind === 'write') {
      this.#applyWrite(record.write);
      return;
    }
    this.segments.push({ sequence, lastIndex: 0 });
    if (this.#head !== null) return;
    this.#head = record.head;
    this.#deletedThrough = record.head.lastIndex;
  }

  #applyWrite(write: WriteBatch): void {
    const before = this.#head;
    if (before === null) return;
    this.#head = headAfter(before, write);
    applyToEntries(this.entries, before.lastIndex, write);
    recordWrite(this.segments, write);
    if (write.truncateFrom === null) return;
    this.#deletedThrough = Math.min(this.#deletedThrough, write.truncateFrom - 1);
  }
}

/**
 * Reading the write-ahead log back (§5.1). What was acknowledged is there and whole, or this throws:
 * a bad record with a good one behind it is damage; at the very end it is a write that a crash tore,
 * which nobody was told of, and the log ends before it.
 */

import type { Entry } from '../../machines/rules/entries.ts';
import { InvariantViolation } from '../../machines/rules/invariant.ts';
import { FormatError } from '../formats/fields.ts';
import { damaged, unknownFormat } from './damage.ts';
import type { Files, OpenFile } from './files.ts';
import { SegmentReader } from './segment-reader.ts';
import { type Framed, RECORD_FORMAT, readBody, type WalRecord } from './wal-record.ts';
import { type LogHead, Replay } from './wal-replay.ts';
import { noteWrite, type Segment, segmentPath, segmentSequences } from './wal-segment.ts';

/** Behind the last whole record of a segment: nothing, or what a crash left of a write. */
export interface Tail {
  readonly path: string;
  readonly offset: number;
  readonly remains: Uint8Array;
}

export interface Recovered {
  readonly head: LogHead;
  readonly entries: readonly Entry[];
  /** Of the last record. */
  readonly checksum: number;
  readonly segments: readonly Segment[];
  /** Of the last segment: the next record goes there. */
  readonly tail: Tail;
  /** Segments begun in vain: not one whole record, and nothing behind them. */
  readonly vain: readonly Tail[];
}

/**
 * Changes nothing on the disk.
 * @throws StorageError when anything up to write number `acknowledged` is missing or damaged.
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
    try {
      await recovery.readSegment(sequence, path, await SegmentReader.of(file, tag));
    } finally {
      await file.close();
    }
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
  if (file === null) return false;
  try {
    return await holdsMoreThanCheckpoint(file);
  } finally {
    await file.close();
  }
}

async function holdsMoreThanCheckpoint(file: OpenFile): Promise<boolean> {
  const start = Buffer.from(await file.read(0, 16));
  if (start.byteLength < 16) return false;
  const reader = await SegmentReader.of(file, start.readUInt32BE(12));
  const checkpoint = await reader.recordAt(0);
  return checkpoint !== null && (await reader.remainsFrom(checkpoint.next)).byteLength > 0;
}

class Recovery {
  readonly #directory: string;
  readonly #segments: Segment[] = [];
  readonly #vain: Tail[] = [];
  #replay: Replay | null = null;
  #checksum = 0;
  #tail: Tail | null = null;

  constructor(directory: string) {
    this.#directory = directory;
  }

  async readSegment(sequence: number, path: string, reader: SegmentReader): Promise<void> {
    let offset = 0;
    for (let found = await reader.recordAt(0); found; found = await reader.recordAt(offset)) {
      this.#take(sequence, path, offset, found.framed);
      offset = found.next;
    }
    const remains = await reader.remainsFrom(offset);
    if (await reader.hasRecordIn(remains, offset)) {
      throw damaged(path, `the record at byte ${offset} is unreadable, and whole ones follow it`);
    }
    const tail = { path, offset, remains };
    if (offset === 0) this.#vain.push(tail);
    else this.#tail = tail;
  }

  finish(acknowledged: number): Recovered {
    if (this.#replay === null || this.#tail === null) {
      throw damaged(this.#directory, 'there is not one whole record in it');
    }
    const { head } = this.#replay;
    if (head.writeId < acknowledged) {
      const { path, offset } = this.#tail;
      throw damaged(
        path,
        `the log ends at byte ${offset} with write ${head.writeId}, but write ${acknowledged} was ` +
          'acknowledged',
      );
    }
    const entries = this.#replay.entries();
    if (entries === null) {
      throw damaged(
        this.#directory,
        `the segments with the entries after ${head.base.index} are missing`,
      );
    }
    return {
      head,
      entries,
      checksum: this.#checksum,
      segments: this.#segments,
      tail: this.#tail,
      vain: this.#vain,
    };
  }

  #take(sequence: number, path: string, offset: number, framed: Framed): void {
    if (framed.version !== RECORD_FORMAT) throw unknownFormat(path, framed.version, RECORD_FORMAT);
    const where = `the record of write ${framed.writeId} at byte ${offset}`;
    if (this.#replay !== null && framed.previous !== this.#checksum) {
      throw damaged(path, `${where} does not follow the one before it: something is missing`);
    }
    try {
      this.#absorb(sequence, readBody(framed), offset === 0);
    } catch (error) {
      if (!(error instanceof FormatError || error instanceof InvariantViolation)) throw error;
      throw damaged(path, `${where} makes no sense: ${error.message}`);
    }
    this.#checksum = framed.checksum;
  }

  #absorb(sequence: number, record: WalRecord, isFirst: boolean): void {
    if (isFirst !== (record.kind === 'checkpoint')) {
      throw new FormatError('a segment begins with its one checkpoint');
    }
    if (record.kind === 'checkpoint') {
      this.#replay ??= new Replay(record);
      this.#segments.push({ sequence, lastIndex: 0 });
    } else {
      this.#replay?.apply(record);
      noteWrite(this.#segments, record);
    }
  }
}

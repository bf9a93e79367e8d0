/** Reads a segment a slice at a time: never the whole in memory, never long without a pause. */
import type { OpenFile } from './files.ts';
import {
  aligned,
  claimedLength,
  FRAME_BYTES,
  RECORD_ALIGNMENT,
  RECORD_MAGIC,
  type RecordFrame,
  readRecordFrame,
} from './wal-record.ts';

const SLICE_BYTES = 1024 * 1024;
const ZEROS = Buffer.alloc(SLICE_BYTES);
const MAGIC = Buffer.alloc(4);
MAGIC.writeUInt32BE(RECORD_MAGIC);

export class SegmentReader {
  readonly #file: OpenFile;
  readonly #tag: number;
  readonly #sizeBytes: number;
  #slice: { offset: number; bytes: Uint8Array } = { offset: 0, bytes: new Uint8Array(0) };

  constructor(file: OpenFile, tag: number, sizeBytes: number) {
    this.#file = file;
    this.#tag = tag;
    this.#sizeBytes = sizeBytes;
  }

  /** The whole record at `offset`, and where the next one begins; null when there is none. */
  async recordAt(offset: number): Promise<{ frame: RecordFrame; next: number } | null> {
    const length = claimedLength(await this.#bytesAt(offset, FRAME_BYTES), this.#tag);
    // Compared with what there is before anything is allocated for it.
    if (length === null || length > this.#sizeBytes - offset) return null;
    const frame = readRecordFrame(await this.#bytesAt(offset, length));
    return frame && { frame, next: offset + aligned(length) };
  }

  /** Everything from `offset` to the last byte that is not zero. */
  async trailingBytesFrom(offset: number): Promise<Uint8Array> {
    for (let end = this.#sizeBytes; end > offset; end -= SLICE_BYTES) {
      const start = Math.max(offset, end - SLICE_BYTES);
      const bytes = await this.#file.read(start, end - start);
      if (ZEROS.compare(bytes, 0, bytes.byteLength, 0, bytes.byteLength) === 0) continue;
      const last = bytes.findLastIndex((byte) => byte !== 0);
      return this.#file.read(offset, start + last + 1 - offset);
    }
    return new Uint8Array(0);
  }

  /** Whether a whole record begins anywhere in the bytes that were read from `offset`. */
  async hasRecordIn(trailingBytes: Uint8Array, offset: number): Promise<boolean> {
    const { buffer, byteOffset, byteLength } = trailingBytes;
    const bytes = Buffer.from(buffer, byteOffset, byteLength);
    for (let at = bytes.indexOf(MAGIC); at !== -1; at = bytes.indexOf(MAGIC, at + 1)) {
      const isAligned = (offset + at) % RECORD_ALIGNMENT === 0;
      if (isAligned && (await this.recordAt(offset + at)) !== null) return true;
    }
    return false;
  }

  async #bytesAt(offset: number, length: number): Promise<Uint8Array> {
    const { bytes, offset: from } = this.#slice;
    if (offset >= from && offset + length <= from + bytes.byteLength) {
      return bytes.subarray(offset - from, offset - from + length);
    }
    const wanted = Math.min(Math.max(length, SLICE_BYTES), Math.max(0, this.#sizeBytes - offset));
    this.#slice = { offset, bytes: await this.#file.read(offset, wanted) };
    return this.#slice.bytes.subarray(0, length);
  }
}

/**
 * The log's entries as the course's door saves them: one after the other, each behind its length.
 *
 * The course saves the whole log with every change. Each entry is encoded once, so that a save copies
 * bytes and no more.
 */

import type { Entry, LogIndex } from '../../machines/rules/entries.ts';
import { decodeEntry, encodeEntry } from '../formats/entry-format.ts';

const LENGTH_BYTES = 4;

export class EntryRecords {
  #bytes = new Uint8Array(1024);
  /** Where the record of each entry ends. */
  #ends: number[] = [];
  #first: LogIndex;

  constructor(first: LogIndex, entries: readonly Entry[] = []) {
    this.#first = first;
    this.append(entries);
  }

  get byteLength(): number {
    return this.#ends.at(-1) ?? 0;
  }

  append(entries: readonly Entry[]): void {
    for (const entry of entries) {
      const encoded = encodeEntry(entry);
      const start = this.byteLength;
      const end = start + LENGTH_BYTES + encoded.byteLength;
      this.#makeRoom(end);
      new DataView(this.#bytes.buffer).setUint32(start, encoded.byteLength);
      this.#bytes.set(encoded, start + LENGTH_BYTES);
      this.#ends.push(end);
    }
  }

  truncateFrom(index: LogIndex): void {
    const kept = Math.max(0, index - this.#first);
    if (kept < this.#ends.length) this.#ends.length = kept;
  }

  /** The log begins behind that index from now on, whether it held as much or not. */
  dropThrough(index: LogIndex): void {
    const dropped = Math.min(index + 1 - this.#first, this.#ends.length);
    const from = this.#ends[dropped - 1] ?? 0;
    this.#bytes.copyWithin(0, from, this.byteLength);
    this.#ends = this.#ends.slice(dropped).map((end) => end - from);
    this.#first = index + 1;
  }

  copyTo(target: Uint8Array, offset: number): void {
    target.set(this.#bytes.subarray(0, this.byteLength), offset);
  }

  #makeRoom(byteLength: number): void {
    if (byteLength <= this.#bytes.byteLength) return;
    const larger = new Uint8Array(Math.max(byteLength, 2 * this.#bytes.byteLength));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}

export function decodeRecords(bytes: Uint8Array): readonly Entry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries: Entry[] = [];
  for (let at = 0; at < bytes.byteLength; ) {
    const from = at + LENGTH_BYTES;
    at = from + view.getUint32(at);
    entries.push(decodeEntry(bytes.subarray(from, at)));
  }
  return entries;
}

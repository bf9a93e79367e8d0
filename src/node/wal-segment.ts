/**
 * A segment: a file of the log, filled with zeros when it is made, so that appending changes
 * neither its size nor where it lies on the disk. Records follow each other from its start.
 */
import { join } from 'node:path';
import type { LogIndex } from '../../machines/rules/entries.ts';
import type { WriteBatch } from '../ports/storage.ts';
import type { Files, OpenFile } from './files.ts';

/** What is known of a segment while the log is open. */
export interface Segment {
  readonly sequence: number;
  /** The last of its entries that the log still has or had in its base; 0 when there is none. */
  lastIndex: LogIndex;
}

const SEGMENT_NAME = /^(\d{8,})\.wal$/;
const SLICE_BYTES = 1024 * 1024;
const ZEROS = new Uint8Array(SLICE_BYTES);

export function segmentPath(directory: string, sequence: number): string {
  return join(directory, `${String(sequence).padStart(8, '0')}.wal`);
}

/** The segments' numbers, in order. */
export async function segmentSequences(files: Files, directory: string): Promise<number[]> {
  const names = (await files.list(directory)) ?? [];
  const sequences = names.flatMap((name) => SEGMENT_NAME.exec(name)?.[1] ?? []);
  return sequences.map(Number).sort((a, b) => a - b);
}

/** Zeros, durable, in a file whose writes are synced; in slices, since one large flush would delay the log's own. */
export async function fillWithZeros(file: OpenFile, from: number, until: number): Promise<void> {
  for (let offset = from; offset < until; offset += SLICE_BYTES) {
    await file.write(ZEROS.subarray(0, Math.min(SLICE_BYTES, until - offset)), offset);
  }
}

/** After `write` went into the last of `segments`: which entries each of them still holds. */
export function recordWrite(segments: readonly Segment[], write: WriteBatch): void {
  const { truncateFrom, entries } = write;
  for (const segment of segments) {
    if (truncateFrom !== null) segment.lastIndex = Math.min(segment.lastIndex, truncateFrom - 1);
  }
  const current = segments.at(-1);
  const last = entries.at(-1);
  if (current !== undefined && last !== undefined) current.lastIndex = last.index;
}

/** How many of the first segments hold only entries that the base covers; the last one stays. */
export function countDeletableSegments(segments: readonly Segment[], base: LogIndex): number {
  const needed = segments.findIndex(({ lastIndex }) => lastIndex > base);
  return Math.min(needed === -1 ? segments.length : needed, segments.length - 1);
}

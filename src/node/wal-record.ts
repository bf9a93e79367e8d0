/**
 * One record of the write-ahead log, as bytes (docs/formats.md, "Write-ahead log"). The frame is the
 * same in every version, so that a record of a newer one can be told from a damaged one; the body is
 * MessagePack, and unknown fields are ignored.
 */

import { isConfiguration } from '../../machines/rules/configuration.ts';
import type { DurableHead } from '../../machines/rules/durable-state.ts';
import type { LogBase } from '../../machines/rules/log.ts';
import { isSessionSettings } from '../../machines/rules/sessions.ts';
import type { SnapshotPointer } from '../../machines/rules/state.ts';
import { entryFromList, entryToList } from '../formats/entry-format.ts';
import {
  FormatError,
  fieldThat,
  integerField,
  listOf,
  nullable,
  type Reader,
  recordOf,
  snapshotIdField,
  timeField,
} from '../formats/fields.ts';
import { pack, unpackViewing } from '../formats/msgpack.ts';
import type { WriteBatch } from '../ports/storage.ts';
import { checksum } from './checksum.ts';

/** One `write`, all of it or nothing; or the checkpoint that begins a segment. */
export type WalRecord =
  | { readonly kind: 'write'; readonly write: WriteBatch }
  | { readonly kind: 'checkpoint'; readonly head: DurableHead };

/** As it is written. */
interface EncodedRecord {
  /** Padded to the alignment. */
  readonly bytes: Uint8Array;
  readonly checksum: number;
}

/** A record's frame, read and found whole. */
export interface RecordFrame {
  readonly version: number;
  readonly kind: number;
  /** Of the write; in a checkpoint, of the last write before it. */
  readonly writeId: number;
  /** The checksum of the record before. */
  readonly previous: number;
  readonly checksum: number;
  readonly body: Uint8Array;
}

export const RECORD_FORMAT = 1;
export const RECORD_ALIGNMENT = 8;
/** "Stat", so that the bytes of a segment say what they are. */
export const RECORD_MAGIC = 0x53746174;
export const FRAME_BYTES = 32;
const CHECKSUM_BYTES = 4;
/** A length above it is not believed, whatever the file's size. */
export const RECORD_BYTES_MAX = 256 * 1024 * 1024;

const WRITE = 1;
const CHECKPOINT = 2;

export function aligned(bytes: number): number {
  return Math.ceil(bytes / RECORD_ALIGNMENT) * RECORD_ALIGNMENT;
}

/** @param tag - names the storage that it belongs to */
export function encodeWrite(
  { writeId, ...fields }: WriteBatch,
  previous: number,
  tag: number,
): EncodedRecord {
  const body = { ...fields, entries: fields.entries.map(entryToList) };
  return encoded(WRITE, writeId, body, previous, tag);
}

/** What the segments before it said, so that they may be deleted. */
export function encodeCheckpoint(
  { lastWriteId, ...fields }: DurableHead,
  previous: number,
  tag: number,
): EncodedRecord {
  return encoded(CHECKPOINT, lastWriteId, fields, previous, tag);
}

function encoded(
  kind: number,
  writeId: number,
  fields: object,
  previous: number,
  tag: number,
): EncodedRecord {
  const body = pack(fields);
  const length = FRAME_BYTES + body.byteLength + CHECKSUM_BYTES;
  const bytes = new Uint8Array(aligned(length));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, RECORD_MAGIC);
  view.setUint32(4, length);
  view.setUint16(8, RECORD_FORMAT);
  view.setUint16(10, kind);
  view.setUint32(12, tag);
  view.setBigUint64(16, BigInt(writeId));
  view.setUint32(24, previous);
  bytes.set(body, FRAME_BYTES);
  const sum = checksum(bytes.subarray(0, length - CHECKSUM_BYTES));
  view.setUint32(length - CHECKSUM_BYTES, sum);
  return { bytes, checksum: sum };
}

/** The length that the first bytes claim; null when they do not begin a record of this storage. */
export function claimedLength(bytes: Uint8Array, tag: number): number | null {
  if (bytes.byteLength < FRAME_BYTES) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0) !== RECORD_MAGIC || view.getUint32(12) !== tag) return null;
  const length = view.getUint32(4);
  return length >= FRAME_BYTES + CHECKSUM_BYTES && length <= RECORD_BYTES_MAX ? length : null;
}

/** The frame of exactly these bytes; null when its checksum does not match. */
export function readRecordFrame(bytes: Uint8Array): RecordFrame | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = bytes.byteLength - CHECKSUM_BYTES;
  const sum = view.getUint32(end);
  if (checksum(bytes.subarray(0, end)) !== sum) return null;
  return {
    version: view.getUint16(8),
    kind: view.getUint16(10),
    writeId: Number(view.getBigUint64(16)),
    previous: view.getUint32(24),
    checksum: sum,
    body: bytes.subarray(FRAME_BYTES, end),
  };
}

const position = { index: integerField(), term: integerField(), time: timeField };
const configured = {
  configuration: fieldThat('a configuration', isConfiguration),
  settings: fieldThat('the settings of sessions', isSessionSettings),
};
const baseField = recordOf<LogBase>({ ...position, ...configured });
const snapshotField = recordOf<SnapshotPointer>({
  id: snapshotIdField,
  sizeBytes: integerField(),
  ...position,
  ...configured,
});
const hardState = {
  term: integerField(),
  votedFor: fieldThat(
    'a server or null',
    (value): value is string | null => value === null || typeof value === 'string',
  ),
  commitIndex: integerField(),
  snapshot: nullable(snapshotField),
};
const writeBody = recordOf<Omit<WriteBatch, 'writeId'>>({
  ...hardState,
  truncateFrom: nullable(integerField(1)),
  base: nullable(baseField),
  entries: listOf(entryFromList),
});
const checkpointBody = recordOf<Omit<DurableHead, 'lastWriteId'>>({
  ...hardState,
  base: baseField,
  lastIndex: integerField(),
});

/** @throws FormatError when a body of our own version is not what we write. */
export function readBody({ kind, writeId, body }: RecordFrame): WalRecord {
  integerField()(writeId, 'the number');
  if (kind === CHECKPOINT) {
    return { kind: 'checkpoint', head: { lastWriteId: writeId, ...read(body, checkpointBody) } };
  }
  if (kind === WRITE) return { kind: 'write', write: { writeId, ...read(body, writeBody) } };
  throw new FormatError(`no record has kind ${kind}`);
}

function read<Value>(body: Uint8Array, reader: Reader<Value>): Value {
  let fields: unknown;
  try {
    fields = unpackViewing(body);
  } catch (error) {
    throw new FormatError('the body is not MessagePack', { cause: error });
  }
  return reader(fields, 'the body');
}

/**
 * One record of the write-ahead log, as bytes (docs/formats.md, "Write-ahead log"). The frame is the
 * same in every version, so that a record of a newer one is told from a damaged one; the body is
 * MessagePack, and fields nobody knows are ignored.
 */

import { isConfiguration } from '../../machines/rules/configuration.ts';
import type { Entry, LogIndex, ServerId, Term } from '../../machines/rules/entries.ts';
import type { LogBase } from '../../machines/rules/log.ts';
import { isSessionSettings } from '../../machines/rules/sessions.ts';
import type { SnapshotPointer } from '../../machines/rules/state.ts';
import { entryFromList, entryToList, isTime } from '../formats/entry-format.ts';
import {
  type Fields,
  FormatError,
  fieldsOf,
  integerField,
  snapshotIdField,
} from '../formats/fields.ts';
import { pack, unpackViewing } from '../formats/msgpack.ts';
import { checksum } from './checksum.ts';

/** What both kinds of record hold: everything but the log's entries, as of that record. */
interface HardState {
  readonly term: Term;
  readonly votedFor: ServerId | null;
  readonly commitIndex: LogIndex;
}

/** One `write`: all of it or nothing. */
export interface WriteRecord extends HardState {
  readonly kind: 'write';
  readonly writeId: number;
  readonly truncateFrom: LogIndex | null;
  readonly base: LogBase | null;
  readonly snapshot: SnapshotPointer | null;
  readonly entries: readonly Entry[];
}

/** Begins every segment: what the segments before it said, so that they may go. */
export interface CheckpointRecord extends HardState {
  readonly kind: 'checkpoint';
  /** Of the last write before it. */
  readonly writeId: number;
  readonly base: LogBase;
  readonly snapshot: SnapshotPointer | null;
  /** Where the log ended: entries after `base` up to here are in the segments before. */
  readonly lastIndex: LogIndex;
}

export type WalRecord = WriteRecord | CheckpointRecord;

/** A record's frame, read and found whole. */
export interface Framed {
  readonly version: number;
  readonly kind: number;
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

const KINDS = { write: 1, checkpoint: 2 } as const;

export function aligned(bytes: number): number {
  return Math.ceil(bytes / RECORD_ALIGNMENT) * RECORD_ALIGNMENT;
}

/** The record's bytes, padded to the alignment. `tag` names the storage it belongs to. */
export function encodeRecord(
  record: WalRecord,
  previous: number,
  tag: number,
): { readonly bytes: Uint8Array; readonly checksum: number } {
  const body = pack(bodyOf(record));
  const length = FRAME_BYTES + body.byteLength + CHECKSUM_BYTES;
  const bytes = new Uint8Array(aligned(length));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, RECORD_MAGIC);
  view.setUint32(4, length);
  view.setUint16(8, RECORD_FORMAT);
  view.setUint16(10, KINDS[record.kind]);
  view.setUint32(12, tag);
  view.setBigUint64(16, BigInt(record.writeId));
  view.setUint32(24, previous);
  bytes.set(body, FRAME_BYTES);
  const sum = checksum(bytes.subarray(0, length - CHECKSUM_BYTES));
  view.setUint32(length - CHECKSUM_BYTES, sum);
  return { bytes, checksum: sum };
}

/** What the first bytes claim the record's length to be; null when they begin no record of ours. */
export function claimedLength(bytes: Uint8Array, tag: number): number | null {
  if (bytes.byteLength < FRAME_BYTES) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0) !== RECORD_MAGIC || view.getUint32(12) !== tag) return null;
  const length = view.getUint32(4);
  return length >= FRAME_BYTES + CHECKSUM_BYTES && length <= RECORD_BYTES_MAX ? length : null;
}

/** The frame of exactly these bytes; null when its checksum does not match. */
export function readFrame(bytes: Uint8Array): Framed | null {
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

/** @throws FormatError when a body of our own version is not what we write. */
export function readBody({ kind, writeId, body }: Framed): WalRecord {
  const fields = fieldsOf(unpacked(body), 'the body');
  const state = {
    writeId: integerField({ writeId }, 'writeId'),
    term: integerField(fields, 'term'),
    votedFor: votedForOf(fields),
    commitIndex: integerField(fields, 'commitIndex'),
    snapshot: nullable(fields, 'snapshot', snapshotOf),
  };
  if (kind === KINDS.checkpoint) {
    const base = baseOf(fieldsOf(fields.base, 'base'));
    return { kind: 'checkpoint', ...state, base, lastIndex: integerField(fields, 'lastIndex') };
  }
  if (kind !== KINDS.write) throw new FormatError(`nobody knows a record of kind ${kind}`);
  if (!Array.isArray(fields.entries)) throw new FormatError('entries must be a list');
  return {
    kind: 'write',
    ...state,
    truncateFrom: fields.truncateFrom === null ? null : integerField(fields, 'truncateFrom', 1),
    base: nullable(fields, 'base', baseOf),
    entries: fields.entries.map(entryFromList),
  };
}

function unpacked(body: Uint8Array): unknown {
  try {
    return unpackViewing(body);
  } catch (error) {
    throw new FormatError('the body is not MessagePack', { cause: error });
  }
}

function bodyOf(record: WalRecord): unknown {
  const { kind: _, writeId: __, ...fields } = record;
  return 'entries' in fields ? { ...fields, entries: fields.entries.map(entryToList) } : fields;
}

function nullable<T>(fields: Fields, name: string, read: (fields: Fields) => T): T | null {
  return fields[name] === null ? null : read(fieldsOf(fields[name], name));
}

function baseOf(fields: Fields): LogBase {
  const { time, configuration, settings } = fields;
  if (!isTime(time)) throw new FormatError('base.time must be milliseconds ≥ 0');
  if (!isConfiguration(configuration)) throw new FormatError('a base has a configuration');
  if (!isSessionSettings(settings)) throw new FormatError('a base has settings');
  const position = { index: integerField(fields, 'index'), term: integerField(fields, 'term') };
  return { ...position, time, configuration, settings };
}

function snapshotOf(fields: Fields): SnapshotPointer {
  return {
    id: snapshotIdField(fields, 'id'),
    sizeBytes: integerField(fields, 'sizeBytes'),
    ...baseOf(fields),
  };
}

function votedForOf({ votedFor }: Fields): ServerId | null {
  if (votedFor === null || typeof votedFor === 'string') return votedFor;
  throw new FormatError('votedFor must be a server or null');
}

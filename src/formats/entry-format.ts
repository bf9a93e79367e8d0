/**
 * The layout of a log entry (§5.3), the same on the wire and wherever entries are stored: a
 * MessagePack list, `[index, term, time, type, bytes]`, and for what belongs to a session
 * `[…, session, sequence, firstUnanswered]`, null where there is none.
 *
 * A type is written by name, and a name nobody here knows is read all the same: a server stops at
 * such an entry, and does so where it is appended, not where it is read.
 */
import type { Entry, EntryType } from '../../machines/rules/entries.ts';
import { FormatError, isBytes, isInteger, wrong } from './fields.ts';
import { pack, unpackFresh } from './msgpack.ts';

export type EntryList = readonly unknown[];

const TYPE_CHARACTERS_MAX = 64;

export function entryToList(entry: Entry): EntryList {
  const { index, term, time, type, bytes, session, sequence, firstUnanswered } = entry;
  const isPlain = session === undefined && sequence === undefined && firstUnanswered === undefined;
  if (isPlain) return [index, term, time, type, bytes];
  return [
    index,
    term,
    time,
    type,
    bytes,
    session ?? null,
    sequence ?? null,
    firstUnanswered ?? null,
  ];
}

/** @throws FormatError that names what is wrong. Items behind those known are ignored. */
export function entryFromList(list: unknown): Entry {
  if (!Array.isArray(list)) return wrong('an entry', 'a list', list);
  const [index, term, time, type, bytes, session, sequence, firstUnanswered] = list as unknown[];
  if (!isInteger(index, 1)) return wrong('entry.index', 'a safe integer ≥ 1', index);
  if (!isInteger(term, 1)) return wrong('entry.term', 'a safe integer ≥ 1', term);
  if (!isTime(time)) return wrong('entry.time', 'milliseconds ≥ 0', time);
  if (!isTypeName(type)) return wrong('entry.type', 'the name of a type', type);
  if (!isBytes(bytes)) return wrong('entry.bytes', 'bytes', bytes);
  const entry: Mutable<Entry> = { index, term, time, type, bytes };
  if (isGiven(session)) entry.session = positive('session', session);
  if (isGiven(sequence)) entry.sequence = positive('sequence', sequence);
  if (isGiven(firstUnanswered)) {
    entry.firstUnanswered = positive('firstUnanswered', firstUnanswered);
  }
  return entry;
}

/** One entry on its own, as bytes. */
export function encodeEntry(entry: Entry): Uint8Array {
  return pack(entryToList(entry));
}

/** @throws FormatError when the bytes are not an entry. */
export function decodeEntry(bytes: Uint8Array): Entry {
  let list: unknown;
  try {
    list = unpackFresh(bytes);
  } catch (error) {
    throw new FormatError(`an entry of ${bytes.byteLength} bytes cannot be read`, { cause: error });
  }
  return entryFromList(list);
}

type Mutable<T> = { -readonly [Name in keyof T]: T[Name] };

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function positive(name: keyof Entry, value: unknown): number {
  return isInteger(value, 1) ? value : wrong(`entry.${name}`, 'a safe integer ≥ 1', value);
}

/** Cluster time, or a duration, in milliseconds. */
export function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

function isTypeName(value: unknown): value is EntryType {
  return typeof value === 'string' && value !== '' && value.length <= TYPE_CHARACTERS_MAX;
}

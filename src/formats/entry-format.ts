/**
 * The layout of a log entry (§5.3), the same on the wire and wherever entries are stored: a
 * MessagePack list, `[index, term, time, type, bytes]`, and for what belongs to a session
 * `[…, session, sequence, firstUnanswered]`, null where there is none.
 *
 * A type is written by name. An unknown name is read all the same: a server stops when such an entry
 * is appended, not when it is read.
 */
import type { Entry, EntryType } from '../../machines/rules/entries.ts';
import {
  bytesField,
  FormatError,
  fieldThat,
  integerField,
  type Reader,
  timeField,
  wrongField,
} from './fields.ts';
import { pack, unpackFresh } from './msgpack.ts';

type EntryList = readonly unknown[];

const TYPE_CHARACTERS_MAX = 64;

const positiveField = integerField(1);
const typeField = fieldThat(
  'the name of a type',
  (value): value is EntryType =>
    typeof value === 'string' && value !== '' && value.length <= TYPE_CHARACTERS_MAX,
);
const sessionField: Reader<number | undefined> = (value, name) =>
  value === undefined || value === null ? undefined : positiveField(value, name);

export function entryToList(entry: Entry): EntryList {
  const { index, term, time, type, bytes, session, sequence, firstUnanswered } = entry;
  const plain = [index, term, time, type, bytes];
  const isPlain = session === undefined && sequence === undefined && firstUnanswered === undefined;
  if (isPlain) return plain;
  return [...plain, session ?? null, sequence ?? null, firstUnanswered ?? null];
}

/** @throws FormatError that names what is wrong. Items behind those known are ignored. */
export function entryFromList(list: unknown): Entry {
  if (!Array.isArray(list)) return wrongField('an entry', 'a list', list);
  const entry: Mutable<Entry> = {
    index: positiveField(list[0], 'entry.index'),
    term: positiveField(list[1], 'entry.term'),
    time: timeField(list[2], 'entry.time'),
    type: typeField(list[3], 'entry.type'),
    bytes: bytesField(list[4], 'entry.bytes'),
  };
  const session = sessionField(list[5], 'entry.session');
  const sequence = sessionField(list[6], 'entry.sequence');
  const firstUnanswered = sessionField(list[7], 'entry.firstUnanswered');
  if (session !== undefined) entry.session = session;
  if (sequence !== undefined) entry.sequence = sequence;
  if (firstUnanswered !== undefined) entry.firstUnanswered = firstUnanswered;
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

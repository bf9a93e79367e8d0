/**
 * Any value as bounded plain JSON for people: as deep, as long and as large as a page can show, and
 * no more, whatever it is. Of bytes only their number is shown, of a log its ends and its terms.
 */
import type { LogIndex, Term } from '../../machines/rules/entries.ts';
import { Log } from '../../machines/rules/log.ts';
import type { Readable, ReadableFields } from './protocol.ts';

const DEPTH_MAX = 8;
const ITEMS_MAX = 8;
const FIELDS_MAX = 40;
const CHARACTERS_MAX = 256;
/** Of values in one preview: what is beyond is shown as `…`. */
const VALUES_MAX = 500;
const TERMS_MAX = 8;
const CUT = '…';

/** Counts down while one whole is made readable. */
interface Room {
  values: number;
}

const newRoom = (): Room => ({ values: VALUES_MAX });

export function toPreview(value: unknown): Readable {
  return made(value, DEPTH_MAX, newRoom());
}

/** The fields of an object; anything else is one field, `value`, and undefined none. */
export function toPreviewFields(value: unknown): ReadableFields {
  if (value === undefined) return {};
  return isRecord(value) ? fieldsOf(value, DEPTH_MAX, newRoom()) : { value: toPreview(value) };
}

/** Those fields of the second that the first has not, or has otherwise. */
export function changedPreviewFields(before: unknown, after: unknown): ReadableFields {
  if (before === after) return {};
  if (!isRecord(before) || !isRecord(after)) return toPreviewFields(after);
  const changed = Object.keys(after).filter((name) => before[name] !== after[name]);
  return fieldsOf(after, DEPTH_MAX, newRoom(), changed);
}

/** An object that is shown by its fields: not a list, not bytes, nothing with a form of its own. */
function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  if (isPlain(value)) return true;
  const isOwn = Array.isArray(value) || value instanceof Log || isCollection(value);
  return !isOwn && wordFor(value) === null;
}

function made(value: unknown, depth: number, room: Room): Readable {
  switch (typeof value) {
    case 'string':
      return shortened(value);
    case 'number':
      // JSON has no negative zero.
      return Number.isFinite(value) ? value + 0 : String(value);
    case 'boolean':
      return value;
    case 'object':
      return value === null ? null : madeObject(value, depth, room);
    case 'bigint':
      return `${value}n`;
    case 'function':
      return `(function ${shortened(value.name)})`;
    default:
      return String(value);
  }
}

function shortened(text: string): string {
  if (text.length <= CHARACTERS_MAX) return text;
  return `${text.slice(0, CHARACTERS_MAX)}${CUT} (${text.length} characters)`;
}

function madeObject(value: object, depth: number, room: Room): Readable {
  room.values -= 1;
  if (room.values < 0 || depth <= 0) return CUT;
  if (Array.isArray(value)) return listOf(value, value.length, depth, room);
  if (isCollection(value)) return madeCollection(value, depth, room);
  if (value instanceof Log) return terse(value);
  const word = isPlain(value) ? null : wordFor(value);
  return word ?? fieldsOf(value, depth, room);
}

/** Most are, and have no form of their own. */
function isPlain(value: object): boolean {
  return Object.getPrototypeOf(value) === Object.prototype;
}

function fieldsOf(
  value: object,
  depth: number,
  room: Room,
  names: readonly string[] = Object.keys(value),
  total = names.length,
): ReadableFields {
  const fields: Record<string, Readable> = {};
  let count = 0;
  for (const name of names) {
    if (count === FIELDS_MAX || room.values < 0) break;
    // A field of that name would be the object's prototype.
    if (name !== '__proto__') fields[shortened(name)] = madeField(value, name, depth, room);
    count += 1;
  }
  if (count < total) fields[CUT] = `${total - count} more`;
  return fields;
}

/** A getter may throw. */
function madeField(value: object, name: string, depth: number, room: Room): Readable {
  try {
    return made((value as Record<string, unknown>)[name], depth - 1, room);
  } catch (error) {
    return `(unreadable: ${shortened(String(error))})`;
  }
}

function isCollection(
  value: object,
): value is ReadonlyMap<unknown, unknown> | ReadonlySet<unknown> {
  return value instanceof Map || value instanceof Set;
}

/** Under what it is: a set as a list; a map as fields, or as pairs where keys are no texts. */
function madeCollection(
  value: ReadonlyMap<unknown, unknown> | ReadonlySet<unknown>,
  depth: number,
  room: Room,
): Readable {
  const name = `${value instanceof Map ? 'Map' : 'Set'} of ${value.size}`;
  if (value.size === 0 || depth === 1) return `(${name})`;
  const first: unknown[] = [];
  for (const item of value) {
    if (first.length === FIELDS_MAX) break;
    first.push(item);
  }
  if (value instanceof Set) return { [name]: listOf(first, value.size, depth - 1, room) };
  const pairs = first as readonly (readonly [unknown, unknown])[];
  if (!pairs.every(([key]) => typeof key === 'string')) {
    return { [name]: listOf(pairs, value.size, depth - 1, room) };
  }
  return { [name]: fieldsOf(Object.fromEntries(pairs), depth - 1, room, undefined, value.size) };
}

/**
 * Whole if it is short; otherwise its length and the first of it, which alone need be given: these
 * are a level deeper.
 */
function listOf(list: readonly unknown[], length: number, depth: number, room: Room): Readable {
  const isWhole = length <= ITEMS_MAX;
  const items: Readable[] = [];
  for (const item of list.slice(0, ITEMS_MAX)) {
    items.push(made(item, depth - (isWhole ? 1 : 2), room));
  }
  return isWhole ? items : { length, first: items };
}

/** The word for objects that have one; null for all others. */
function wordFor(value: object): string | null {
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `${value.byteLength} bytes`;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'no date' : value.toISOString();
  if (value instanceof Error) return shortened(`${value.name}: ${value.message}`);
  if (value instanceof Promise) return '(promise)';
  if (value instanceof RegExp || value instanceof URL) return shortened(String(value));
  const { sessionId, send, id } = value as { sessionId?: unknown; send?: unknown; id?: unknown };
  if (typeof sessionId === 'string' && typeof send === 'function') return `(actor ${id})`;
  return Object.keys(value).length === 0 ? wordForClass(value) : null;
}

/** What has no fields of its own, such as a `WeakMap`, is shown by the name of its class. */
function wordForClass(value: object): string | null {
  const name: unknown = Object.getPrototypeOf(value)?.constructor?.name;
  const isTold = typeof name === 'string' && name !== '' && name !== 'Object';
  return isTold ? `(${shortened(name)})` : null;
}

/** A log by its ends, and who wrote which part: the last few terms, newest first. */
function terse(log: Log): Readable {
  const terms: Readable[] = [];
  let through: LogIndex = log.lastIndex;
  while (through > log.base.index && terms.length < TERMS_MAX) {
    const term = log.termAt(through) as Term;
    const before = log.lastIndexAtMost({ index: through, term: term - 1 });
    terms.push({ term, from: before + 1, through });
    through = before;
  }
  const { index, term } = log.base;
  return { from: log.firstIndex, through: log.lastIndex, after: { index, term }, terms };
}

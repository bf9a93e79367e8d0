/**
 * Reading what came from outside, field by field, by a table of what each must be. A value that is
 * not as it must be is an error that names the field; fields that no table names are ignored.
 */

/** Something does not have the format it claims. The message names the field. */
export class FormatError extends Error {
  override readonly name: string = 'FormatError';
}

/** A map of unknown values, as it is before it has been read. */
export type Fields = Readonly<Record<string, unknown>>;

/** The value as it must be. @throws FormatError that says so by `name` */
export type Reader<Value> = (value: unknown, name: string) => Value;

/** What each field must be. */
export type Shape<Value> = { readonly [Name in keyof Value]-?: Reader<Value[Name]> };

const SERVER_ID = /^[A-Za-z0-9._-]{1,64}$/;
const SNAPSHOT_ID = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}$/;
const SHOWN_CHARACTERS = 40;

/** Reads whatever `is` accepts; `expected` says in an error what that is. */
export function fieldThat<Value>(
  expected: string,
  is: (value: unknown) => value is Value,
): Reader<Value> {
  return (value, name) => (is(value) ? value : wrongField(name, expected, value));
}

/** A term, an index, a number, a size. */
export function integerField(min = 0): Reader<number> {
  return fieldThat(`a safe integer ≥ ${min}`, (value) => isInteger(value, min));
}

export function isInteger(value: unknown, min: number): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= min;
}

/** Cluster time, or a duration. */
export const timeField = fieldThat(
  'milliseconds ≥ 0',
  (value): value is number => typeof value === 'number' && Number.isFinite(value) && value >= 0,
);

export const booleanField = fieldThat('true or false', (value) => typeof value === 'boolean');

export const bytesField = fieldThat('bytes', (value) => value instanceof Uint8Array);

/** @param allowed - each of its characters, or the whole of it, by a pattern */
export function textField(
  charactersMax: number,
  allowed = /^/,
  expected = `text of at most ${charactersMax} characters`,
): Reader<string> {
  const is = (value: unknown): value is string =>
    typeof value === 'string' && value.length <= charactersMax && allowed.test(value);
  return fieldThat(expected, is);
}

export const serverIdField = textField(64, SERVER_ID, 'a server id (1 to 64 of A–Z a–z 0–9 . _ -)');

/** Snapshot ids name files, so nothing in them may mean a path. */
export function isSnapshotId(value: unknown): value is string {
  return typeof value === 'string' && SNAPSHOT_ID.test(value);
}

export const snapshotIdField = fieldThat(
  'a snapshot id (1 to 128 of A–Z a–z 0–9 . _ -, no dot first)',
  isSnapshotId,
);

export function nullable<Value>(read: Reader<Value>): Reader<Value | null> {
  return (value, name) => (value === null ? null : read(value, name));
}

export function optional<Value>(read: Reader<Value>): Reader<Value | undefined> {
  return (value, name) => (value === undefined ? undefined : read(value, name));
}

export function listOf<Item>(
  read: Reader<Item>,
  lengthMax = Number.POSITIVE_INFINITY,
): Reader<readonly Item[]> {
  return (value, name) => {
    if (!Array.isArray(value)) return wrongField(name, 'a list', value);
    if (value.length > lengthMax) return wrongField(name, `a list of at most ${lengthMax}`, value);
    const itemName = `an item of ${name}`;
    return value.map((item) => read(item, itemName));
  };
}

/** A map, whatever its fields. */
export function mapField(value: unknown, name: string): Fields {
  const isMap = Object.getPrototypeOf(value ?? []) === Object.prototype;
  return isMap ? (value as Fields) : wrongField(name, 'a map', value);
}

/** A map with these fields; what is undefined is left out. */
export function recordOf<Value>(shape: Shape<Value>): Reader<Value> {
  const readers = Object.entries<Reader<unknown>>(shape);
  return (value, name) => {
    const fields = mapField(value, name);
    const read: Record<string, unknown> = {};
    for (const [field, readField] of readers) {
      const found = readField(fields[field], field);
      if (found !== undefined) read[field] = found;
    }
    return read as Value;
  };
}

/** @throws FormatError always: `name` must be `expected`, and is not. */
export function wrongField(name: string, expected: string, value: unknown): never {
  throw new FormatError(`${name} must be ${expected}, not ${briefly(value)}`);
}

/** Short, and safe to log: what a stranger sends must not fill a log. */
function briefly(value: unknown): string {
  if (value === undefined) return 'missing';
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return `${value}`;
  if (typeof value === 'string') return JSON.stringify(value.slice(0, SHOWN_CHARACTERS));
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return value instanceof Uint8Array ? `${value.byteLength} bytes` : `a ${typeof value}`;
}

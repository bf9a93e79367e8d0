/**
 * Reading the fields of something that came from outside, one by one. What is not as it must be is
 * an error that names the field; fields nobody asks for are ignored.
 */

/** A map of unknown values, as a decoded body is before it has been read. */
export type Fields = Readonly<Record<string, unknown>>;

/** Something does not have the format it claims. The message names the field. */
export class FormatError extends Error {
  override readonly name: string = 'FormatError';
}

const SERVER_ID = /^[A-Za-z0-9._-]{1,64}$/;
const SNAPSHOT_ID = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}$/;
const SHOWN_CHARACTERS = 40;

/** @throws FormatError unless the value is a map. */
export function fieldsOf(value: unknown, what: string): Fields {
  if (typeof value !== 'object' || value === null) return wrong(what, 'a map', value);
  if (Object.getPrototypeOf(value) !== Object.prototype) return wrong(what, 'a map', value);
  return value as Fields;
}

/** A term, an index, a number, a size: a safe integer of at least `min`. */
export function integerField(fields: Fields, name: string, min = 0): number {
  const value = fields[name];
  return isInteger(value, min) ? value : wrong(name, `a safe integer ≥ ${min}`, value);
}

export function isInteger(value: unknown, min: number): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= min;
}

export function booleanField(fields: Fields, name: string): boolean {
  const value = fields[name];
  return typeof value === 'boolean' ? value : wrong(name, 'true or false', value);
}

export function bytesField(fields: Fields, name: string): Uint8Array {
  const value = fields[name];
  return isBytes(value) ? value : wrong(name, 'bytes', value);
}

export function isBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array;
}

export function textField(fields: Fields, name: string, charactersMax: number): string {
  const value = fields[name];
  const isText = typeof value === 'string' && value.length <= charactersMax;
  return isText ? value : wrong(name, `text of at most ${charactersMax} characters`, value);
}

export function serverIdField(fields: Fields, name: string): string {
  const value = fields[name];
  if (isServerId(value)) return value;
  return wrong(name, 'a server id (1 to 64 of A–Z a–z 0–9 . _ -)', value);
}

export function isServerId(value: unknown): value is string {
  return typeof value === 'string' && SERVER_ID.test(value);
}

export function snapshotIdField(fields: Fields, name: string): string {
  const value = fields[name];
  if (isSnapshotId(value)) return value;
  return wrong(name, 'a snapshot id (1 to 128 of A–Z a–z 0–9 . _ -, no dot first)', value);
}

/** Snapshot ids name files, so nothing in them may mean a path. */
export function isSnapshotId(value: unknown): value is string {
  return typeof value === 'string' && SNAPSHOT_ID.test(value);
}

/** @throws FormatError always: `name` must be `expected`, and is not. */
export function wrong(name: string, expected: string, value: unknown): never {
  throw new FormatError(`${name} must be ${expected}, not ${shown(value)}`);
}

/** Short, and safe to log: what a stranger sends is not to fill anybody's screen. */
function shown(value: unknown): string {
  if (value === undefined) return 'missing';
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return `${value}`;
  if (typeof value === 'string') return JSON.stringify(value.slice(0, SHOWN_CHARACTERS));
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return isBytes(value) ? `${value.byteLength} bytes` : `a ${typeof value}`;
}

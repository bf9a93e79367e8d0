/**
 * Commands and results as bytes. Both begin with the version of their format.
 *
 *     command   version 1 │ type │ condition │ [revision] │ key length │ key │ value …
 *     result    version 1 │ type │ number
 *
 * A value takes the rest, so it has no length of its own. Numbers are varints.
 */
import type { Codec } from '../ports/state-machine.ts';
import { decodeText, encodeText, isKey } from './keys.ts';
import { readVarint, varintLength, writeVarint } from './varint.ts';
import type { Condition, KeyValueCommand, KeyValueResult } from './vocabulary.ts';
import { keyBytesMax } from './vocabulary.ts';

const VERSION = 1;
const COMMANDS = ['put', 'append', 'delete'] as const;
const CONDITIONS = ['none', 'ifRevision', 'ifExists', 'ifAbsent'] as const;
const RESULTS = ['written', 'deleted', 'condition-failed', 'too-large'] as const;
const NOTHING = new Uint8Array(0);

function encodeCommand(command: KeyValueCommand): Uint8Array {
  checkCommand(command);
  const condition = CONDITIONS.findIndex((name) => name !== 'none' && command[name] !== undefined);
  const revision = command.ifRevision ?? 0;
  const key = encodeText(command.key);
  const value = command.type === 'delete' ? NOTHING : toBytes(command.value);
  const revisionLength = condition === 1 ? varintLength(revision) : 0;
  const headLength = 3 + revisionLength + varintLength(key.byteLength);
  const bytes = new Uint8Array(headLength + key.byteLength + value.byteLength);
  bytes[0] = VERSION;
  bytes[1] = COMMANDS.indexOf(command.type);
  bytes[2] = Math.max(condition, 0);
  if (condition === 1) writeVarint(bytes, 3, revision);
  writeVarint(bytes, 3 + revisionLength, key.byteLength);
  bytes.set(key, headLength);
  bytes.set(value, headLength + key.byteLength);
  return bytes;
}

/** What stands before the key of an encoded command, and where the key and the value begin. */
export interface CommandHead {
  readonly type: (typeof COMMANDS)[number];
  readonly condition: (typeof CONDITIONS)[number];
  readonly revision: number;
  readonly keyAt: number;
  readonly valueAt: number;
}

/**
 * Everything of an encoded command but the text of its key and the length of its value.
 * @throws TypeError for bytes that are no command
 */
export function commandHead(bytes: Uint8Array): CommandHead {
  const type = bytes[0] === VERSION ? COMMANDS[bytes[1] ?? COMMANDS.length] : undefined;
  const condition = CONDITIONS[bytes[2] ?? CONDITIONS.length];
  if (type === undefined || condition === undefined) throw notA('command', bytes);
  const expected = condition === 'ifRevision' ? readVarint(bytes, 3) : { value: 0, next: 3 };
  const keyLength = expected && readVarint(bytes, expected.next);
  if (!keyLength || keyLength.value < 1 || keyLength.value > keyBytesMax) {
    throw notA('command', bytes);
  }
  const { next: keyAt } = keyLength;
  const valueAt = keyAt + keyLength.value;
  if (valueAt > bytes.byteLength) throw notA('command', bytes);
  if (type === 'delete' && valueAt !== bytes.byteLength) throw notA('command', bytes);
  return { type, condition, revision: expected.value, keyAt, valueAt };
}

/** The value is a copy, so that what is kept of a command does not pin the frame it came in. */
function decodeCommand(bytes: Uint8Array): KeyValueCommand {
  const { type, condition: name, revision, keyAt, valueAt } = commandHead(bytes);
  const key = decodeText(bytes.subarray(keyAt, valueAt));
  const condition = decodeCondition(name, revision);
  if (type === 'delete') return { type, key, ...condition };
  return { type, key, value: new Uint8Array(bytes.subarray(valueAt)), ...condition };
}

function decodeCondition(name: (typeof CONDITIONS)[number], ifRevision: number): Condition {
  if (name === 'ifRevision') return { ifRevision };
  if (name === 'ifExists') return { ifExists: true };
  return name === 'ifAbsent' ? { ifAbsent: true } : {};
}

function encodeResult(result: KeyValueResult): Uint8Array {
  const numbers = numbersOf(result);
  const bytes = new Uint8Array(2 + numbers.reduce((sum, number) => sum + varintLength(number), 0));
  bytes[0] = VERSION;
  bytes[1] = RESULTS.indexOf(result.type);
  let at = 2;
  for (const number of numbers) at = writeVarint(bytes, at, number);
  return bytes;
}

function numbersOf(result: KeyValueResult): readonly number[] {
  if (result.type === 'written') return [result.revision, result.length];
  if (result.type === 'deleted') return [result.found ? 1 : 0];
  return [result.type === 'condition-failed' ? result.revision : result.length];
}

function decodeResult(bytes: Uint8Array): KeyValueResult {
  const type = bytes[0] === VERSION ? RESULTS[bytes[1] ?? RESULTS.length] : undefined;
  const first = type === undefined ? null : readVarint(bytes, 2);
  if (type === undefined || first === null) throw notA('result', bytes);
  const second = type === 'written' ? readVarint(bytes, first.next) : first;
  if (second === null || second.next !== bytes.byteLength) throw notA('result', bytes);
  if (type === 'written') return { type, revision: first.value, length: second.value };
  if (type === 'deleted') return { type, found: first.value === 1 };
  if (type === 'condition-failed') return { type, revision: first.value };
  return { type, length: first.value };
}

function notA(kind: 'command' | 'result', bytes: Uint8Array): TypeError {
  const head = [...bytes.subarray(0, 4)].join(' ');
  return new TypeError(
    `These ${bytes.byteLength} bytes, beginning ${head || 'with nothing'}, are no key/value ` +
      `${kind} of version ${VERSION}: they are damaged, or of a newer Statecraft.`,
  );
}

/** Misspelt fields are refused too: a condition that is silently dropped would lose writes. */
function checkCommand(command: KeyValueCommand): void {
  if (typeof command !== 'object' || command === null) throw misuse('a command is an object');
  if (!COMMANDS.includes(command.type)) throw misuse("its type is 'put', 'append' or 'delete'");
  if (!isKey(command.key)) throw misuse(`its key is a string of 1 to ${keyBytesMax} UTF-8 bytes`);
  if (command.type !== 'delete') {
    const { value } = command;
    if (typeof value !== 'string' && !(value instanceof Uint8Array)) {
      throw misuse('its value is a string or a Uint8Array');
    }
  }
  let conditions = 0;
  for (const [name, value] of Object.entries(command)) {
    if (name === 'type' || name === 'key' || (name === 'value' && command.type !== 'delete'))
      continue;
    if (!(CONDITIONS as readonly string[]).includes(name) || name === 'none') {
      throw misuse(`a ${command.type} has no field '${name}'`);
    }
    if (value === undefined) continue;
    conditions += 1;
    const isFit =
      name === 'ifRevision' ? Number.isSafeInteger(value) && value >= 0 : value === true;
    if (!isFit) throw misuse(`'${name}' cannot be ${String(value)}`);
  }
  if (conditions > 1) throw misuse('it has at most one condition');
}

function misuse(rule: string): TypeError {
  return new TypeError(`Not a key/value command: ${rule}.`);
}

export function toBytes(value: string | Uint8Array): Uint8Array {
  return typeof value === 'string' ? encodeText(value) : value;
}

export const commands: Codec<KeyValueCommand> = { encode: encodeCommand, decode: decodeCommand };
export const results: Codec<KeyValueResult> = { encode: encodeResult, decode: decodeResult };

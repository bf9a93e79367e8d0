/**
 * The default codec of commands and results: MessagePack of plain data. What would come back as
 * something else is refused where it is proposed, with its path, rather than found out on apply.
 *
 * Plain data are null, booleans, numbers, well-formed text, bytes, bigints of 64 bits, and lists
 * and objects of these. A bare `undefined` is one too, so that `apply` may return nothing.
 */
import type { Codec } from '../ports/state-machine.ts';
import { pack, unpackFresh } from './msgpack.ts';

const DEPTH_MAX = 100;
const BIGINT_MIN = -(2n ** 63n);
const BIGINT_MAX = 2n ** 64n - 1n;
const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * @param root How error messages name the value: `command.items[2].when is a Date …`.
 * @remarks Any Uint8Array is bytes, a Buffer too; it comes back as a plain Uint8Array.
 */
export function plainData<Value>(root = 'command'): Codec<Value> {
  return {
    encode(value) {
      if (value !== undefined) checkPlain(value, root, []);
      return pack(value);
    },
    decode: (bytes) => unpackFresh(bytes) as Value,
  };
}

/**
 * The same for a state that changes in place. No object may stand in two places of it: that would be
 * one object before a snapshot and two after it, and a change to one would change the other or not.
 */
export function plainState<State>(root: string): Codec<State> {
  const plain = plainData<State>(root);
  return {
    encode(state) {
      const bytes = plain.encode(state);
      checkTree(state, root, new Map());
      return bytes;
    },
    decode: plain.decode,
  };
}

function checkTree(value: unknown, path: string, places: Map<object, string>): void {
  if (typeof value !== 'object' || value === null) return;
  const place = places.get(value);
  if (place !== undefined) {
    throw new TypeError(
      `${path} is the same object as ${place}, and after a snapshot there would be two of it: ` +
        'copy it, or keep a reference to it (an index, an id)',
    );
  }
  places.set(value, path);
  if (value instanceof Uint8Array) return;
  for (const [key, inside] of Object.entries(value)) {
    checkTree(inside, Array.isArray(value) ? `${path}[${key}]` : pathOf(path, key), places);
  }
}

function checkPlain(value: unknown, path: string, ancestors: readonly object[]): void {
  if (value === null || typeof value === 'boolean' || value instanceof Uint8Array) return;
  if (typeof value === 'object') checkNested(value, path, ancestors);
  else if (typeof value === 'string') checkText(value, path);
  else if (typeof value === 'bigint') checkBigint(value, path);
  else if (typeof value !== 'number') refuse(path, `is ${article(typeof value)}`);
  else if (Object.is(value, -0)) refuse(path, 'is -0, which comes back as 0');
}

function checkNested(value: object, path: string, ancestors: readonly object[]): void {
  if (ancestors.includes(value)) refuse(path, 'contains itself');
  if (ancestors.length >= DEPTH_MAX) refuse(path, `is nested deeper than ${DEPTH_MAX} levels`);
  const inside = [...ancestors, value];
  if (Array.isArray(value)) checkList(value, path, inside);
  else checkObject(value, path, inside);
}

function checkText(value: string, path: string): void {
  if (LONE_SURROGATE.test(value)) refuse(path, 'holds half a surrogate pair, which is not text');
}

function checkBigint(value: bigint, path: string): void {
  if (value < BIGINT_MIN || value > BIGINT_MAX) refuse(path, 'is a bigint of more than 64 bits');
}

function checkList(list: readonly unknown[], path: string, ancestors: readonly object[]): void {
  if (Object.getPrototypeOf(list) !== Array.prototype) refuse(path, `is ${instance(list)}`);
  if (Reflect.ownKeys(list).length !== list.length + 1) {
    refuse(path, 'is a list with holes or with properties of its own');
  }
  for (const [index, item] of list.entries()) checkPlain(item, `${path}[${index}]`, ancestors);
}

function checkObject(object: object, path: string, ancestors: readonly object[]): void {
  const prototype: unknown = Object.getPrototypeOf(object);
  if (prototype !== Object.prototype && prototype !== null) refuse(path, `is ${instance(object)}`);
  const keys = Object.keys(object);
  if (Reflect.ownKeys(object).length !== keys.length) {
    refuse(path, 'has symbols or hidden properties for keys');
  }
  for (const key of keys) {
    const place = pathOf(path, key);
    if (key === '__proto__') refuse(place, 'has a key with a special meaning in JavaScript');
    checkText(key, place);
    checkPlain((object as Record<string, unknown>)[key], place, ancestors);
  }
}

function pathOf(path: string, key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`;
}

function instance(value: object): string {
  const name = (value.constructor as { name?: unknown } | undefined)?.name;
  return typeof name === 'string' && name !== '' ? article(name) : 'an object of a class';
}

function article(noun: string): string {
  if (noun === 'undefined') return noun;
  return /^[AEIOUaeiou]/.test(noun) ? `an ${noun}` : `a ${noun}`;
}

function refuse(path: string, problem: string): never {
  throw new TypeError(
    `${path} ${problem}: only plain data survive encoding (null, booleans, numbers, text, ` +
      'Uint8Array, lists and objects of these). Convert it, or give the state machine a codec.',
  );
}

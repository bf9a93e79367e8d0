/**
 * Keys: what is one, and in which order they stand.
 *
 * Keys are ordered by their UTF-8 bytes, which is the order of code points. JavaScript compares
 * strings by UTF-16 units, which differs in one thing: surrogates, the halves of the code points
 * from U+10000 on, come before U+E000 to U+FFFF instead of after. So the tree is keyed by *sort
 * keys*, in which those two ranges have changed places, and the engine's own fast comparison does
 * the rest. For a key without such characters, nearly all, the sort key is the key itself.
 */
import { keyBytesMax } from './vocabulary.ts';

const encoder = new TextEncoder();
/** The byte order mark belongs to the key, and bad UTF-8 is an error. */
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const loneSurrogate = /\p{Surrogate}/u;
const beyondAscii = /[\u0080-\uffff]/;
const needsSorting = /[\ud800-\uffff]/;
const SHORT = 64;
/** Nearly no key has any: to ask first is several times as fast as to replace none. */
const units = new RegExp(needsSorting, 'g');

/** The bytes of a text in UTF-8. */
export function encodeText(text: string): Uint8Array {
  return encoder.encode(text);
}

/** How many bytes of UTF-8 it has. */
export function textBytes(text: string): number {
  return beyondAscii.test(text) ? encoder.encode(text).byteLength : text.length;
}

/** Its bytes, of which there are `length`, at `at`; short texts cost no call into the engine. */
export function writeText(into: Uint8Array, at: number, text: string, length: number): void {
  if (length > SHORT || length !== text.length) {
    encoder.encodeInto(text, into.subarray(at, at + length));
    return;
  }
  for (let place = 0; place < length; place += 1) into[at + place] = text.charCodeAt(place);
}

/**
 * The text whose UTF-8 the bytes are.
 *
 * @throws TypeError when the bytes are not UTF-8.
 */
export function decodeText(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** Whether every half of a surrogate pair has its other half, so that it can be UTF-8. */
export function isWellFormed(text: string): boolean {
  return !loneSurrogate.test(text);
}

/** Whether it may be a key: 1 to 4,096 bytes of UTF-8. */
export function isKey(key: unknown): key is string {
  if (typeof key !== 'string' || key.length === 0 || key.length > keyBytesMax) return false;
  return isWellFormed(key) && encoder.encode(key).byteLength <= keyBytesMax;
}

export function toSortKey(key: string): string {
  if (!needsSorting.test(key)) return key;
  return key.replace(units, (unit) => rotated(unit, 0xe000, -0x800, 0x2000));
}

export function fromSortKey(sortKey: string): string {
  if (!needsSorting.test(sortKey)) return sortKey;
  return sortKey.replace(units, (unit) => rotated(unit, 0xf800, -0x2000, 0x800));
}

/** Whichever of two comes later by its UTF-8 bytes. */
export function laterOf(a: string, b: string): string {
  return toSortKey(a) < toSortKey(b) ? b : a;
}

/** Moves a unit from `from` on by `down`, and one between U+D800 and it by `up`. */
function rotated(text: string, from: number, down: number, up: number): string {
  const unit = text.charCodeAt(0);
  return String.fromCharCode(unit >= from ? unit + down : unit + up);
}

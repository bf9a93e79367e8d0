/**
 * A digest of all pairs that is kept up to date: the sum of the pairs' hashes, lane by lane. A sum
 * forgets the order in which the pairs were written, and a pair that goes is subtracted again, so a
 * write costs two hashes however many pairs there are.
 *
 * It finds faults, not forgers: the hash is a fast one of four lanes, after xxHash.
 */
import type { Pair } from './pairs.ts';

const LANES = 4;
const BLOCK_BYTES = 16;
const MULTIPLIERS = [0x9e3779b1, 0x85ebca77, 0xc2b2ae3d, 0x27d4eb2f] as const;

export class PairsDigest {
  readonly #lanes = new Uint32Array(LANES);
  #count = 0;

  add(key: string, pair: Pair): void {
    this.#change(key, pair, 1);
  }

  subtract(key: string, pair: Pair): void {
    this.#change(key, pair, -1);
  }

  #change(key: string, pair: Pair, sign: 1 | -1): void {
    this.#count += sign;
    const hash = hashOf(key, pair);
    for (let lane = 0; lane < LANES; lane += 1) {
      this.#lanes[lane] = (this.#lanes[lane] as number) + sign * (hash[lane] as number);
    }
  }

  toString(): string {
    const hex = [...this.#lanes].map((lane) => lane.toString(16).padStart(8, '0')).join('');
    return `${this.#count}-${hex}`;
  }
}

/** Of the pair that was hashed last: there is one at a time. */
const hash = new Int32Array(LANES);
const rest = new Uint8Array(BLOCK_BYTES);
const restView = new DataView(rest.buffer);

/** The lengths stand first, so that nothing of the key can pass for something of the value. */
function hashOf(key: string, { value, revision }: Pair): Int32Array {
  hash.set(MULTIPLIERS);
  mix(key.length, value.byteLength, revision, Math.floor(revision / 0x1_0000_0000));
  for (let at = 0; at < key.length; at += 2 * LANES) {
    mix(charsAt(key, at), charsAt(key, at + 2), charsAt(key, at + 4), charsAt(key, at + 6));
  }
  mixBytes(value);
  return finished();
}

function charsAt(key: string, at: number): number {
  const first = at < key.length ? key.charCodeAt(at) : 0;
  return first | (at + 1 < key.length ? key.charCodeAt(at + 1) << 16 : 0);
}

function mixBytes(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const whole = bytes.byteLength - (bytes.byteLength % BLOCK_BYTES);
  mixBlocks(view, whole);
  if (whole === bytes.byteLength) return;
  rest.fill(0);
  for (let at = whole; at < bytes.byteLength; at += 1) rest[at - whole] = bytes[at] as number;
  mixBlocks(restView, BLOCK_BYTES);
}

/** The lanes are kept in variables meanwhile: a value may have a mebibyte. */
function mixBlocks(view: DataView, until: number): void {
  let a = hash[0] as number;
  let b = hash[1] as number;
  let c = hash[2] as number;
  let d = hash[3] as number;
  for (let at = 0; at < until; at += BLOCK_BYTES) {
    a = round(a, view.getInt32(at, true));
    b = round(b, view.getInt32(at + 4, true));
    c = round(c, view.getInt32(at + 8, true));
    d = round(d, view.getInt32(at + 12, true));
  }
  hash[0] = a;
  hash[1] = b;
  hash[2] = c;
  hash[3] = d;
}

function mix(a: number, b: number, c: number, d: number): void {
  hash[0] = round(hash[0] as number, a);
  hash[1] = round(hash[1] as number, b);
  hash[2] = round(hash[2] as number, c);
  hash[3] = round(hash[3] as number, d);
}

function round(lane: number, word: number): number {
  const sum = (lane + Math.imul(word, 0x85ebca77)) | 0;
  return Math.imul((sum << 13) | (sum >>> 19), 0x9e3779b1);
}

/** Every lane depends on all of them. */
function finished(): Int32Array {
  for (let pass = 0; pass < 2; pass += 1) {
    for (let lane = 0; lane < LANES; lane += 1) {
      const before = hash[(lane + LANES - 1) % LANES] as number;
      let mixed = (hash[lane] as number) ^ before;
      mixed = Math.imul(mixed ^ (mixed >>> 15), 0x85ebca77);
      mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae3d);
      hash[lane] = mixed ^ (mixed >>> 16);
    }
  }
  return hash;
}

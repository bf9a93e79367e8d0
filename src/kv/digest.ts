/**
 * A digest of all pairs that can be kept up to date: the sum of the pairs' hashes, lane by lane. A
 * sum forgets the order in which the pairs were written, and a pair that goes is subtracted again,
 * so a write costs two hashes however many pairs there are.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { encodeText } from './keys.ts';
import type { Pair } from './pairs.ts';

export class PairsDigest {
  readonly #lanes = new Uint32Array(8);
  #count = 0;

  add(key: string, pair: Pair): void {
    this.#count += 1;
    lanesOf(key, pair).forEach((lane, at) => {
      this.#lanes[at] = (this.#lanes[at] ?? 0) + lane;
    });
  }

  subtract(key: string, pair: Pair): void {
    this.#count -= 1;
    lanesOf(key, pair).forEach((lane, at) => {
      this.#lanes[at] = (this.#lanes[at] ?? 0) - lane;
    });
  }

  toString(): string {
    const hex = [...this.#lanes].map((lane) => lane.toString(16).padStart(8, '0')).join('');
    return `${this.#count}-${hex}`;
  }
}

function lanesOf(key: string, pair: Pair): Uint32Array {
  const keyBytes = encodeText(key);
  const numbers = new DataView(new ArrayBuffer(16));
  numbers.setFloat64(0, pair.revision);
  numbers.setUint32(8, keyBytes.byteLength);
  numbers.setUint32(12, pair.value.byteLength);
  const hash = sha256.create().update(new Uint8Array(numbers.buffer));
  const bytes = hash.update(keyBytes).update(pair.value).digest();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Uint32Array.from({ length: 8 }, (_, at) => view.getUint32(at * 4));
}

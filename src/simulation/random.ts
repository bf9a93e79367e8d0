/**
 * Seeded chance: a small fast counter generator (the sfc32 family), 32-bit arithmetic only, so that
 * a seed means the same sequence on every engine.
 *
 * Every purpose draws from a stream of its own, derived from the seed and a name: what the network
 * draws never shifts what a disk draws.
 */
import type { Random } from '../ports/random.ts';

/** The same seed gives the same run, on every machine. */
export type Seed = number | string;

const WARM_UP_ROUNDS = 12;

/** A 32-bit hash of a text, to turn seeds and names into states. */
function hashText(text: string, start: number): number {
  let hash = start | 0;
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  return hash | 0;
}

/** Chance that a seed decides; `fork` gives streams that do not disturb each other. */
export class SeededRandom implements Random {
  readonly #name: string;
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: Seed) {
    this.#name = String(seed);
    this.#a = hashText(this.#name, 0x243f6a88);
    this.#b = hashText(this.#name, 0x85a308d3);
    this.#c = hashText(this.#name, 0x13198a2e);
    for (let round = 0; round < WARM_UP_ROUNDS; round += 1) this.#next32();
  }

  /** A stream of its own; the same name gives the same stream, however much was drawn here. */
  fork(name: string): SeededRandom {
    return new SeededRandom(`${this.#name}/${name}`);
  }

  /** Uniform in [0, 1). */
  next(): number {
    return this.#next32() / 0x1_0000_0000;
  }

  /** True with the given probability. */
  chance(probability: number): boolean {
    return probability > 0 && this.next() < probability;
  }

  /** Uniform in [min, max), in whole microseconds when taken as milliseconds. */
  between(min: number, max: number): number {
    return max > min ? Math.floor((min + this.next() * (max - min)) * 1000) / 1000 : min;
  }

  /** A whole number from 0 to `end` − 1. */
  below(end: number): number {
    return Math.floor(this.next() * end);
  }

  #next32(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }
}

/** The state: each key with its value and the entry that wrote it, in the order of key bytes. */
import type { LogIndex } from '../../machines/rules/entries.ts';
import { fromSortKey, toSortKey } from './keys.ts';
import { type SortedTree, sortedTree } from './sorted-tree.ts';

/** Immutable: a write replaces it, so a frozen copy of the tree keeps what it had. */
export interface Pair {
  readonly value: Uint8Array;
  readonly revision: LogIndex;
}

export class Pairs {
  readonly #tree: SortedTree<Pair>;
  #bytes: number;

  constructor(tree: SortedTree<Pair> = sortedTree(), bytes = 0) {
    this.#tree = tree;
    this.#bytes = bytes;
  }

  /** Of all keys in UTF-8 and all values. */
  get bytes(): number {
    return this.#bytes;
  }

  get size(): number {
    return this.#tree.size;
  }

  get(key: string): Pair | undefined {
    return this.#tree.get(toSortKey(key));
  }

  /** A key that is not there yet, of so many bytes. */
  add(key: string, keyBytes: number, pair: Pair): void {
    this.#bytes += keyBytes + pair.value.byteLength;
    this.#tree.set(toSortKey(key), pair);
  }

  /** Another pair for a key that has `before`. */
  replace(key: string, before: Pair, after: Pair): void {
    this.#bytes += after.value.byteLength - before.value.byteLength;
    this.#tree.set(toSortKey(key), after);
  }

  delete(key: string, keyBytes: number, before: Pair): void {
    this.#bytes -= keyBytes + before.value.byteLength;
    this.#tree.delete(toSortKey(key));
  }

  /** The same pairs, untouched by what is written to these later. Takes constant time. */
  frozen(): Pairs {
    return new Pairs(this.#tree.clone(), this.#bytes);
  }

  /** From the first key that is at or after `from`, read lazily. */
  *from(from: string): Generator<readonly [string, Pair]> {
    const entries = this.#tree.entries(toSortKey(from));
    for (const [sortKey, pair] of entries) yield [fromSortKey(sortKey), pair];
  }
}

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

  constructor(tree: SortedTree<Pair> = sortedTree()) {
    this.#tree = tree;
  }

  get size(): number {
    return this.#tree.size;
  }

  get(key: string): Pair | undefined {
    return this.#tree.get(toSortKey(key));
  }

  set(key: string, pair: Pair): void {
    this.#tree.set(toSortKey(key), pair);
  }

  delete(key: string): void {
    this.#tree.delete(toSortKey(key));
  }

  /** The same pairs, untouched by what is written to these later. Takes constant time. */
  frozen(): Pairs {
    return new Pairs(this.#tree.clone());
  }

  /** From the first key that is at or after `from`, read lazily. */
  *from(from: string): Generator<readonly [string, Pair]> {
    const entries = this.#tree.entries(toSortKey(from));
    for (const [sortKey, pair] of entries) yield [fromSortKey(sortKey), pair];
  }
}

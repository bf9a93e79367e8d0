/** The state: each key with its value and the entry that wrote it, in the order of key bytes. */
import * as imported from 'sorted-btree';
import type { LogIndex } from '../../machines/rules/entries.ts';
import { fromSortKey, textBytes, toSortKey } from './keys.ts';

/** Immutable: a write replaces it, so a frozen copy of the tree keeps what it had. */
export interface Pair {
  readonly value: Uint8Array;
  readonly revision: LogIndex;
}

export class Pairs {
  readonly #tree: SortedTree;

  #bytes: number;

  constructor(tree: SortedTree = sortedTree(), bytes = 0) {
    this.#tree = tree;
    this.#bytes = bytes;
  }

  /** Of all keys and values. */
  get bytes(): number {
    return this.#bytes;
  }

  get size(): number {
    return this.#tree.size;
  }

  get(key: string): Pair | undefined {
    return this.#tree.get(toSortKey(key));
  }

  /** @param before - what the key has now: whoever writes has looked it up */
  set(key: string, pair: Pair, before?: Pair): void {
    this.#bytes += bytesOf(key, pair) - bytesOf(key, before);
    this.#tree.set(toSortKey(key), pair);
  }

  delete(key: string, before: Pair): void {
    this.#bytes -= bytesOf(key, before);
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

/** Of the key and the value; 0 for none. */
export function bytesOf(key: string, pair: Pick<Pair, 'value'> | undefined): number {
  return pair === undefined ? 0 : textBytes(key) + pair.value.byteLength;
}

/**
 * The sorted tree (docs/decisions/0006-key-value.md). Cloning takes constant time: the clone and the
 * original share their nodes, and whoever writes copies a node first.
 *
 * The package is CommonJS with a default export, which Node.js and bundlers wrap differently.
 */
type SortedTree = imported.default<string, Pair>;
type Constructor = new (
  entries: [string, Pair][] | undefined,
  compare: (a: string, b: string) => number,
) => SortedTree;

const exported = imported.default as unknown as Constructor | { readonly default: Constructor };
const TreeConstructor = 'default' in exported ? exported.default : exported;

/** An empty tree, its keys compared by UTF-16 units. */
function sortedTree(): SortedTree {
  return new TreeConstructor(undefined, (a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

/**
 * The sorted tree the keys stand in (docs/decisions/0006-key-value.md). Cloning takes constant
 * time: the clone and the original share their nodes, and whoever writes copies a node first.
 *
 * The package is CommonJS with a default export, which Node.js and bundlers wrap differently; this
 * file is the one place that knows.
 */
import * as imported from 'sorted-btree';

type BTree<Key, Value> = imported.default<Key, Value>;
type Constructor = new <Key, Value>(
  entries: [Key, Value][] | undefined,
  compare: (a: Key, b: Key) => number,
) => BTree<Key, Value>;

const exported = imported.default as unknown as Constructor | { readonly default: Constructor };
const TreeConstructor = 'default' in exported ? exported.default : exported;

export type SortedTree<Value> = BTree<string, Value>;

/** An empty tree, its keys compared by UTF-16 units. */
export function sortedTree<Value>(): SortedTree<Value> {
  return new TreeConstructor<string, Value>(undefined, (a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

/** What states are called in labels: by as little of their path as tells them from all others. */
import { escapedKey, type Placed, stateIdOf } from './ids.ts';

/** The part of XState's `StateNode` that is needed to find a state. */
export interface NodeLike extends Placed {
  /** XState's own: the one that the author gave it, or its place. */
  readonly id?: string;
  readonly states: Readonly<Record<string, NodeLike>>;
}

export class StateNames {
  readonly #nodes: readonly NodeLike[];
  readonly #names: ReadonlyMap<string, string>;

  constructor(root: NodeLike) {
    this.#nodes = nodesWithin(root);
    const suffixes = this.#nodes.map(suffixesOf);
    const uses = new Map<string, number>();
    for (const suffix of suffixes.flat()) uses.set(suffix, (uses.get(suffix) ?? 0) + 1);
    const isUnique = (suffix: string) => uses.get(suffix) === 1;
    this.#names = new Map(
      this.#nodes.map((node, at) => {
        const id = stateIdOf(node);
        return [id, suffixes[at]?.find(isUnique) ?? id];
      }),
    );
  }

  /** Its key; where others have the same one, as many of the keys around it as are needed. */
  nameOf(node: Placed): string {
    const id = stateIdOf(node);
    return this.#names.get(id) ?? id;
  }

  /** The path, from the root on, of what a state names as a target beside it; null if none is. */
  pathBeside({ machine, path }: Placed, target: string): string | null {
    const [first = '', ...rest] = target.split(/(?<!\\)\./);
    const named = this.#nodes.find(({ id = '' }) => `#${escapedKey(id)}` === first);
    const id =
      named === undefined
        ? `${stateIdOf({ machine, path: path.slice(0, -1) })}.${target}`
        : [stateIdOf(named), ...rest].join('.');
    const found = this.#nodes.find((node) => stateIdOf(node) === id);
    return found === undefined ? null : found.path.map(escapedKey).join('.');
  }
}

function nodesWithin(node: NodeLike): readonly NodeLike[] {
  return [node, ...Object.values(node.states).flatMap(nodesWithin)];
}

/** `vote`, `candidate.vote`, `server.candidate.vote`. */
function suffixesOf({ machine, path }: Placed): readonly string[] {
  const keys = [machine.id, ...path];
  return keys.map((_, at) => keys.slice(keys.length - 1 - at).join('.'));
}

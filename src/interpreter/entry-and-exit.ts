/**
 * Which states a step leaves and enters (SCXML, appendix D, "Algorithm for SCXML Interpretation":
 * `computeExitSet`, `computeEntrySet`, `removeConflictingTransitions`), as XState 5 does it: a
 * transition without a target leaves nothing, and one into its own source or below it leaves that
 * only when it says `reenter`.
 */
import type { AnyStateNode } from 'xstate';
import type { RecalledStates, Transition } from './xstate-internals.ts';

type Nodes = ReadonlySet<AnyStateNode>;

export function isAtomic({ type }: AnyStateNode): boolean {
  return type === 'atomic' || type === 'final';
}

/** Whether it stands somewhere below; everything stands below undefined, the root too. */
export function isBelow(node: AnyStateNode, above: AnyStateNode | undefined): boolean {
  let at = node;
  while (at.parent !== undefined && at.parent !== above) at = at.parent;
  return at.parent === above;
}

/** From the nearest on, up to the given one, which is not among them. */
export function ancestorsOf(node: AnyStateNode, until?: AnyStateNode): readonly AnyStateNode[] {
  const ancestors: AnyStateNode[] = [];
  if (until === node) return ancestors;
  for (let at = node.parent; at !== undefined && at !== until; at = at.parent) ancestors.push(at);
  return ancestors;
}

export function childrenOf(node: AnyStateNode): readonly AnyStateNode[] {
  return Object.values(node.states).filter(({ type }) => type !== 'history');
}

/** Whether these states complete that one. */
export function isCompleted(nodes: Nodes, node: AnyStateNode): boolean {
  if (node.type === 'compound') {
    return childrenOf(node).some((child) => child.type === 'final' && nodes.has(child));
  }
  if (node.type === 'parallel') return childrenOf(node).every((child) => isCompleted(nodes, child));
  return node.type === 'final';
}

/** Where a history node leads that has nothing to recall. */
function defaultOf(history: AnyStateNode): { readonly target: readonly AnyStateNode[] } {
  const parent = history.parent as AnyStateNode;
  const targets: readonly (string | AnyStateNode)[] = [history.config.target ?? []].flat();
  if (targets.length === 0)
    return parent.type === 'parallel' ? { target: [parent] } : parent.initial;
  return { target: targets.map((each) => (typeof each === 'string' ? at(parent, each) : each)) };
}

/** From the parent on; or anywhere, by id. */
function at({ id, machine }: AnyStateNode, path: string): AnyStateNode {
  const isId = path.startsWith('#');
  return machine.getStateNodeById(isId ? path : `${id.replaceAll(/[\\.]/g, '\\$&')}.${path}`);
}

/** The targets, with what a history node stands for in its place. */
function targetsOf(
  { target }: Pick<Transition, 'target'>,
  history: RecalledStates,
): AnyStateNode[] {
  const targets = (target ?? []).flatMap((node) => {
    if (node.type !== 'history') return [node];
    return history[node.id] ?? targetsOf(defaultOf(node), history);
  });
  return [...new Set(targets)];
}

/** The state within which the transition happens; undefined when the root itself is left. */
function domainOf(transition: Transition, history: RecalledStates): AnyStateNode | undefined {
  const { source, reenter } = transition;
  const targets = targetsOf(transition, history);
  const isWithin = targets.every((target) => target === source || isBelow(target, source));
  if (!reenter && isWithin) return source;
  const [first, ...others] = [...targets, source];
  const common = ancestorsOf(first as AnyStateNode).find((ancestor) =>
    others.every((node) => isBelow(node, ancestor)),
  );
  return common ?? (reenter ? undefined : source.machine.root);
}

/** What these transitions leave, the innermost first. */
export function exitSet(
  transitions: readonly Transition[],
  nodes: Nodes,
  history: RecalledStates,
): readonly AnyStateNode[] {
  const left = new Set<AnyStateNode>();
  for (const transition of transitions) {
    if (!transition.target?.length) continue;
    const domain = domainOf(transition, history);
    if (domain !== undefined && transition.reenter && transition.source === domain)
      left.add(domain);
    for (const node of nodes) if (isBelow(node, domain)) left.add(node);
  }
  return [...left].sort((one, other) => other.order - one.order);
}

/** Of two that would leave the same state only one is taken: the inner one, or else the first. */
export function withoutConflicts(
  transitions: readonly Transition[],
  nodes: Nodes,
  history: RecalledStates,
): readonly Transition[] {
  const taken = new Set<Transition>();
  for (const transition of new Set(transitions)) {
    const left = new Set(exitSet([transition], nodes, history));
    const isRival = (other: Transition) =>
      exitSet([other], nodes, history).some((node) => left.has(node));
    const replaced: Transition[] = [];
    let isPreempted = false;
    for (const rival of taken) {
      if (!isRival(rival)) continue;
      isPreempted = !isBelow(transition.source, rival.source);
      if (isPreempted) break;
      replaced.push(rival);
    }
    if (isPreempted) continue;
    for (const rival of replaced) taken.delete(rival);
    taken.add(transition);
  }
  return [...taken];
}

/** What these transitions enter, the outermost first, and for which of it initial actions run. */
export function entrySet(transitions: readonly Transition[], history: RecalledStates) {
  const entering = new EntrySet(history);
  for (const transition of transitions) entering.add(transition);
  const { entered, byDefault } = entering;
  return { entered: [...entered].sort((one, other) => one.order - other.order), byDefault };
}

class EntrySet {
  readonly entered = new Set<AnyStateNode>();
  readonly byDefault = new Set<AnyStateNode>();
  readonly #history: RecalledStates;

  constructor(history: RecalledStates) {
    this.#history = history;
  }

  add(transition: Transition): void {
    const { source, reenter } = transition;
    const domain = domainOf(transition, this.#history);
    for (const target of transition.target ?? []) {
      const isEntered = source !== target || source !== domain || reenter;
      if (target.type !== 'history' && isEntered) this.#addByDefault(target);
      this.#addDescendants(target);
    }
    for (const target of targetsOf(transition, this.#history)) {
      const ancestors = [...ancestorsOf(target, domain)];
      if (domain?.type === 'parallel') ancestors.push(domain);
      this.#addAncestors(ancestors, source.parent === undefined && reenter ? undefined : domain);
    }
  }

  #addByDefault(node: AnyStateNode): void {
    this.entered.add(node);
    this.byDefault.add(node);
  }

  #addDescendants(node: AnyStateNode): void {
    if (node.type === 'history') this.#addRecalled(node);
    else if (node.type === 'parallel') this.#addRegions(node, (child) => this.#addByDefault(child));
    else if (node.type === 'compound') {
      const initial = node.initial.target[0] as AnyStateNode;
      if (initial.type !== 'history') this.#addByDefault(initial);
      this.#addDescendants(initial);
      this.#addAncestors(ancestorsOf(initial, node));
    }
  }

  #addRecalled(node: AnyStateNode): void {
    const parent = node.parent as AnyStateNode;
    const recalled = this.#history[node.id];
    const byDefault = recalled === undefined ? defaultOf(node) : null;
    const targets = recalled ?? byDefault?.target ?? [];
    for (const target of targets) {
      this.entered.add(target);
      if (byDefault === parent.initial) this.byDefault.add(parent);
      this.#addDescendants(target);
    }
    for (const target of targets) this.#addAncestors(ancestorsOf(target, parent));
  }

  /** Each region of which nothing is entered yet. */
  #addRegions(node: AnyStateNode, add: (child: AnyStateNode) => void): void {
    for (const child of childrenOf(node)) {
      if ([...this.entered].some((other) => isBelow(other, child))) continue;
      add(child);
      this.#addDescendants(child);
    }
  }

  #addAncestors(ancestors: readonly AnyStateNode[], domain?: AnyStateNode): void {
    for (const ancestor of ancestors) {
      if (domain === undefined || isBelow(ancestor, domain)) this.entered.add(ancestor);
      if (ancestor.type !== 'parallel') continue;
      this.#addRegions(ancestor, (child) => this.entered.add(child));
    }
  }
}

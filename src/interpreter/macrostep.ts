/**
 * A macrostep under way: what its actions have made of the snapshot so far. Guards and actions are
 * given the context as it is by now; a snapshot is made of it only where somebody sees one.
 */
import type { AnyEventObject, AnyStateMachine } from 'xstate';
import {
  type ActionArguments,
  type Children,
  type Context,
  type RecalledStates,
  type Scope,
  type Self,
  type Snapshot,
  type System,
  withNodes,
} from './xstate-internals.ts';

/** What an action that enters states may name though it is not there yet: the actors they invoke. */
export interface Deferred {
  readonly ids: readonly string[];
  readonly retries: (() => void)[];
}

/** States that are active together, as snapshots have them. */
export interface ActiveNodes {
  readonly nodes: Snapshot['_nodes'];
  readonly value: unknown;
  readonly tags: ReadonlySet<string>;
}

export class RunningMacrostep {
  readonly machine: AnyStateMachine;
  readonly scope: Scope;
  readonly self: Self;
  readonly system: System;
  /** Raised, and not handled yet. */
  readonly queue: AnyEventObject[] = [];
  context: Context;
  #children: Children;
  #status: string;
  #output: unknown = undefined;
  #active: ActiveNodes;
  #history: RecalledStates;
  #snapshot: Snapshot;
  #isOutdated = false;

  constructor(scope: Scope, snapshot: Snapshot, active: ActiveNodes) {
    this.scope = scope;
    this.self = scope.self;
    this.system = scope.system;
    this.machine = snapshot.machine;
    this.context = snapshot.context;
    this.#children = snapshot.children;
    this.#status = snapshot.status;
    this.#active = active;
    this.#history = snapshot.historyValue;
    this.#snapshot = snapshot;
  }

  get children(): Children {
    return this.#children;
  }

  get status(): string {
    return this.#status;
  }

  get history(): RecalledStates {
    return this.#history;
  }

  /** The very same until something changes. */
  get snapshot(): Snapshot {
    if (this.#isOutdated) {
      this.#snapshot = this.#written();
      this.#isOutdated = false;
    }
    return this.#snapshot;
  }

  /** Written out: a literal costs a small part of what copying another one costs. */
  #written(): Snapshot {
    const { machine, error, matches, hasTag, can, getMeta, toJSON } = this.#snapshot;
    return {
      status: this.#status,
      output: this.#output,
      error,
      machine,
      context: this.context,
      _nodes: this.#active.nodes,
      value: this.#active.value,
      tags: this.#active.tags,
      children: this.#children,
      historyValue: this.#history,
      matches,
      hasTag,
      can,
      getMeta,
      toJSON,
    };
  }

  /** What an action is given just now. */
  given(event: AnyEventObject): ActionArguments {
    return { context: this.context, event, self: this.self, system: this.system };
  }

  assign(context: Context): void {
    this.context = context;
    this.#isOutdated = true;
  }

  adopt(children: Children): void {
    this.#children = { ...this.#children, ...children };
    this.#isOutdated = true;
  }

  enter(active: ActiveNodes, history: RecalledStates): void {
    this.#active = active;
    this.#history = history;
    this.#isOutdated = true;
  }

  complete(output: unknown): void {
    this.#status = 'done';
    this.#output = output;
    this.#isOutdated = true;
  }

  /** What one of XState's own actions has made of the snapshot. */
  take(snapshot: Snapshot): void {
    this.context = snapshot.context;
    this.#children = snapshot.children;
    this.#snapshot = snapshot;
    this.#isOutdated = false;
  }
}

/** The value and the tags are XState's own. */
export function activeNodes(snapshot: Snapshot, nodes: Snapshot['_nodes']): ActiveNodes {
  const { value, tags } = withNodes(snapshot, nodes);
  return { nodes, value, tags };
}

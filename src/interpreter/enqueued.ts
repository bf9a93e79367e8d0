/**
 * What `enqueueActions` collects: actions as records, to be evaluated once all of them are known.
 * XState makes a function of each; most are gone as soon as they are evaluated.
 */
import { cancel, spawnChild, stopChild } from 'xstate';
import type { Operands } from './xstate-internals.ts';

/** One of XState's own actions with its operands, or any other as it was given. */
export type Enqueued =
  | { readonly kind: 'assign' | 'emit' | 'raise' | 'sendTo'; readonly operands: Operands }
  | { readonly kind: 'other'; readonly action: unknown };

type Sent = { readonly id?: string; readonly delay?: unknown };

/** `enqueue` as `enqueueActions` hands it to its function. */
export interface Enqueue {
  (action: unknown): void;
  assign(assignment: unknown): void;
  emit(event: unknown): void;
  raise(event: unknown, options?: Sent): void;
  sendTo(to: unknown, event: unknown, options?: Sent): void;
  sendParent(event: unknown, options?: Sent): void;
  cancel(id: unknown): void;
  spawnChild(source: unknown, options?: unknown): void;
  stopChild(child: unknown): void;
}

/** One `enqueue` serves one collection after the other: to make it costs more than to use it. */
class Collector {
  #enqueued: Enqueued[] | null = null;
  readonly enqueue: Enqueue;

  constructor() {
    const add = (each: Enqueued) => void this.#enqueued?.push(each);
    const other = (action: unknown) => add({ kind: 'other', action });
    this.enqueue = Object.assign((action: unknown) => other(action), {
      assign: (assignment: unknown) => add({ kind: 'assign', operands: { assignment } }),
      emit: (event: unknown) => add({ kind: 'emit', operands: { event } }),
      raise: (event: unknown, { id, delay }: Sent = {}) =>
        add({ kind: 'raise', operands: { event, id, delay } }),
      sendTo: (to: unknown, event: unknown, { id, delay }: Sent = {}) =>
        add({ kind: 'sendTo', operands: { to, event, id, delay } }),
      sendParent: (event: unknown, { id, delay }: Sent = {}) =>
        add({ kind: 'sendTo', operands: { to: '#_parent', event, id, delay } }),
      cancel: (id: never) => other(cancel(id)),
      spawnChild: (source: never, options?: never) => other(spawnChild(source, options)),
      stopChild: (child: never) => other(stopChild(child)),
    }) as Enqueue;
  }

  /** What is enqueued from now on, until it is ended. */
  begin(): readonly Enqueued[] {
    const enqueued: Enqueued[] = [];
    this.#enqueued = enqueued;
    return enqueued;
  }

  end(): void {
    this.#enqueued = null;
    idle.push(this);
  }
}

const idle: Collector[] = [];

/** One that nobody uses; whoever is given it ends it. */
export function idleCollector(): Collector {
  return idle.pop() ?? new Collector();
}

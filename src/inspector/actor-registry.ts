/** Who is present: every actor with a name that people can read and that none of the others has. */
import type { AnyActorRef } from 'xstate';
import { INLINE } from '../diagram/names.ts';
import type { PendingRecord } from './pending-records.ts';
import type { StateValue } from './protocol.ts';

/** An event being handled. */
export interface Macrostep {
  readonly pending: PendingRecord<RegisteredActor>;
  transitions: readonly unknown[];
  emitted: readonly unknown[];
}

/** An actor, what was last recorded of it, and what the recorder remembers of it. */
export interface RegisteredActor {
  readonly ref: AnyActorRef;
  readonly id: string;
  readonly parent: string | null;
  /** '' when it is no machine. */
  readonly machine: string;
  /** Its state after the last event it handled. */
  value: StateValue;
  /** Its context after that event. */
  context: unknown;
  /** Its context as it was last recorded. */
  recorded: unknown;
  /** Which transitions the last event of each type has taken, as far as a `Weigh` has noted it. */
  readonly taken: Map<string, readonly unknown[]>;
  /** The text of a state it was in. */
  shown: { readonly value: StateValue; readonly text: string } | null;
  /** Whether it has been started: what it did before that is part of how it began. */
  isBegun: boolean;
  /** The event it is handling. */
  step: Macrostep | null;
  /** The number of the last lines before which it was sent something. */
  sentBefore: number;
}

/** The name of the machine that an actor runs, or '' when it runs none. */
export type MachineName = (logic: unknown) => string;

export class ActorRegistry {
  readonly #nameOf: MachineName;
  readonly #present = new Map<object, RegisteredActor>();
  readonly #ids = new Set<string>();

  constructor(nameOf: MachineName = machineId) {
    this.#nameOf = nameOf;
  }

  get(ref: object): RegisteredActor | undefined {
    return this.#present.get(ref);
  }

  add(ref: AnyActorRef): RegisteredActor {
    const machine = this.#nameOf((ref as { logic?: unknown }).logic);
    const name = isNamed(ref) ? ref.id : nameless(ref, machine);
    const parent = ref._parent === undefined ? undefined : this.get(ref._parent)?.id;
    const id = this.#unique(parent === undefined ? name : `${parent}/${name}`);
    const known: RegisteredActor = {
      ...{ ref, id, parent: parent ?? null, machine, value: null, context: undefined },
      ...{ recorded: undefined, taken: new Map() },
      ...{ isBegun: false, shown: null, step: null, sentBefore: -1 },
    };
    this.#present.set(ref, known);
    this.#ids.add(id);
    return known;
  }

  remove({ ref, id }: RegisteredActor): void {
    this.#present.delete(ref);
    this.#ids.delete(id);
  }

  #unique(id: string): string {
    if (!this.#ids.has(id)) return id;
    for (let number = 2; ; number += 1) {
      if (!this.#ids.has(`${id}#${number}`)) return `${id}#${number}`;
    }
  }
}

/** Where the author gives no id, XState makes one: its own, or `0.machine.state` where it is invoked. */
function isNamed({ id, sessionId }: AnyActorRef): boolean {
  return id !== sessionId && !/^\d+\./.test(id);
}

/** By its source's name; XState's number, if it has no other, tells two of them apart. */
function nameless({ id, src, sessionId }: AnyActorRef, machine: string): string {
  if (typeof src === 'string' && !src.startsWith('xstate.')) return src;
  return machine || (id === sessionId ? sessionId : INLINE);
}

function machineId(logic: unknown): string {
  const { root } = (logic ?? {}) as { root?: { machine?: { id?: unknown } } };
  return typeof root?.machine?.id === 'string' ? root.machine.id : '';
}

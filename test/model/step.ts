/**
 * One step of a machine as an observer sees it: where it is, what it said, which timers it has, and
 * which transitions took it there. Whoever takes the steps, the model or the running actor, tells
 * them in this form.
 */
import type { AnyActorRef, AnyStateMachine, EventObject } from 'xstate';
import { nameOf } from './transitions.ts';

/** Something that left the machine: emitted, or sent to its parent (`out`) or to a child. */
export interface Said {
  readonly to: string;
  readonly event: EventObject;
}

export interface Step<Context = unknown> {
  readonly event: EventObject;
  readonly value: unknown;
  readonly context: Context;
  /** In order. */
  readonly said: readonly Said[];
  /** The timers that run after it, sorted by name. */
  readonly timers: readonly string[];
  /** Those of them that this step armed, sorted likewise. */
  readonly armed: readonly string[];
  /** By their names, in order. */
  readonly taken: readonly string[];
  /** What it stopped with, or null. */
  readonly error: string | null;
}

/** The event of a start. */
export const INIT: EventObject = { type: 'xstate.init' };

/** Notes the transitions that an actor takes, microstep by microstep. */
export class Transitions {
  #taken: string[] = [];
  #last: unknown = null;

  constructor(actor: AnyActorRef) {
    actor.system.inspect((inspected) => {
      if (inspected.type !== '@xstate.microstep' || inspected.actorRef !== actor) return;
      this.#taken.push(...inspected._transitions.map(nameOf));
      this.#last = inspected.snapshot;
    });
  }

  /** Those since it was asked last. */
  take(): readonly string[] {
    const taken = this.#taken;
    this.#taken = [];
    this.#last = null;
    return taken;
  }

  /** The same when the step threw: its last microstep ended before it was told of. */
  takeFailed(machine: AnyStateMachine, before: unknown, event: EventObject): readonly string[] {
    const admitted = this.#last === null ? event : (event as { message?: EventObject }).message;
    const selected = machine.getTransitionData(
      (this.#last ?? before) as never,
      (admitted ?? event) as never,
    );
    return [...this.take(), ...selected.map((transition) => nameOf(transition as never))];
  }
}

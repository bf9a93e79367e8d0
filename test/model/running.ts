/**
 * The running thing: the machine as a live actor on a virtual clock, led along a path. Its delays
 * are written by the path: the timer that a step arms is as long as the path has it run, or for
 * ever. So every order of timers comes about in virtual time, and one that should be gone, or never
 * was, falls due where the path knows nothing of it.
 */
import {
  type AnyActor,
  type AnyActorLogic,
  type AnyActorRef,
  type AnyStateMachine,
  createActor,
  type EventObject,
  fromTransition,
} from 'xstate';
import { VirtualClock } from '../../src/simulation/virtual-clock.ts';
import { INIT, type Said, type Step, Transitions } from './step.ts';

/** Between two steps of a path, in virtual milliseconds. */
const STEP_MS = 1_000;
const NEVER_MS = 1e9;

export class Stage {
  readonly #machine: AnyStateMachine;
  readonly #input: unknown;
  #run: Run | null = null;

  /** `children`: actors below it as its `setup` calls them; they listen, and say nothing. */
  constructor(machine: AnyStateMachine, input: unknown, children: readonly string[] = []) {
    const delays = Object.keys(machine.implementations.delays).map((name) => [
      name,
      () => this.#run?.lengthOf(name),
    ]);
    const actors = children.map((name) => [name, this.#listener()]);
    this.#machine = machine.provide({
      delays: Object.fromEntries(delays),
      actors: Object.fromEntries(actors),
    } as never);
    this.#input = input;
  }

  /** Leads a live actor along the steps that the model took. */
  run<Context>(model: readonly Step<Context>[]): Step<Context>[] {
    this.#run = new Run(this.#machine, this.#input, this.#listener(), model);
    return this.#run.steps() as Step<Context>[];
  }

  #listener() {
    return fromTransition((_, event: EventObject, { self }: { self: AnyActorRef }) => {
      this.#run?.said.push({ to: self._parent === undefined ? 'out' : self.id, event });
      return undefined;
    }, undefined);
  }
}

class Run {
  readonly #machine: AnyStateMachine;
  readonly #input: unknown;
  readonly #model: readonly Step[];
  readonly #clock = new VirtualClock();
  readonly #parent: AnyActor;
  #at = 0;
  #armedBefore: readonly unknown[] = [];
  #error: string | null = null;
  said: Said[] = [];

  constructor(
    machine: AnyStateMachine,
    input: unknown,
    listener: AnyActorLogic,
    model: readonly Step[],
  ) {
    this.#machine = machine;
    this.#input = input;
    this.#model = model;
    this.#parent = createActor(listener, { clock: this.#clock }).start();
  }

  /** How long the path has the timer of that delay run, when it is armed in the present step. */
  lengthOf(delay: string): number {
    const later = this.#model.slice(this.#at + 1);
    const timer = this.#model[this.#at]?.armed.find((id) => id.split('.')[2] === delay);
    const due = later.findIndex(({ event }) => event.type === timer);
    const isArmedAnew = later.slice(0, due).some(({ armed }) => armed.includes(timer ?? ''));
    return due === -1 || isArmedAnew ? NEVER_MS : (due + 1) * STEP_MS;
  }

  steps(): Step[] {
    // Already here it asks how long its first timers are.
    const actor = createActor(this.#machine, { input: this.#input, parent: this.#parent });
    const transitions = new Transitions(actor);
    actor.on('*', (event) => this.said.push({ to: 'out', event }));
    actor.subscribe({
      error: (thrown) => {
        this.#error = String(thrown);
      },
    });
    return this.#model.map(({ event }, at) => {
      this.#at = at;
      this.said = [];
      const before = actor.getSnapshot();
      this.#happen(actor, event);
      return this.#error === null
        ? this.#taken(actor, event, transitions.take())
        : this.#failed(before, event, transitions.takeFailed(this.#machine, before, event));
    });
  }

  #taken(actor: AnyActor, event: EventObject, taken: readonly string[]): Step {
    const { value, context } = actor.getSnapshot();
    return { event, value, context, said: this.said, ...this.#timersOf(actor), taken, error: null };
  }

  /** Where it stopped counts; what it would have said and armed is dropped with it. */
  #failed(
    { value, context }: ReturnType<AnyActor['getSnapshot']>,
    event: EventObject,
    taken: readonly string[],
  ): Step {
    const error = this.#error;
    return { event, value, context, said: [], timers: [], armed: [], taken, error };
  }

  #happen(actor: AnyActor, event: EventObject): void {
    const now = this.#at * STEP_MS;
    if (event.type.startsWith('xstate.after.')) this.#clock.fireNext(now);
    this.#clock.advanceTo(now);
    if (event.type === INIT.type) actor.start();
    else if (!event.type.startsWith('xstate.after.')) actor.send(event);
  }

  /** What the actor itself has armed, of all that is armed in its system. */
  #timersOf(actor: AnyActor): Pick<Step, 'timers' | 'armed'> {
    const all = Object.values(actor.system.getSnapshot()._scheduledEvents);
    const own = all.filter(({ source }) => source === actor);
    const fresh = own.filter((timer) => !this.#armedBefore.includes(timer));
    this.#armedBefore = own;
    const namesOf = (timers: typeof own) => timers.map(({ id }) => id).sort();
    return { timers: namesOf(own), armed: namesOf(fresh) };
  }
}

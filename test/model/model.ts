/** The model: a machine walked by pure transitions, with no actor that runs and no clock. */
import { type AnyStateMachine, createActor, type EventObject } from 'xstate';
import { INIT, type Said, type Step, Transitions } from './step.ts';

interface Action {
  readonly type: string;
  readonly info?: unknown;
  readonly params?: unknown;
  readonly exec?: ((info: unknown, params: unknown) => void) | undefined;
}

/** The steps of the machine from its start through `events`, or as far as it goes along with them. */
export function modelSteps<Context>(
  machine: AnyStateMachine,
  input: unknown,
  events: readonly EventObject[],
): Step<Context>[] {
  const model = new Model(machine, input);
  const steps = [model.step(INIT)];
  for (const event of events) {
    if (steps.at(-1)?.error !== null || !model.mayTake(event)) break;
    steps.push(model.step(event));
  }
  return steps as Step<Context>[];
}

class Model {
  readonly #machine: AnyStateMachine;
  readonly #input: unknown;
  readonly #scope: { actionExecutor: (action: Action) => void };
  readonly #transitions: Transitions;
  #snapshot: ReturnType<AnyStateMachine['getInitialSnapshot']> | null = null;
  #actions: Action[] = [];
  #timers: readonly string[] = [];

  constructor(machine: AnyStateMachine, input: unknown) {
    this.#machine = machine;
    this.#input = input;
    const self = createActor(machine, { input });
    this.#transitions = new Transitions(self);
    this.#scope = inertScope(self, (action) => {
      this.#actions.push(action);
      // What XState does not know by itself, and only emits, is an assertion: it may throw.
      if (!action.type.startsWith('xstate.')) action.exec?.(action.info, action.params);
    });
  }

  /** A timer that does not run never falls due. */
  mayTake({ type }: EventObject): boolean {
    return !type.startsWith('xstate.after.') || this.#timers.includes(type);
  }

  step(event: EventObject): Step {
    this.#actions = [];
    const before = this.#snapshot;
    let error: string | null = null;
    let taken: readonly string[];
    try {
      this.#snapshot =
        before === null
          ? this.#machine.getInitialSnapshot(this.#scope as never, this.#input)
          : this.#machine.transition(before, event, this.#scope as never);
      taken = this.#transitions.take();
    } catch (thrown) {
      error = String(thrown);
      taken = this.#transitions.takeFailed(this.#machine, before, event);
      this.#actions = [];
      this.#timers = [];
    }
    this.#timers = timersAfter(
      this.#timers.filter((timer) => timer !== event.type),
      this.#actions,
    );
    const { value, context } = this.#snapshot ?? {};
    const timers = [...this.#timers].sort();
    const armed = timers.filter((timer) => timersAfter([], this.#actions).includes(timer));
    const said = this.#actions.flatMap(saidBy);
    return { event, value, context, said, timers, armed, taken, error };
  }
}

function inertScope(
  self: ReturnType<typeof createActor>,
  actionExecutor: (action: Action) => void,
) {
  const nothing = () => {};
  return {
    self,
    system: self.system,
    id: '',
    sessionId: '',
    logger: nothing,
    defer: nothing,
    stopChild: nothing,
    emit: nothing,
    actionExecutor,
  };
}

function saidBy({ type, params }: Action): Said[] {
  if (type === 'xstate.emit') return [{ to: 'out', event: (params as Said).event }];
  if (type === 'xstate.stopChild') {
    return [{ to: (params as { id: string }).id, event: { type: 'xstate.stop' } }];
  }
  if (type !== 'xstate.sendTo') return [];
  const { targetId, event } = params as { targetId: string; event: EventObject };
  return [{ to: targetId, event }];
}

function timersAfter(before: readonly string[], actions: readonly Action[]): readonly string[] {
  let timers = before;
  for (const { type, params } of actions) {
    const { id, sendId, delay } = (params ?? {}) as { id: string; sendId: string; delay?: number };
    if (type === 'xstate.cancel') timers = timers.filter((timer) => timer !== sendId);
    if (type === 'xstate.raise' && delay !== undefined) timers = [...timers, id];
  }
  return timers;
}

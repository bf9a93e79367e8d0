/**
 * Paths through a machine, for tests that walk them: every state that the given events reach, or
 * every step from every such state, each by a shortest way from the start.
 *
 * Delays are events too (`xstate.after…`) and are offered by themselves, so time is walked like
 * anything else. An event on which the machine throws ends its path, with `status: 'error'`, as it
 * would end the actor. Children are made and never started: what they would say is an event as well.
 */
import {
  type AnyMachineSnapshot,
  type AnyStateMachine,
  type EventFromLogic,
  type EventObject,
  getStateNodes,
  type InputFrom,
  type SnapshotFrom,
} from 'xstate';
import { getAdjacencyMap, type StatePath } from 'xstate/graph';

/** Which machine to walk through, by which events, and how far. */
export interface PathOptions<
  Machine extends AnyStateMachine,
  Event extends EventFromLogic<Machine> = EventFromLogic<Machine>,
> {
  readonly machine: Machine;
  /** The alphabet: what may happen in a state, beside the delays that run there. */
  readonly events: (snapshot: SnapshotFrom<Machine>) => readonly Event[];
  /**
   * When two states count as the same: the context abstracted to what the test is about. Default:
   * the state value alone.
   */
  readonly stateKey?: (snapshot: SnapshotFrom<Machine>) => string;
  /** Where not to go on. */
  readonly stopWhen?: (snapshot: SnapshotFrom<Machine>) => boolean;
  /**
   * `'states'`: one path to each state. `'steps'`: each event in each state is a step of some path,
   * whether it leads to a new state or not; those that change nothing share one.
   */
  readonly cover?: 'states' | 'steps';
  /** Steps tried at most. Default 10,000. */
  readonly limit?: number;
}

/** What the machine starts from: to be given exactly when the machine wants it. */
type InputOption<Machine extends AnyStateMachine> =
  undefined extends InputFrom<Machine>
    ? { readonly input?: InputFrom<Machine> }
    : { readonly input: InputFrom<Machine> };

type PathOf<Machine extends AnyStateMachine> = StatePath<
  SnapshotFrom<Machine>,
  EventFromLogic<Machine>
>;

/**
 * Shortest paths from the start, each with its steps: the event, and the state it led to. The first
 * step is the start itself, with the event `xstate.init`.
 * @throws Error when the limit is reached: the alphabet or the state key is too rich.
 * @example
 * const door = createMachine({
 *   id: 'door',
 *   context: { pushes: 0 },
 *   initial: 'closed',
 *   states: {
 *     closed: { on: { push: { target: 'open', actions: assign({ pushes: 1 }) } } },
 *     open: { after: { 5000: 'closed' } },
 *   },
 * });
 *
 * const walks = paths({ machine: door, events: () => [{ type: 'push' }], cover: 'steps' });
 *
 * for (const { steps } of walks) {
 *   const clock = new SimulatedClock();
 *   const actor = createActor(door, { clock }).start();
 *   for (const { event, state } of steps) {
 *     if (event.type.startsWith('xstate.after.')) clock.increment(5000);
 *     else if (event.type !== 'xstate.init') actor.send(event);
 *     expect(actor.getSnapshot().value).toEqual(state.value);
 *   }
 * }
 */
export function paths<
  Machine extends AnyStateMachine,
  const Event extends EventFromLogic<Machine> = EventFromLogic<Machine>,
>({
  machine,
  input,
  events,
  stateKey = (snapshot) => JSON.stringify((snapshot as AnyMachineSnapshot).value),
  stopWhen = () => false,
  cover = 'states',
  limit = 10_000,
}: PathOptions<Machine, Event> & InputOption<Machine>): PathOf<Machine>[] {
  // Not a bare number: objects would put such keys before all others.
  const keys = new WeakMap<AnyMachineSnapshot, string>();
  const keyOf = (snapshot: AnyMachineSnapshot) => {
    const isFailed = snapshot.status === 'error';
    const key =
      keys.get(snapshot) ??
      (isFailed ? `fails: ${snapshot.error}` : `is ${stateKey(snapshot as never)}`);
    keys.set(snapshot, key);
    return key;
  };
  const steps = getAdjacencyMap(
    withinLimit(machine, limit) as never,
    {
      input,
      serializeState: keyOf,
      events: (snapshot: AnyMachineSnapshot) => [
        ...delaysIn(machine, snapshot),
        ...events(snapshot as never),
      ],
      stopWhen: (snapshot: AnyMachineSnapshot) =>
        snapshot.status !== 'active' || stopWhen(snapshot as never),
    } as never,
  ) as unknown as Steps;
  return shortest(steps, keyOf, cover === 'steps') as unknown as PathOf<Machine>[];
}

/** What follows each event in each state, as `xstate/graph` gives it: in the order of discovery. */
type Steps = Readonly<
  Record<string, { state: AnyMachineSnapshot; transitions: Readonly<Record<string, Step>> }>
>;
type Path = StatePath<AnyMachineSnapshot, EventObject>;
type Step = Path['steps'][number];

/** Breadth first, so that the first way found is a shortest, and is the one its state came by. */
function shortest(
  steps: Steps,
  keyOf: (snapshot: AnyMachineSnapshot) => string,
  isEveryStep: boolean,
): Path[] {
  const found: Path[] = [];
  const [start] = Object.values(steps);
  if (start === undefined) return found;
  const { state } = start;
  const begun = { state, steps: [{ event: { type: 'xstate.init' }, state }], weight: 0 };
  const known = new Map<string, Path>([[keyOf(state), begun]]);
  for (const [key, path] of known) {
    const onwards = Object.values(steps[key]?.transitions ?? {});
    const idle = isEveryStep ? onwards.filter((step) => isIdle(path.state, step)) : [];
    if (!isEveryStep || idle.length > 0 || onwards.length === 0) found.push(along(path, idle));
    for (const step of onwards) {
      if (idle.includes(step)) continue;
      const nextKey = keyOf(step.state);
      if (!known.has(nextKey)) known.set(nextKey, along(path, [step]));
      else if (isEveryStep) found.push(along(path, [step]));
    }
  }
  return found;
}

/** It changes nothing, so that others may follow it on the same path. */
function isIdle({ value, context }: AnyMachineSnapshot, { state }: Step): boolean {
  if (state.status === 'error' || context !== state.context) return false;
  return JSON.stringify(value) === JSON.stringify(state.value);
}

function along({ steps, state }: Path, onwards: readonly Step[]): Path {
  const all = [...steps, ...onwards];
  return { state: onwards.at(-1)?.state ?? state, steps: all, weight: all.length - 1 };
}

/** The machine as plain logic that fails in its state instead of throwing. */
function withinLimit(machine: AnyStateMachine, limit: number) {
  let tried = 0;
  return {
    getInitialSnapshot: machine.getInitialSnapshot.bind(machine),
    transition(snapshot: AnyMachineSnapshot, event: EventObject, scope: never): AnyMachineSnapshot {
      tried += 1;
      if (tried > limit) {
        throw new Error(
          `The paths of ${machine.id} have reached their limit of ${limit} steps: give fewer events, ` +
            'tell fewer states apart by `stateKey`, stop earlier by `stopWhen`, or raise `limit`.',
        );
      }
      try {
        return machine.transition(snapshot, event, scope);
      } catch (error) {
        return Object.assign({}, snapshot, { status: 'error', error }) as never;
      }
    },
  };
}

/** The delays that run in a state, as the events they will be. */
function delaysIn(machine: AnyStateMachine, { value }: AnyMachineSnapshot): EventObject[] {
  const active = new Set(getStateNodes(machine.root, value));
  return [...active].flatMap(({ after }) => after.map(({ eventType: type }) => ({ type })));
}

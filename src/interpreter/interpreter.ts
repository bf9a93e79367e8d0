/**
 * Runs a machine as XState does, event for event, and faster: `transition` is the only thing of it
 * that is replaced. Actors, timers, children, snapshots and inspection stay XState's.
 */
import { type AnyEventObject, type AnyStateMachine, StateMachine, stopChild } from 'xstate';
import { internalEventsOf } from '../../machines/internal-events.ts';
import { actionOf } from './actions.ts';
import { type StateConfiguration, StateConfigurations } from './configuration.ts';
import { RunningMacrostep } from './macrostep.ts';
import { type Step, take } from './steps.ts';
import { isRunByActor, type Scope, type Snapshot, type Transition } from './xstate-internals.ts';

/** Which interpreter runs machines: XState's own, or the one that works out each step once. */
export type InterpreterName = 'compiled' | 'xstate';

/** Machines that were compiled as they are, and those that this has made. */
const known = new WeakMap<AnyStateMachine, AnyStateMachine>();

/**
 * The same machine, run faster: what follows from which active states is worked out once, and guards
 * and actions are called directly. Its definition, its snapshots, and everything its actors do and
 * report to inspectors is the same, in the same order; machines that it invokes or spawns by name are
 * compiled, too. XState's own interpreter keeps the rest: what an actor begins with, how it stops, an
 * error of a child, and whatever is asked of a machine that no actor runs (`transition` of `xstate`).
 *
 * @remarks
 * An assignment that gives every key of the context, in its order, becomes the context as it is: do
 * not change it afterwards. Symbols do not count as keys, and are not kept then.
 * @param machine - left as it is
 * @param implementations - as for the machine's own `provide`
 * @example
 * const actor = createActor(compiled(trafficLight)).start();
 */
export function compiled<Machine extends AnyStateMachine>(
  machine: Machine,
  implementations?: Parameters<Machine['provide']>[0],
): Machine {
  const before = implementations === undefined ? known.get(machine) : undefined;
  if (before !== undefined) return before as Machine;
  const made = machine.provide({ ...implementations });
  // Of a compiled machine `provide` makes one that is.
  if (known.has(made)) return made as Machine;
  known.set(made, made);
  if (implementations === undefined) known.set(machine, made);
  // Known before its actors are compiled: a machine may invoke itself.
  const actors: Readonly<Record<string, unknown>> = made.implementations.actors;
  const faster = Object.entries(actors).map(([name, logic]) => [
    name,
    logic instanceof StateMachine ? compiled(logic) : logic,
  ]);
  made.implementations.actors = Object.fromEntries(faster);
  return replaced(made, internalEventsOf(machine)) as Machine;
}

function replaced(machine: AnyStateMachine, internal: ReadonlySet<string>): AnyStateMachine {
  const { transition, provide } = machine;
  const configurations = new StateConfigurations(machine);
  const ofXState = transition as unknown as (
    snapshot: Snapshot,
    event: AnyEventObject,
    scope: Scope,
  ) => Snapshot;
  return Object.assign(machine, {
    transition: (snapshot: Snapshot, event: AnyEventObject, scope: Scope) => {
      if (internal.has(event.type)) return snapshot;
      if (snapshot.machine !== machine || !isRunByActor(scope) || isLeftToXState(snapshot, event)) {
        return ofXState(snapshot, event, scope);
      }
      return macrostep(configurations, snapshot, event, scope);
    },
    provide: (implementations: never) => compiled(provide.call(machine, implementations)),
  });
}

function isLeftToXState({ status }: Snapshot, { type }: AnyEventObject): boolean {
  if (status !== 'active' || type === '*') return true;
  return type.startsWith('xstate.') && /^xstate\.(?:init$|stop$|error\.actor)/.test(type);
}

/** From one stable configuration to the next (SCXML, `mainEventLoop`). */
function macrostep(
  configurations: StateConfigurations,
  from: Snapshot,
  first: AnyEventObject,
  scope: Scope,
): Snapshot {
  let configuration = configurations.of(from);
  const step = new RunningMacrostep(scope, from, configuration);
  const microstep = (taken: Step<StateConfiguration> | null, event: AnyEventObject) => {
    if (taken !== null) {
      take(taken, step, event);
      configuration = taken.next ?? configuration;
    }
    report(step, event, taken?.transitions ?? []);
  };
  let event = first;
  microstep(configuration.onEvent(step, event), event);
  const maxIterations = from.machine.options?.maxIterations ?? Number.POSITIVE_INFINITY;
  let iterations = 0;
  let isStable = false;
  while (step.status === 'active') {
    iterations += 1;
    if (iterations > maxIterations) throw new Error(endless(maxIterations));
    const before = step.snapshot;
    const eventless = isStable ? null : configuration.eventless(step, event);
    if (eventless !== null) {
      microstep(eventless, event);
      // One that changes nothing would be taken forever.
      isStable = step.snapshot === before;
      continue;
    }
    const next = step.queue.shift();
    if (next === undefined) break;
    event = next;
    microstep(configuration.onEvent(step, event), event);
    isStable = false;
  }
  const last = step.snapshot;
  if (step.status !== 'active') stopChildren(step, event);
  return last;
}

function report(
  step: RunningMacrostep,
  event: AnyEventObject,
  transitions: readonly Transition[],
): void {
  step.system._sendInspectionEvent({
    type: '@xstate.microstep',
    actorRef: step.self,
    event,
    snapshot: step.snapshot,
    _transitions: transitions,
  });
}

/** A machine that is done stops its children, and its last snapshot still has them. */
function stopChildren(step: RunningMacrostep, event: AnyEventObject): void {
  for (const child of Object.values(step.children)) {
    actionOf(stopChild(child), step.machine)(step, event);
  }
}

function endless(maxIterations: number): string {
  return `Infinite loop detected: the machine has processed more than ${maxIterations} microsteps without reaching a stable state. This usually happens when there's a cycle of transitions (e.g., eventless transitions or raised events causing state A -> B -> C -> A).`;
}

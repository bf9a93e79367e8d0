/**
 * Events that a machine raises for itself and that nobody else can send: internal events, as SCXML
 * calls them. Sent from outside they have no effect, whatever the state.
 *
 * XState 5 does not know them, but it tells the two apart: what is sent to an actor goes through its
 * machine's `transition`, and what is raised is taken from a queue behind it. So `transition` is
 * guarded once, and the charts go on naming the events they handle.
 */
import type { AnyEventObject, AnyStateMachine, StateMachine } from 'xstate';

/** The machine with only those events to be sent that are not internal; the same for the compiler. */
type WithoutEvents<Machine, Internal extends string> =
  Machine extends StateMachine<
    infer Context,
    infer Event,
    infer Children,
    infer Actors,
    infer Actions,
    infer Guards,
    infer Delays,
    infer Value,
    infer Tags,
    infer Input,
    infer Output,
    infer Emitted,
    infer Meta,
    infer Config
  >
    ? StateMachine<
        Context,
        Exclude<Event, { readonly type: Internal }>,
        Children,
        Actors,
        Actions,
        Guards,
        Delays,
        Value,
        Tags,
        Input,
        Output,
        Emitted,
        Meta,
        Config
      >
    : never;

/** Shuts the machine to these events, and whatever is made from it by `provide`. */
export function withInternalEvents<Machine extends AnyStateMachine, Internal extends string>(
  machine: Machine,
  internal: readonly Internal[],
): WithoutEvents<Machine, Internal> {
  return shut(machine, new Set(internal)) as never;
}

const NONE: ReadonlySet<string> = new Set();
const internalOf = new WeakMap<AnyStateMachine, ReadonlySet<string>>();

/** The types of the events that nobody can send to this machine, for whoever runs it otherwise. */
export function internalEventsOf(machine: AnyStateMachine): ReadonlySet<string> {
  return internalOf.get(machine) ?? NONE;
}

function shut(machine: AnyStateMachine, internal: ReadonlySet<string>): AnyStateMachine {
  const transition = machine.transition.bind(machine);
  const provide = machine.provide.bind(machine);
  internalOf.set(machine, internal);
  return Object.assign(machine, {
    transition: (snapshot: never, event: AnyEventObject, scope: never) =>
      internal.has(event.type) ? snapshot : transition(snapshot, event, scope),
    provide: (implementations: never) => shut(provide(implementations), internal),
  });
}

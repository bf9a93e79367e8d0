/**
 * All that is known here of how XState 5 works inside: what its public types leave out, what its own
 * actions carry with them, and how it makes snapshots. Nothing else in this room knows more than what
 * stands here.
 */
import {
  type AnyActorRef,
  type AnyEventObject,
  type AnyStateMachine,
  type AnyStateNode,
  type AnyTransitionDefinition,
  assign,
  cancel,
  emit,
  enqueueActions,
  raise,
  sendTo,
  stopChild,
} from 'xstate';

export type Transition = AnyTransitionDefinition;
export type Context = Record<string, unknown>;
export type Children = Readonly<Record<string, AnyActorRef>>;
/** The state nodes that a history node recalls, by its id. */
export type RecalledStates = Readonly<Record<string, readonly AnyStateNode[]>>;

/** A snapshot of a machine with what XState keeps in it for itself. */
export interface Snapshot {
  readonly status: string;
  readonly output: unknown;
  readonly error: unknown;
  readonly machine: AnyStateMachine;
  readonly context: Context;
  readonly _nodes: readonly AnyStateNode[];
  readonly value: unknown;
  readonly tags: ReadonlySet<string>;
  readonly children: Children;
  readonly historyValue: RecalledStates;
  readonly matches: unknown;
  readonly hasTag: unknown;
  readonly can: unknown;
  readonly getMeta: unknown;
  readonly toJSON: unknown;
}

/** What an action is given when it is carried out. */
export interface ActionArguments {
  readonly context: Context;
  readonly event: AnyEventObject;
  readonly self: Self;
  readonly system: System;
}

/** An action as an actor carries it out, and reports it to inspectors. */
interface Executable {
  readonly type: string;
  readonly info: ActionArguments;
  readonly params: unknown;
  readonly exec: unknown;
}

export interface System {
  _sendInspectionEvent(event: unknown): void;
  _relay(source: AnyActorRef, target: unknown, event: AnyEventObject): void;
  readonly scheduler: {
    schedule(source: Self, target: unknown, event: unknown, ms: number, id?: string): void;
    cancel(source: Self, id: unknown): void;
  };
}

/** The actor that runs a machine. */
export type Self = AnyActorRef & {
  readonly _parent?: AnyActorRef;
  readonly _actorScope: Scope;
};

/** What an actor lets its machine do. */
export interface Scope {
  readonly self: Self;
  readonly system: System;
  readonly defer: (task: () => void) => void;
  readonly emit: (event: AnyEventObject) => void;
  readonly actionExecutor: (action: Executable) => void;
}

/** What XState's own actions need to know of the step they are part of. */
export interface Surroundings {
  readonly internalQueue: AnyEventObject[];
  readonly deferredActorIds: readonly string[] | undefined;
}

/** What one of XState's own actions is about; which of these there are depends on the action. */
export interface Operands {
  readonly assignment?: unknown;
  readonly event?: unknown;
  readonly id?: string | undefined;
  readonly delay?: unknown;
  readonly to?: unknown;
  readonly sendId?: unknown;
  readonly collect?: (given: object, params: unknown) => void;
}

/** One of XState's own actions: a function with its operands, and with the code that resolves it. */
export interface BuiltIn extends Operands {
  readonly type: string;
  resolve(
    scope: Scope,
    snapshot: Snapshot,
    given: ActionArguments,
    params: unknown,
    action: unknown,
    surroundings: Surroundings,
  ): readonly [snapshot: Snapshot, resolved: unknown, actions?: readonly unknown[]];
  execute?(scope: Scope, resolved: unknown): void;
  retryResolve?(scope: Scope, snapshot: Snapshot, resolved: unknown): void;
}

/** One of XState's own guards. */
export interface BuiltInGuard {
  check(
    snapshot: Snapshot,
    given: { readonly context: Context; readonly event: AnyEventObject },
    guard: unknown,
  ): boolean;
}

const own = (action: unknown) => action as BuiltIn;
const assigning = own(assign({}));
const stopping = own(stopChild(undefined as never));

/** Those that are evaluated here; any other one resolves itself. */
const KINDS = new Map<unknown, BuiltInKind>([
  [assigning.resolve, 'assign'],
  [own(emit({ type: '' })).resolve, 'emit'],
  [own(raise({ type: '' })).resolve, 'raise'],
  [own(sendTo('', { type: '' })).resolve, 'sendTo'],
  [own(cancel('')).resolve, 'cancel'],
  [own(enqueueActions(() => undefined)).resolve, 'enqueueActions'],
]);

export type BuiltInKind = 'assign' | 'emit' | 'raise' | 'sendTo' | 'cancel' | 'enqueueActions';

/** Which of XState's own actions it is, by its code; undefined for one that is not known here. */
export function kindOf(action: BuiltIn): BuiltInKind | undefined {
  return KINDS.get(action.resolve);
}

/** Whether it is one of XState's own actions, which resolve themselves. */
export function resolvesItself(action: unknown): action is BuiltIn {
  return action !== undefined && 'resolve' in (action as object);
}

/** The same snapshot with other state nodes, its value and its tags, as XState makes it. */
export function withNodes(snapshot: Snapshot, nodes: readonly AnyStateNode[]): Snapshot {
  const given = { actorRef: undefined };
  const changed = { ...snapshot, _nodes: nodes };
  // To stop no child changes nothing, and makes a snapshot.
  return stopping.resolve(
    undefined as never,
    changed,
    {} as never,
    undefined,
    given,
    {} as never,
  )[0];
}

/** XState's own way to spawn children, as actions that assign are given it. */
export function spawnerOf(
  scope: Scope,
  snapshot: Snapshot,
  given: ActionArguments,
): (source: unknown, options?: unknown) => AnyActorRef {
  let spawner: unknown;
  const assignment = ({ spawn }: { readonly spawn: unknown }) => {
    spawner = spawn;
    return {};
  };
  assigning.resolve(scope, snapshot, given, undefined, { assignment }, {} as never);
  return spawner as ReturnType<typeof spawnerOf>;
}

/** Whether the machine is run by an actor, as opposed to being asked what it would do. */
export function isRunByActor(scope: Scope): boolean {
  return scope.self._actorScope === scope;
}

/** Whether the event's type is as this descriptor describes: `*` at its end stands for anything. */
export function isDescribedBy(type: string, descriptor: string): boolean {
  if (descriptor === type || descriptor === '*') return true;
  if (!descriptor.endsWith('.*')) return false;
  const tokens = type.split('.');
  const described = descriptor.split('.');
  const wildcard = described.indexOf('*');
  const isBefore = (token: string, at: number) => token === tokens[at];
  return wildcard === described.length - 1 && described.slice(0, wildcard).every(isBefore);
}

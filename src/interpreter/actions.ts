/**
 * Actions, resolved once. XState's own that machines use most are evaluated here, in the same order,
 * with the same arguments and reported alike; any other resolves itself, as in XState.
 */
import type { AnyActorRef, AnyEventObject, AnyStateMachine } from 'xstate';
import { idleCollector } from './enqueued.ts';
import { guardOf, type Named, nameOf, paramsOf } from './guards.ts';
import type { Deferred, RunningMacrostep } from './macrostep.ts';
import {
  type BuiltIn,
  type BuiltInKind,
  type Context,
  kindOf,
  type Operands,
  resolvesItself,
  spawnerOf,
} from './xstate-internals.ts';

/** Carries out an action as part of a step; the first one that throws ends the macrostep. */
export type CompiledAction = (
  step: RunningMacrostep,
  event: AnyEventObject,
  deferred?: Deferred,
) => void;

/** What an action does, given its operands and parameters. */
type Evaluation = (
  operands: Operands,
  step: RunningMacrostep,
  event: AnyEventObject,
  params: unknown,
  deferred: Deferred | undefined,
) => void;

type Expression = (given: object, params: unknown) => unknown;

/** The action that a chart names, with or without parameters, or has inline. */
export function actionOf(action: unknown, machine: AnyStateMachine): CompiledAction {
  const implementation: unknown =
    typeof action === 'function'
      ? action
      : machine.implementations.actions[nameOf(action as string | Named)];
  if (!resolvesItself(implementation)) return custom(action, implementation);
  const kind = kindOf(implementation);
  const evaluate = kind === undefined ? resolve : EVALUATIONS[kind];
  const params = paramsOf(action);
  if (params === undefined) {
    return (step, event, deferred) => evaluate(implementation, step, event, undefined, deferred);
  }
  return (step, event, deferred) => {
    const given = params({ context: step.context, event });
    evaluate(implementation, step, event, given, deferred);
  };
}

/** A function of the user's, or a name that nothing stands behind: that is only reported. */
function custom(action: unknown, exec: unknown): CompiledAction {
  const type =
    typeof action === 'function' ? action.name || '(anonymous)' : nameOf(action as string | Named);
  const paramsFor = paramsOf(action);
  return (step, event) => {
    const params = paramsFor?.({ context: step.context, event });
    step.scope.actionExecutor({ type, info: step.given(event), params, exec });
  };
}

/** As XState does it, for what is not evaluated here. */
function resolve(
  operands: Operands,
  step: RunningMacrostep,
  event: AnyEventObject,
  params: unknown,
  deferred: Deferred | undefined,
): void {
  const action = operands as BuiltIn;
  const { scope } = step;
  const info = step.given(event);
  const [snapshot, resolved, actions] = action.resolve(scope, step.snapshot, info, params, action, {
    internalQueue: step.queue,
    deferredActorIds: deferred?.ids,
  });
  step.take(snapshot);
  if (action.retryResolve !== undefined) {
    deferred?.retries.push(() => action.retryResolve?.(scope, step.snapshot, resolved));
  }
  if (action.execute !== undefined) {
    const exec = action.execute.bind(null, scope, resolved);
    scope.actionExecutor({ type: action.type, info, params: resolved, exec });
  }
  for (const each of actions ?? []) actionOf(each, step.machine)(step, event, deferred);
}

const EVALUATIONS: Readonly<Record<BuiltInKind, Evaluation>> = {
  assign({ assignment }, step, event, params) {
    const { context, self, system, scope } = step;
    if (!context) {
      throw new Error(
        'Cannot assign to undefined `context`. Ensure that `context` is defined in the machine config.',
      );
    }
    let children: Record<string, AnyActorRef> | undefined;
    let spawner: ReturnType<typeof spawnerOf> | undefined;
    const spawn = (source: unknown, options?: unknown) => {
      spawner ??= spawnerOf(scope, step.snapshot, step.given(event));
      const child = spawner(source, options);
      children = { ...children, [child.id]: child };
      return child;
    };
    const given = { context, event, spawn, self, system };
    const changes = changesOf(assignment, given, params);
    step.assign(isWhole(changes, context) ? changes : { ...context, ...changes });
    if (children !== undefined) step.adopt(children);
  },

  emit({ event: emitted }, step, event, params) {
    const { scope } = step;
    const made = typeof emitted === 'function' ? emitted(step.given(event), params) : emitted;
    report(step, 'xstate.emit', { event: made });
    scope.defer(() => scope.emit(made));
  },

  raise(operands, step, event, params) {
    const { scope, self, system } = step;
    const { id } = operands;
    const given = step.given(event);
    const raised = eventOf('raise', operands, given, params);
    const delay = delayOf(operands, step, given, params);
    if (typeof delay !== 'number') step.queue.push(raised);
    report(step, 'xstate.raise', { event: raised, id, delay });
    if (typeof delay !== 'number') return;
    scope.defer(() => system.scheduler.schedule(self, self, raised, delay, id));
  },

  sendTo(operands, step, event, params, deferred) {
    const { scope, self, system } = step;
    const { to, id } = operands;
    const given = step.given(event);
    const sent = eventOf('sendTo', operands, given, params);
    const delay = delayOf(operands, step, given, params);
    const target: unknown = typeof to === 'function' ? to(given, params) : to;
    const targetId = typeof target === 'string' ? target : undefined;
    const receiver = targetId === undefined ? target || self : receiverOf(step, targetId, deferred);
    const message = { to: receiver, targetId, event: sent, id, delay };
    // It is about to be invoked by the states that are being entered.
    if (typeof receiver === 'string') {
      deferred?.retries.push(() => {
        message.to = step.children[receiver];
      });
    }
    report(step, 'xstate.sendTo', message);
    scope.defer(() => {
      if (typeof delay === 'number') {
        system.scheduler.schedule(self, message.to, sent, delay, id);
      } else system._relay(self, message.to, relayed(self, sent));
    });
  },

  cancel({ sendId }, step, event, params) {
    const { scope, self, system } = step;
    const id: unknown = typeof sendId === 'function' ? sendId(step.given(event), params) : sendId;
    report(step, 'xstate.cancel', { sendId: id });
    scope.defer(() => system.scheduler.cancel(self, id));
  },

  enqueueActions({ collect }, step, event, params, deferred) {
    const { context, self, system, machine } = step;
    const check = (guard: unknown) => guardOf(guard, machine)(step, event);
    const collector = idleCollector();
    const { enqueue } = collector;
    try {
      const all = collector.begin();
      collect?.({ context, event, enqueue, check, self, system }, params);
      // An action among them may enqueue more, which comes last.
      for (const each of all) {
        if (each.kind === 'other') actionOf(each.action, machine)(step, event, deferred);
        else EVALUATIONS[each.kind](each.operands, step, event, undefined, deferred);
      }
    } finally {
      collector.end();
    }
  },
};

function report({ system, self }: RunningMacrostep, type: string, params: unknown): void {
  system._sendInspectionEvent({ type: '@xstate.action', actorRef: self, action: { type, params } });
}

function changesOf(assignment: unknown, given: object, params: unknown): Context {
  if (typeof assignment === 'function') return assignment(given, params);
  const changes: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(assignment as object)) {
    changes[key] = typeof value === 'function' ? value(given, params) : value;
  }
  return changes;
}

/** Whether it is a context as it is, key by key: then it need not be copied. */
function isWhole(changes: Context, context: Context): boolean {
  if (!changes || Object.getPrototypeOf(changes) !== Object.prototype) return false;
  const keys = Object.keys(changes);
  let at = 0;
  for (const key in context) {
    if (keys[at] !== key) return false;
    at += 1;
  }
  return at === keys.length;
}

/** The event, given or made. */
function eventOf(
  kind: string,
  { event }: Operands,
  given: object,
  params: unknown,
): AnyEventObject {
  if (typeof event === 'string') {
    throw new Error(
      `Only event objects may be used with ${kind}; use ${kind}({ type: "${event}" }) instead`,
    );
  }
  return typeof event === 'function' ? event(given, params) : (event as AnyEventObject);
}

/** In milliseconds, if there is one. */
function delayOf(
  { delay }: Operands,
  { machine }: RunningMacrostep,
  given: object,
  params: unknown,
): unknown {
  if (delay === undefined) return undefined;
  const { delays } = machine.implementations;
  const known = delays as Readonly<Record<string, unknown>> | undefined;
  const resolved = typeof delay === 'string' ? known?.[delay] : delay;
  return typeof resolved === 'function' ? (resolved as Expression)(given, params) : resolved;
}

function receiverOf(
  { self, children, machine }: RunningMacrostep,
  id: string,
  deferred: Deferred | undefined,
): unknown {
  let receiver: unknown;
  if (id === '#_parent') receiver = self._parent;
  else if (id === '#_internal') receiver = self;
  else if (id.startsWith('#_')) receiver = children[id.slice('#_'.length)];
  else receiver = deferred?.ids.includes(id) ? id : children[id];
  if (receiver) return receiver;
  throw new Error(`Unable to send event to actor '${id}' from machine '${machine.id}'.`);
}

/** An error is sent in the sender's name. */
function relayed({ id }: AnyActorRef, event: AnyEventObject): AnyEventObject {
  if (event.type !== 'xstate.error') return event;
  return { type: `xstate.error.actor.${id}`, error: event.data, actorId: id };
}

/** Guards, resolved once: what a transition's guard names is looked up when it is first met. */
import type { AnyEventObject, AnyStateMachine } from 'xstate';
import type { RunningMacrostep } from './macrostep.ts';
import type { BuiltInGuard, Context } from './xstate-internals.ts';

/** Whether a transition may be taken on this event. */
export type Guard = (step: RunningMacrostep, event: AnyEventObject) => boolean;

interface Given {
  readonly context: Context;
  readonly event: AnyEventObject;
}

type Params = (given: Given) => unknown;

/** An implementation of a guard, or of an action's name: inline, by name, or with parameters. */
export interface Named {
  readonly type: string;
  readonly params?: unknown;
}

export function nameOf(reference: string | Named): string {
  return typeof reference === 'string' ? reference : reference.type;
}

/** What it says its parameters are; undefined when it says none. */
export function paramsOf(reference: unknown): Params | undefined {
  if (typeof reference !== 'object' || reference === null || !('params' in reference))
    return undefined;
  const { params } = reference;
  return typeof params === 'function' ? (params as Params) : () => params;
}

/** The guard as a function of the step; whoever names an unknown one fails when it is asked. */
export function guardOf(guard: unknown, machine: AnyStateMachine): Guard {
  const isInline = typeof guard === 'function';
  const name = isInline ? '' : nameOf(guard as string | Named);
  const resolved: unknown = isInline ? guard : machine.implementations.guards[name];
  if (!resolved) {
    return () => {
      throw new Error(`Guard '${name}' is not implemented.'.`);
    };
  }
  if (typeof resolved !== 'function') return guardOf(resolved, machine);
  const params = paramsOf(guard);
  if ('check' in resolved) {
    const builtIn = resolved as unknown as BuiltInGuard;
    return (step, event) => {
      const given = { context: step.context, event };
      params?.(given);
      return builtIn.check(step.snapshot, given, builtIn);
    };
  }
  const asked = resolved as (given: Given, params: unknown) => boolean;
  if (params === undefined) {
    return ({ context }, event) => asked({ context, event }, undefined);
  }
  return ({ context }, event) => {
    const given = { context, event };
    return asked(given, params(given));
  };
}

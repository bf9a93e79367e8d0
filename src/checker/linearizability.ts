/**
 * Is a history linearizable (§8)? Is there one order of its operations, each at some instant between
 * its call and its return, in which a single copy of the data would have answered the same?
 *
 * Keys are judged one by one: a history is linearizable exactly when the part of every key is.
 */

import { counterexampleOf } from './counterexample.ts';
import { linearize } from './linearization.ts';
import type { AnyModel, Model, Operation, Specification } from './model.ts';

export type { Model, Operation, Reachability, Specification } from './model.ts';

/**
 * What `checkLinearizable` has found: a verdict, and of a violation the operations that show it.
 */
export interface LinearizabilityReport<Input, Output> {
  /** `not finished`: the budget was spent first. That is no proof of anything. */
  readonly verdict: 'ok' | 'violation' | 'not finished';
  /** Of a violation: the first key that has one. */
  readonly key: string | null;
  /**
   * Of a violation: the fewest operations at the end of the shortest bad beginning that nothing
   * explains, by their calls; an answer that came later counts as none.
   */
  readonly counterexample: readonly Operation<Input, Output>[];
  /** What to tell people: empty when all is well. */
  readonly text: string;
  /** Operations visited: how much of the budget the verdict took. */
  readonly visited: number;
}

/** How long to look for an order of the operations before giving up. */
export interface SearchBudget {
  /** Operations visited, over all keys. Default 2,000,000. */
  readonly stepsMax?: number;
}

const STEPS_MAX = 2_000_000;

/**
 * Judges a history. Leave out what was definitely refused; give what has no known outcome without
 * an answer (`returnedAt: null`).
 *
 * @example
 * const history = [
 *   { client: 1, input: { write: 7 }, calledAt: 0, returnedAt: 2, output: null },
 *   { client: 2, input: {}, calledAt: 3, returnedAt: 4, output: 7 },
 * ];
 * const register = {
 *   initial: null,
 *   apply: (state, { write }) =>
 *     write === undefined ? { state, output: state } : { state: write, output: null },
 * };
 * checkLinearizable(history, register).verdict; // 'ok'
 */
export function checkLinearizable<State, Input, Output>(
  history: readonly Operation<Input, Output>[],
  model: Model<State, Input, Output> | Specification<State, Input, Output>,
  { stepsMax = STEPS_MAX }: SearchBudget = {},
): LinearizabilityReport<Input, Output> {
  const steps = { left: stepsMax };
  let isFinished = true;
  for (const [key, operations] of byKey(history, model)) {
    const { verdict } = linearize(operations, model, { steps });
    const visited = stepsMax - Math.max(0, steps.left);
    if (verdict === 'not finished') isFinished = false;
    if (verdict !== 'violation') continue;
    return { verdict, key, visited, ...counterexampleOf(key, operations, model, stepsMax) };
  }
  const verdict = isFinished ? 'ok' : 'not finished';
  const text = isFinished
    ? ''
    : `not finished within ${stepsMax} operations visited: this is no proof of anything`;
  return {
    verdict,
    key: null,
    counterexample: [],
    text,
    visited: stepsMax - Math.max(0, steps.left),
  };
}

function byKey<State, Input, Output>(
  history: readonly Operation<Input, Output>[],
  model: AnyModel<State, Input, Output>,
): Map<string, Operation<Input, Output>[]> {
  const keys = new Map<string, Operation<Input, Output>[]>();
  for (const operation of history) {
    const key = model.keyOf?.(operation.input) ?? '';
    const operations = keys.get(key);
    if (operations === undefined) keys.set(key, [operation]);
    else operations.push(operation);
  }
  return keys;
}

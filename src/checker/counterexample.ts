/**
 * Of a history that nothing explains, the part that people want to see: the shortest beginning that
 * is already no good, cut off in front where everything before is settled.
 */
import { shown } from '../formats/shown.ts';
import { explain } from './explanation.ts';
import { lineOf } from './lines.ts';
import type { Operation, Specification } from './model.ts';

const EXPLAINED_MAX = 8;
const LINES_MAX = 24;
const STATES_MAX = 3;

export interface Unexplained<Input, Output> {
  readonly counterexample: readonly Operation<Input, Output>[];
  readonly text: string;
}

export function unexplained<State, Input, Output>(
  key: string,
  operations: readonly Operation<Input, Output>[],
  specification: Specification<State, Input, Output>,
  stepsMax: number,
): Unexplained<Input, Output> {
  const end = shortestBadEnd(operations, specification, stepsMax);
  const bad = until(operations, end);
  const culprits = bad.filter(({ returnedAt }) => returnedAt === end);
  const good = bad.map((operation) =>
    operation.returnedAt === end ? withoutAnswer(operation) : operation,
  );
  const explained = explain(good, specification, { left: stepsMax });
  const { from, states } = settled(bad, specification, stepsMax);
  const counterexample = bad.filter(({ returnedAt }) => returnedAt === null || returnedAt > from);
  const text = [
    `Not linearizable on key '${key}': no order of its operations explains this answer:`,
    ...culprits.map(lineOf),
    ...explainedLines(explained.order.map((at) => good[at]!)),
    ...counterexampleLines(
      from,
      states.map((state) => specification.describe?.(state) ?? shown(state)),
      counterexample,
    ),
  ].join('\n');
  return { counterexample, text };
}

/** The earliest return by which no order explains what had returned until then. */
function shortestBadEnd<State, Input, Output>(
  operations: readonly Operation<Input, Output>[],
  specification: Specification<State, Input, Output>,
  stepsMax: number,
): number {
  const returns = operations
    .flatMap(({ returnedAt }) => (returnedAt === null ? [] : [returnedAt]))
    .sort((a, b) => a - b);
  let low = 0;
  let high = returns.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    const beginning = until(operations, returns[middle]!);
    const { verdict } = explain(beginning, specification, { left: stepsMax });
    if (verdict === 'violation') high = middle;
    else low = middle + 1;
  }
  return returns[high] ?? 0;
}

/** What was called by then, by its calls; what had not returned has no answer yet. */
function until<Input, Output>(
  operations: readonly Operation<Input, Output>[],
  time: number,
): Operation<Input, Output>[] {
  return operations
    .filter(({ calledAt }) => calledAt <= time)
    .map((operation) =>
      operation.returnedAt === null || operation.returnedAt <= time
        ? operation
        : withoutAnswer(operation),
    )
    .sort((a, b) => a.calledAt - b.calledAt);
}

function withoutAnswer<Input, Output>(operation: Operation<Input, Output>) {
  return { ...operation, returnedAt: null, output: null };
}

/**
 * The last instant, before the end, at which nothing was under way that returned later, and all that
 * can have been there then. Whatever the order before it, what comes behind starts from one of these.
 */
function settled<State, Input, Output>(
  operations: readonly Operation<Input, Output>[],
  specification: Specification<State, Input, Output>,
  stepsMax: number,
): { readonly from: number; readonly states: readonly State[] } {
  const start = { from: Number.NEGATIVE_INFINITY, states: [specification.initial] };
  const from = lastQuietInstant(operations);
  if (from === start.from) return start;
  const before = until(operations, from);
  const { verdict, states } = explain(
    before,
    specification,
    { left: stepsMax },
    { isExhaustive: true },
  );
  return verdict === 'ok' ? { from, states } : start;
}

function lastQuietInstant(operations: readonly Operation<unknown, unknown>[]): number {
  let quiet = Number.NEGATIVE_INFINITY;
  let busyUntil = Number.NEGATIVE_INFINITY;
  for (const { calledAt, returnedAt } of operations) {
    if (returnedAt === null) continue;
    if (calledAt > busyUntil) quiet = busyUntil;
    busyUntil = Math.max(busyUntil, returnedAt);
  }
  return quiet;
}

function explainedLines(order: readonly Operation<unknown, unknown>[]): string[] {
  const shownOnes = order.slice(-EXPLAINED_MAX);
  const which = shownOnes.length < order.length ? `, the last ${shownOnes.length} of them` : '';
  if (order.length === 0) return ['Nothing comes before it.'];
  return [`One order explains all before it (${order.length}${which}):`, ...shownOnes.map(lineOf)];
}

function counterexampleLines(
  from: number,
  states: readonly string[],
  counterexample: readonly Operation<unknown, unknown>[],
): string[] {
  const some = states.slice(0, STATES_MAX);
  if (states.length > STATES_MAX) some.push(`${states.length - STATES_MAX} others`);
  const when = from === Number.NEGATIVE_INFINITY ? 'At the beginning' : `At ${from}`;
  const lines = counterexample.slice(-LINES_MAX).map(lineOf);
  const left = counterexample.length - lines.length;
  return [
    `${when} there was ${some.join(' or ')}; from there, the smallest window that nothing explains:`,
    ...(left > 0 ? [`  (${left} earlier ones)`] : []),
    ...lines,
  ];
}

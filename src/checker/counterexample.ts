/**
 * The smallest part of a history that shows why it is not linearizable: its shortest prefix that is
 * already wrong, without what lies before the last instant at which nothing was under way.
 */
import { valueText } from '../formats/value-text.ts';
import { type Linearization, linearize } from './linearization.ts';
import type { AnyModel, Operation } from './model.ts';
import { firstWhere } from './possible-writers.ts';

const EXPLAINED_MAX = 8;
const LINES_MAX = 24;
const STATES_MAX = 3;
const START = Number.NEGATIVE_INFINITY;

type AnyOperation = Operation<unknown, unknown>;

export function counterexampleOf<State, Input, Output>(
  key: string,
  operations: readonly Operation<Input, Output>[],
  model: AnyModel<State, Input, Output>,
  stepsMax: number,
): { readonly counterexample: readonly Operation<Input, Output>[]; readonly text: string } {
  const linearized = (some: readonly AnyOperation[], isExhaustive = false): Linearization<State> =>
    linearize(some, model, { steps: { left: stepsMax }, isExhaustive });
  const end = shortestBadEnd(operations, linearized);
  const bad = until(operations, end);
  const culprits = bad.filter(({ returnedAt }) => returnedAt === end);
  const good = bad.map((each) => (each.returnedAt === end ? withoutAnswer(each) : each));
  const explained = linearized(good).order.map((at) => good[at]!);
  // Whatever the order before that instant, what comes behind starts from one of these states.
  const quiet = lastQuietInstant(bad);
  const before = quiet === START ? null : linearized(until(bad, quiet), true);
  const isSettled = before?.verdict === 'ok';
  const from = isSettled ? quiet : START;
  const states = isSettled ? before.states : [model.initial];
  const counterexample = bad.filter(({ returnedAt }) => returnedAt === null || returnedAt > from);
  const text = [
    `Not linearizable on key '${key}': no order of its operations explains this answer:`,
    ...culprits.map(lineOf),
    ...explainedLines(explained),
    ...counterexampleLines(
      from,
      states.map((state) => model.describe?.(state) ?? valueText(state)),
      counterexample,
    ),
  ].join('\n');
  return { counterexample, text };
}

/** The earliest return by which no order explains what had returned until then. */
function shortestBadEnd(
  operations: readonly AnyOperation[],
  linearized: (operations: readonly AnyOperation[]) => Linearization<unknown>,
): number {
  const returns = operations
    .flatMap(({ returnedAt }) => (returnedAt === null ? [] : [returnedAt]))
    .sort((a, b) => a - b);
  const isBad = (at: number) => linearized(until(operations, returns[at]!)).verdict === 'violation';
  return returns[firstWhere(returns.length - 1, isBad)] ?? 0;
}

/** What was called by then, by its calls; what had not returned has no answer yet. */
function until<Some extends AnyOperation>(operations: readonly Some[], time: number): Some[] {
  return operations
    .filter(({ calledAt }) => calledAt <= time)
    .map((operation) =>
      (operation.returnedAt ?? START) <= time ? operation : withoutAnswer(operation),
    )
    .sort((a, b) => a.calledAt - b.calledAt);
}

function withoutAnswer<Some extends AnyOperation>(operation: Some): Some {
  return { ...operation, returnedAt: null, output: null };
}

/** The last instant, before the end, at which nothing was under way that returned later. */
function lastQuietInstant(operations: readonly AnyOperation[]): number {
  let quiet = START;
  let busyUntil = START;
  for (const { calledAt, returnedAt } of operations) {
    if (returnedAt === null) continue;
    if (calledAt > busyUntil) quiet = busyUntil;
    busyUntil = Math.max(busyUntil, returnedAt);
  }
  return quiet;
}

function explainedLines(order: readonly AnyOperation[]): string[] {
  const last = order.slice(-EXPLAINED_MAX);
  const which = last.length < order.length ? `, the last ${last.length} of them` : '';
  if (order.length === 0) return ['Nothing comes before it.'];
  return [`One order explains all before it (${order.length}${which}):`, ...last.map(lineOf)];
}

function counterexampleLines(
  from: number,
  states: readonly string[],
  counterexample: readonly AnyOperation[],
): string[] {
  const some = states.slice(0, STATES_MAX);
  if (states.length > STATES_MAX) some.push(`${states.length - STATES_MAX} others`);
  const when = from === START ? 'At the beginning' : `At ${from}`;
  const lines = counterexample.slice(-LINES_MAX).map(lineOf);
  const left = counterexample.length - lines.length;
  return [
    `${when} there was ${some.join(' or ')}; from there, the smallest window that nothing explains:`,
    ...(left > 0 ? [`  (${left} earlier ones)`] : []),
    ...lines,
  ];
}

/** An operation as a person reads it. */
function lineOf({ client, input, output, calledAt, returnedAt }: AnyOperation): string {
  const answer = returnedAt === null ? 'no answer' : valueText(output);
  return `  client ${client} [${calledAt}, ${returnedAt ?? '…'}] ${valueText(input)} → ${answer}`;
}

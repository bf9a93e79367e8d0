/**
 * Is a history linearizable (§8)? Is there one order of its operations, each at some instant between
 * its call and its return, in which a single copy of the data would have answered the same?
 *
 * The search of Wing and Gong with Lowe's memory of what was tried, per key. An operation that never
 * returned may have taken effect at any time after its call, or never.
 */

/** Something a client did. */
export interface Operation<Input, Output> {
  readonly client: string | number;
  readonly input: Input;
  readonly calledAt: number;
  /** Null when it never returned, or its outcome is unknown. */
  readonly returnedAt: number | null;
  readonly output: Output | null;
}

/** What a single copy of the data does. */
export interface Model<State, Input, Output> {
  readonly initial: State;
  /** Returns a new state, or the very same. */
  apply(state: State, input: Input): { readonly state: State; readonly output: Output };
  /** Operations on different keys do not touch each other. Default: all touch one. */
  keyOf?(input: Input): string;
  /** Default: equal as JSON. */
  isSameOutput?(expected: Output, actual: Output): boolean;
  /** Equal exactly for equal states. Default: as JSON. */
  fingerprint?(state: State): string;
}

export interface LinearizabilityReport<Input, Output> {
  readonly verdict: 'ok' | 'violation' | 'not finished';
  /** Of a violation: the key, and the operations around the one that fits nowhere. */
  readonly key: string | null;
  readonly window: readonly Operation<Input, Output>[];
  /** The window for people. */
  readonly text: string;
}

export interface Budget {
  /** Operations tried, over all keys. Default 2,000,000. */
  readonly stepsMax?: number;
}

const STEPS_MAX = 2_000_000;
const WINDOW_MAX = 12;

export function checkLinearizable<State, Input, Output>(
  history: readonly Operation<Input, Output>[],
  model: Model<State, Input, Output>,
  { stepsMax = STEPS_MAX }: Budget = {},
): LinearizabilityReport<Input, Output> {
  const steps = { left: stepsMax };
  let isFinished = true;
  for (const [key, operations] of byKey(history, model)) {
    const verdict = search(operations, model, steps);
    if (verdict === 'not finished') isFinished = false;
    if (verdict !== 'violation') continue;
    const window = smallestWindow(operations, model, { left: stepsMax });
    return { verdict, key, window, text: describe(key, window) };
  }
  const verdict = isFinished ? 'ok' : 'not finished';
  const text = isFinished
    ? ''
    : `not finished within ${stepsMax} steps: this is no proof of anything`;
  return { verdict, key: null, window: [], text };
}

function byKey<State, Input, Output>(
  history: readonly Operation<Input, Output>[],
  model: Model<State, Input, Output>,
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

/** A call or a return in the order in which they happened, in a list that both leave together. */
interface Mark {
  readonly operation: number;
  /** Null at a return, and for a call that never returned. */
  matching: Mark | null;
  readonly isCall: boolean;
  before: Mark | null;
  after: Mark | null;
}

function search<State, Input, Output>(
  operations: readonly Operation<Input, Output>[],
  model: Model<State, Input, Output>,
  steps: { left: number },
): LinearizabilityReport<Input, Output>['verdict'] {
  const { isSameOutput = sameAsJson, fingerprint = JSON.stringify } = model;
  const head = marksOf(operations);
  const tried = new Set<string>();
  const done = new Uint8Array(operations.length);
  const path: { readonly call: Mark; readonly state: State }[] = [];
  let open = operations.filter(({ returnedAt }) => returnedAt !== null).length;
  let state = model.initial;
  let mark = head.after;
  while (open > 0) {
    if (mark?.isCall) {
      steps.left -= 1;
      if (steps.left < 0) return 'not finished';
      const operation = operations[mark.operation]!;
      const { state: next, output } = model.apply(state, operation.input);
      const isPending = operation.returnedAt === null;
      if (isPending || isSameOutput(output, operation.output as Output)) {
        done[mark.operation] = 1;
        const attempt = `${bits(done)} ${fingerprint(next)}`;
        if (!tried.has(attempt)) {
          tried.add(attempt);
          path.push({ call: mark, state });
          state = next;
          lift(mark);
          if (!isPending) open -= 1;
          mark = head.after;
          continue;
        }
        done[mark.operation] = 0;
      }
      mark = mark.after;
      continue;
    }
    // A return, and its call has no place yet; or the end, and somebody's has none.
    const last = path.pop();
    if (last === undefined) return 'violation';
    state = last.state;
    done[last.call.operation] = 0;
    unlift(last.call);
    if (operations[last.call.operation]?.returnedAt !== null) open += 1;
    mark = last.call.after;
  }
  return 'ok';
}

function marksOf<Input, Output>(operations: readonly Operation<Input, Output>[]): Mark {
  const make = (operation: number, isCall: boolean): Mark => ({
    operation,
    isCall,
    matching: null,
    before: null,
    after: null,
  });
  const timed = operations.flatMap(({ calledAt, returnedAt }, at) => {
    const call = make(at, true);
    if (returnedAt === null) return [{ time: calledAt, mark: call }];
    call.matching = make(at, false);
    return [
      { time: calledAt, mark: call },
      { time: returnedAt, mark: call.matching },
    ];
  });
  // At one instant calls come first: what overlaps may go either way.
  timed.sort((a, b) => a.time - b.time || Number(b.mark.isCall) - Number(a.mark.isCall));
  const head = make(-1, true);
  let last = head;
  for (const { mark } of timed) {
    mark.before = last;
    last.after = mark;
    last = mark;
  }
  return head;
}

function lift(call: Mark): void {
  for (const mark of [call, call.matching]) {
    if (mark === null) continue;
    if (mark.before !== null) mark.before.after = mark.after;
    if (mark.after !== null) mark.after.before = mark.before;
  }
}

function unlift(call: Mark): void {
  for (const mark of [call.matching, call]) {
    if (mark === null) continue;
    if (mark.before !== null) mark.before.after = mark;
    if (mark.after !== null) mark.after.before = mark;
  }
}

function bits(done: Uint8Array): string {
  let text = '';
  for (let at = 0; at < done.length; at += 16) {
    let code = 0;
    for (let bit = 0; bit < 16; bit += 1) code |= (done[at + bit] ?? 0) << bit;
    text += String.fromCharCode(code);
  }
  return text;
}

function sameAsJson(expected: unknown, actual: unknown): boolean {
  return JSON.stringify(expected) === JSON.stringify(actual);
}

/**
 * The shortest beginning that is already no good: with its last return everything falls. What had
 * not returned by then counts as pending. Its last operations are what one wants to see.
 */
function smallestWindow<State, Input, Output>(
  operations: readonly Operation<Input, Output>[],
  model: Model<State, Input, Output>,
  steps: { left: number },
): readonly Operation<Input, Output>[] {
  const returns = operations
    .flatMap(({ returnedAt }) => (returnedAt === null ? [] : [returnedAt]))
    .sort((a, b) => a - b);
  const until = (time: number) =>
    operations
      .filter(({ calledAt }) => calledAt <= time)
      .map((operation) =>
        operation.returnedAt === null || operation.returnedAt > time
          ? { ...operation, returnedAt: null, output: null }
          : operation,
      );
  let low = 0;
  let high = returns.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (search(until(returns[middle]!), model, steps) === 'violation') high = middle;
    else low = middle + 1;
  }
  return until(returns[high] ?? 0)
    .sort((a, b) => a.calledAt - b.calledAt)
    .slice(-WINDOW_MAX);
}

function describe<Input, Output>(key: string, window: readonly Operation<Input, Output>[]): string {
  const lines = window.map(({ client, input, output, calledAt, returnedAt }) => {
    const span = `[${calledAt}, ${returnedAt ?? '…'}]`;
    const answer = returnedAt === null ? 'no answer' : JSON.stringify(output);
    return `  client ${client} ${span} ${JSON.stringify(input)} → ${answer}`;
  });
  return `no order of these operations on key '${key}' explains their answers:\n${lines.join('\n')}`;
}

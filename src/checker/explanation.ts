/**
 * The search for an order (Wing and Gong), which never looks twice at the same operations placed and
 * the same state (Lowe), and knows when fewer would have done.
 *
 * What never returned is what makes such a search explode, since each such operation may be placed
 * nearly anywhere, or nowhere. So they are tried last, and only where they change something; not
 * where the operation behind them wipes out their trace; and not in a place that was already reached
 * with some of them still unused, since whatever is possible with fewer left is possible with more.
 */
import { exactKeys } from './exact-key.ts';
import { type Operation, outputOf, type Specification } from './model.ts';
import { OpenOperations } from './open-operations.ts';
import { Pruning } from './pruning.ts';

export interface Explanation<State> {
  readonly verdict: 'ok' | 'violation' | 'not finished';
  /** When ok: operations by their places in the history, in the order that explains them. */
  readonly order: readonly number[];
  /** When ok: what the order leaves; with `isExhaustive` all that any order can leave. */
  readonly states: readonly State[];
}

interface Choice<State> {
  readonly operation: number;
  readonly state: State;
}

interface Arrival<State> {
  readonly state: State;
  /** Where we were before, if it was a pending operation that led here. */
  readonly without: { readonly state: State } | null;
}

/** One place in the order: what is there, and what else could follow. */
interface Place<State> extends Choice<State>, Arrival<State> {
  /** The pending operations placed so far, a bit each. */
  readonly used: bigint;
  readonly firstReturn: number;
  /** Operations that returned, and what each leaves. */
  readonly choices: readonly Choice<State>[];
  next: number;
  /** The next one of the pending. */
  nextPending: number;
}

export interface Exhaustive {
  /** Goes on after the first order: what can be there at the end? */
  readonly isExhaustive?: boolean;
}

export function explain<State, Input, Output>(
  operations: readonly Operation<Input, Output>[],
  specification: Specification<State, Input, Output>,
  steps: { left: number },
  { isExhaustive = false }: Exhaustive = {},
): Explanation<State> {
  return new Explainer(operations, specification, steps, isExhaustive).run();
}

class Explainer<State, Input, Output> {
  readonly #operations: readonly Operation<Input, Output>[];
  readonly #specification: Specification<State, Input, Output>;
  readonly #exactKey = exactKeys();
  readonly #steps: { left: number };
  readonly #isExhaustive: boolean;
  readonly #open: OpenOperations;
  readonly #pruning: Pruning<State, Input, Output>;
  /** A bit for each pending operation. */
  readonly #bits: ReadonlyMap<number, bigint>;
  /** Of a pending operation: one that asked for the same, and did so earlier. */
  readonly #twins: ReadonlyMap<number, number>;
  readonly #isPlaced: Uint8Array;
  readonly #visited = new Map<string, { readonly state: State; readonly used: bigint }[]>();
  readonly #path: Place<State>[] = [];
  readonly #states: State[] = [];
  #order: readonly number[] = [];

  constructor(
    operations: readonly Operation<Input, Output>[],
    specification: Specification<State, Input, Output>,
    steps: { left: number },
    isExhaustive: boolean,
  ) {
    this.#operations = operations;
    this.#specification = specification;
    this.#steps = steps;
    this.#isExhaustive = isExhaustive;
    this.#open = new OpenOperations(operations);
    this.#pruning = new Pruning(operations, specification, this.#open);
    this.#bits = new Map(this.#open.pending.map((operation, at) => [operation, 1n << BigInt(at)]));
    this.#twins = twinsAmong(this.#open.pending, operations, this.#exactKey);
    this.#isPlaced = new Uint8Array(operations.length);
  }

  run(): Explanation<State> {
    this.#enter({ operation: -1, state: this.#specification.initial }, 0n);
    for (let place = this.#path.at(-1); place !== undefined; place = this.#path.at(-1)) {
      if (this.#open.isEmpty) this.#keep(place.state);
      if (this.#states.length > 0 && !this.#isExhaustive) break;
      if (this.#steps.left < 0) return { verdict: 'not finished', order: [], states: [] };
      const choice = this.#open.isEmpty ? null : this.#nextChoice(place);
      if (choice === null) this.#leave();
      else this.#place(choice, place);
    }
    const verdict = this.#states.length > 0 ? 'ok' : 'violation';
    return { verdict, order: this.#order, states: this.#states };
  }

  #keep(state: State): void {
    if (this.#states.length === 0)
      this.#order = this.#path.slice(1).map((place) => place.operation);
    if (!this.#states.some((known) => this.#isSame(known, state))) this.#states.push(state);
  }

  #place(choice: Choice<State>, { used, state }: Place<State>): void {
    const { operation } = choice;
    this.#isPlaced[operation] = 1;
    this.#open.place(operation);
    const isHopeful =
      this.#isSame(state, choice.state) ||
      !this.#pruning.isHopeless(choice.state, (other) => this.#isPlaced[other] === 0);
    if (isHopeful && this.#enter(choice, used | (this.#bits.get(operation) ?? 0n))) return;
    this.#takeBack(operation);
  }

  #takeBack(operation: number): void {
    this.#isPlaced[operation] = 0;
    this.#open.takeBack(operation);
  }

  #leave(): void {
    const { operation } = this.#path.pop()!;
    if (operation >= 0) this.#takeBack(operation);
  }

  /** Whether there is anything new here. */
  #enter({ operation, state }: Choice<State>, used: bigint): boolean {
    const { operations, firstReturn } = this.#open.candidates();
    // Who is open among those called before the first return tells who is placed.
    const key = `${operations.join()} ${this.#keyOf(state)}`;
    const known = this.#visited.get(key);
    const isKnown = known?.some(
      (one) => (one.used & used) === one.used && this.#isSame(one.state, state),
    );
    if (isKnown) return false;
    if (known === undefined) this.#visited.set(key, [{ state, used }]);
    else known.push({ state, used });
    const without = this.#bits.has(operation) ? this.#path.at(-1)! : null;
    const choices = this.#choicesAt({ state, without }, operations);
    const arrival = { operation, state, without, used, firstReturn, choices };
    this.#path.push({ ...arrival, next: 0, nextPending: 0 });
    return true;
  }

  /** What of those that returned can be next; of reads one, since a read that fits costs nothing. */
  #choicesAt(place: Arrival<State>, candidates: readonly number[]): Choice<State>[] {
    const choices: Choice<State>[] = [];
    for (const operation of candidates) {
      const choice = this.#choice(place, operation);
      if (choice === null) continue;
      if (this.#isFree(choice, place)) return [choice];
      choices.push(choice);
    }
    return choices;
  }

  #nextChoice(place: Place<State>): Choice<State> | null {
    const ready = place.choices[place.next];
    place.next += 1;
    if (ready !== undefined) return ready;
    const [first] = place.choices;
    if (first !== undefined && this.#isFree(first, place)) return null;
    const { pending } = this.#open;
    for (; place.nextPending < pending.length; ) {
      const operation = pending[place.nextPending]!;
      if (this.#open.calledAt(operation) > place.firstReturn) return null;
      place.nextPending += 1;
      const choice = this.#isUseful(operation) ? this.#choice(place, operation) : null;
      if (choice === null || this.#isSame(choice.state, place.state)) continue;
      if (!this.#pruning.isUnseen(choice.state, place.state)) return choice;
    }
    return null;
  }

  /** Of two pending ones that ask for the same, the one called first goes first. */
  #isUseful(operation: number): boolean {
    const twin = this.#twins.get(operation);
    return !this.#isPlaced[operation] && (twin === undefined || this.#isPlaced[twin] === 1);
  }

  #choice({ state, without }: Arrival<State>, operation: number): Choice<State> | null {
    const next = this.#step(state, operation);
    if (next === null || without === null) return next && { operation, state: next.state };
    // Right behind a pending one of which it leaves no trace: without that it is the same.
    const same = this.#step(without.state, operation);
    const isTraceless = same !== null && this.#isSame(same.state, next.state);
    return isTraceless ? null : { operation, state: next.state };
  }

  #step(state: State, operation: number): { readonly state: State } | null {
    this.#steps.left -= 1;
    const done = this.#operations[operation]!;
    return this.#specification.step(state, done.input, outputOf(done));
  }

  /** It changes nothing anywhere, so whatever can follow can follow it too. */
  #isFree({ operation, state }: Choice<State>, place: Arrival<State>): boolean {
    const done = this.#operations[operation]!;
    const isRead = this.#specification.isRead?.(done.input, outputOf(done)) ?? false;
    return isRead && this.#isSame(state, place.state);
  }

  #keyOf(state: State): string | number {
    return this.#specification.key?.(state) ?? this.#exactKey(state);
  }

  #isSame(one: State, other: State): boolean {
    if (Object.is(one, other)) return true;
    if (this.#keyOf(one) !== this.#keyOf(other)) return false;
    return this.#specification.isEqual?.(one, other) ?? true;
  }
}

function twinsAmong(
  pending: readonly number[],
  operations: readonly Operation<unknown, unknown>[],
  keyOf: (input: unknown) => string,
): Map<number, number> {
  const twins = new Map<number, number>();
  const latest = new Map<string, number>();
  for (const operation of pending) {
    const input = keyOf(operations[operation]?.input);
    const twin = latest.get(input);
    if (twin !== undefined) twins.set(operation, twin);
    latest.set(input, operation);
  }
  return twins;
}

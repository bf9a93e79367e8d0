/**
 * The search for an order (Wing and Gong), which never looks twice at the same operations placed and
 * the same state (Lowe), and knows when fewer would have done.
 *
 * What never returned is what makes such a search explode, since each such operation may be placed
 * nearly anywhere, or nowhere. So they are tried last, and only where they change something; not
 * where the operation behind them wipes out their trace; and not in a place that was already reached
 * with some of them still unused, since whatever is possible with fewer left is possible with more.
 */
import { OperationHistory } from './history.ts';
import type { AnyModel, Operation } from './model.ts';
import { Pruning } from './pruning.ts';
import { UnplacedOperations } from './unplaced-operations.ts';

export interface Linearization<State> {
  readonly verdict: 'ok' | 'violation' | 'not finished';
  /** When ok: operations by their places in the history, in the order that explains them. */
  readonly order: readonly number[];
  /** When ok: what the order leaves; with `isExhaustive` all that any order can leave. */
  readonly states: readonly State[];
}

export interface LinearizeOptions {
  /** Operations that may still be visited; counted down. */
  readonly steps: { left: number };
  /** Goes on after the first order: what can be there at the end? Default false. */
  readonly isExhaustive?: boolean;
}

export function linearize<State>(
  operations: readonly Operation<unknown, unknown>[],
  // biome-ignore lint/suspicious/noExplicitAny: of any inputs and outputs.
  model: AnyModel<State, any, any>,
  options: LinearizeOptions,
): Linearization<State> {
  return new Search(new OperationHistory(operations, model), options).run();
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

class Search<State> {
  readonly #history: OperationHistory<State>;
  readonly #steps: { left: number };
  readonly #isExhaustive: boolean;
  readonly #unplaced: UnplacedOperations;
  readonly #pruning: Pruning<State>;
  /** A bit for each pending operation. */
  readonly #bits: ReadonlyMap<number, bigint>;
  /** Of a pending operation: one that asked for the same, and did so earlier. */
  readonly #twins: ReadonlyMap<number, number>;
  readonly #visited = new Map<string, { readonly state: State; readonly used: bigint }[]>();
  readonly #path: Place<State>[] = [];
  readonly #states: State[] = [];
  #order: readonly number[] = [];

  constructor(history: OperationHistory<State>, { steps, isExhaustive = false }: LinearizeOptions) {
    this.#history = history;
    this.#steps = steps;
    this.#isExhaustive = isExhaustive;
    this.#unplaced = new UnplacedOperations(history.operations);
    this.#pruning = new Pruning(history, this.#unplaced);
    const { pending } = this.#unplaced;
    this.#bits = new Map(pending.map((operation, at) => [operation, 1n << BigInt(at)]));
    this.#twins = twinsAmong(pending, (operation) => history.inputKey(operation));
  }

  run(): Linearization<State> {
    this.#enter({ operation: -1, state: this.#history.initial }, 0n);
    for (let place = this.#path.at(-1); place !== undefined; place = this.#path.at(-1)) {
      if (this.#unplaced.isEmpty) this.#keep(place.state);
      if (this.#states.length > 0 && !this.#isExhaustive) break;
      if (this.#steps.left < 0) return { verdict: 'not finished', order: [], states: [] };
      const choice = this.#unplaced.isEmpty ? null : this.#nextChoice(place);
      if (choice === null) this.#leave();
      else this.#place(choice, place);
    }
    const verdict = this.#states.length > 0 ? 'ok' : 'violation';
    return { verdict, order: this.#order, states: this.#states };
  }

  #keep(state: State): void {
    if (this.#states.length === 0) this.#order = this.#path.slice(1).map((at) => at.operation);
    if (!this.#states.some((known) => this.#history.isSame(known, state))) this.#states.push(state);
  }

  #place(choice: Choice<State>, { used, state }: Place<State>): void {
    const { operation } = choice;
    this.#unplaced.place(operation);
    const isHopeful =
      this.#history.isSame(state, choice.state) || !this.#pruning.isHopeless(choice.state);
    if (isHopeful && this.#enter(choice, used | (this.#bits.get(operation) ?? 0n))) return;
    this.#unplaced.takeBack(operation);
  }

  #leave(): void {
    const { operation } = this.#path.pop()!;
    if (operation >= 0) this.#unplaced.takeBack(operation);
  }

  /** Whether there is anything new here. */
  #enter({ operation, state }: Choice<State>, used: bigint): boolean {
    const { operations, firstReturn } = this.#unplaced.candidates();
    // Who is open among those called before the first return tells who is placed.
    const key = `${operations.join()} ${this.#history.stateKey(state)}`;
    const known = this.#visited.get(key);
    const isKnown = known?.some(
      (one) => (one.used & used) === one.used && this.#history.isSame(one.state, state),
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
    const { pending } = this.#unplaced;
    for (; place.nextPending < pending.length; ) {
      const operation = pending[place.nextPending]!;
      if (this.#unplaced.calledAt(operation) > place.firstReturn) return null;
      place.nextPending += 1;
      const choice = this.#isUseful(operation) ? this.#choice(place, operation) : null;
      if (choice === null || this.#history.isSame(choice.state, place.state)) continue;
      if (!this.#pruning.isUnseen(choice.state, place.state)) return choice;
    }
    return null;
  }

  /** Of two pending ones that ask for the same, the one called first goes first. */
  #isUseful(operation: number): boolean {
    const twin = this.#twins.get(operation);
    return (
      !this.#unplaced.isPlaced(operation) && (twin === undefined || this.#unplaced.isPlaced(twin))
    );
  }

  #choice({ state, without }: Arrival<State>, operation: number): Choice<State> | null {
    const next = this.#step(state, operation);
    if (next === null || without === null) return next && { operation, state: next.state };
    // Right behind a pending one of which it leaves no trace: without that it is the same.
    const same = this.#step(without.state, operation);
    const isTraceless = same !== null && this.#history.isSame(same.state, next.state);
    return isTraceless ? null : { operation, state: next.state };
  }

  #step(state: State, operation: number): { readonly state: State } | null {
    this.#steps.left -= 1;
    return this.#history.step(state, operation);
  }

  /** It changes nothing anywhere, so whatever can follow can follow it too. */
  #isFree({ operation, state }: Choice<State>, place: Arrival<State>): boolean {
    return this.#history.isRead(operation) && this.#history.isSame(state, place.state);
  }
}

function twinsAmong(
  pending: readonly number[],
  keyOf: (operation: number) => string,
): Map<number, number> {
  const twins = new Map<number, number>();
  const latest = new Map<string, number>();
  for (const operation of pending) {
    const key = keyOf(operation);
    const twin = latest.get(key);
    if (twin !== undefined) twins.set(operation, twin);
    latest.set(key, operation);
  }
  return twins;
}

/**
 * Where an answer can come from, by the times alone: the operations that may be the last to overwrite
 * the state before it is given.
 */
import type { OperationHistory } from './history.ts';
import type { UnplacedOperations } from './unplaced-operations.ts';

export interface PossibleWriter<State> {
  readonly writer: number;
  /** The state it leaves. */
  readonly left: State;
}

export class PossibleWriters<State> {
  readonly #history: OperationHistory<State>;
  readonly #unplaced: UnplacedOperations;
  /** What each overwriting operation leaves. */
  readonly #left = new Map<number, State>();
  /** By their returns; what never returned comes last. */
  readonly #overwriting: readonly number[];
  /** Beside `#overwriting`: the latest call of it and those before it. */
  readonly #latestCalls: readonly number[];
  readonly #known = new Map<number, readonly PossibleWriter<State>[]>();

  constructor(history: OperationHistory<State>, unplaced: UnplacedOperations) {
    this.#history = history;
    this.#unplaced = unplaced;
    for (const at of history.operations.keys()) {
      const left = history.leaves(at);
      if (left !== null) this.#left.set(at, left.state);
    }
    const byReturn = (a: number, b: number) =>
      unplaced.returnedAt(a) < unplaced.returnedAt(b) ? -1 : 1;
    this.#overwriting = [...this.#left.keys()].sort(byReturn);
    let latest = -1;
    this.#latestCalls = this.#overwriting.map((operation) => {
      if (!unplaced.isPending(operation)) latest = Math.max(latest, unplaced.calledAt(operation));
      return latest;
    });
  }

  isOverwriting(operation: number): boolean {
    return this.#left.has(operation);
  }

  /** What may be the last to overwrite the state before this answer is given. */
  of(answered: number): readonly PossibleWriter<State>[] {
    let known = this.#known.get(answered);
    if (known === undefined) {
      known = this.#inForceFor(answered)
        .map((writer) => ({ writer, left: this.#left.get(writer) as State }))
        .filter(({ left }) => this.#history.canLeadTo(left, answered));
      this.#known.set(answered, known);
    }
    return known;
  }

  /**
   * Those that can be in force when the answer is given: called before it returned, and not surely
   * overwritten, by something that was called after their return and returned before the question.
   */
  #inForceFor(answered: number): number[] {
    const unplaced = this.#unplaced;
    const returnedFrom = (rank: number) =>
      firstWhere(
        this.#overwriting.length,
        (at) => unplaced.returnedAt(this.#overwriting[at]!) >= rank,
      );
    const overwritten = this.#latestCalls[returnedFrom(unplaced.calledAt(answered)) - 1] ?? -1;
    return this.#overwriting
      .slice(returnedFrom(overwritten))
      .filter(
        (operation) =>
          operation !== answered && unplaced.calledAt(operation) <= unplaced.returnedAt(answered),
      );
  }
}

/** The first of so many places from which on it is true; their number when there is none. */
export function firstWhere(count: number, isTrue: (at: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isTrue(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

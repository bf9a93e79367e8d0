/**
 * Sees early that a state leads nowhere, or that no answer depends on it.
 *
 * It decides nothing that the search would not find out by itself; but that may be behind more
 * orders of other operations than anybody has time for.
 */
import type { OperationHistory } from './history.ts';
import { PossibleWriters } from './possible-writers.ts';
import type { UnplacedOperations } from './unplaced-operations.ts';

/** Answers looked at, by the order in which they returned. */
const AHEAD_MAX = 32;
/** Answers looked at to show that no answer depends on a state; beyond them one is assumed to. */
const OBSERVERS_MAX = 256;

export class Pruning<State> {
  readonly #history: OperationHistory<State>;
  readonly #unplaced: UnplacedOperations;
  readonly #writers: PossibleWriters<State>;

  constructor(history: OperationHistory<State>, unplaced: UnplacedOperations) {
    this.#history = history;
    this.#unplaced = unplaced;
    this.#writers = new PossibleWriters(history, unplaced);
  }

  /** Whether some answer can no longer be explained from here. */
  isHopeless(state: State): boolean {
    if (!this.#history.tellsReachability) return false;
    for (const answered of this.#unplaced.byReturn(AHEAD_MAX)) {
      if (this.#history.reachability(state, answered) === 'never') return true;
      if (this.#isWithinReach(state, answered)) continue;
      const hasWriter = this.#writers
        .of(answered)
        .some(
          ({ writer, left }) =>
            !this.#unplaced.isPlaced(writer) && this.#isWithinReach(left, answered),
        );
      if (!hasWriter) return true;
    }
    return false;
  }

  /** Whether all that can be told before the state is overwritten fits as well without the change. */
  isUnseen(state: State, without: State): boolean {
    const history = this.#history;
    if (!history.tellsReachability) return false;
    let left = OBSERVERS_MAX;
    const isOverwriting = (operation: number) => this.#writers.isOverwriting(operation);
    for (const operation of this.#unplaced.calledBeforeReturn(isOverwriting)) {
      const reachability = history.reachability(state, operation);
      if (reachability === 'as it is' || reachability === 'added to' || left === 0) return false;
      if (reachability === 'always' && history.reachability(without, operation) !== 'always') {
        return false;
      }
      left -= 1;
    }
    return true;
  }

  /** Whether the answer may come from this state, or from what unplaced operations add to it. */
  #isWithinReach(state: State, answered: number): boolean {
    const unplaced = this.#unplaced;
    if (this.#history.reachability(state, answered) !== 'added to') {
      return this.#history.canLeadTo(state, answered);
    }
    for (const operation of unplaced.calledBeforeReturn((at) => at === answered)) {
      if (operation !== answered && this.#adds(operation, state, answered)) return true;
    }
    const until = unplaced.returnedAt(answered);
    return unplaced.pending.some(
      (operation) =>
        !unplaced.isPlaced(operation) &&
        unplaced.calledAt(operation) < until &&
        this.#adds(operation, state, answered),
    );
  }

  #adds(operation: number, state: State, answered: number): boolean {
    const next = this.#history.step(state, operation);
    return (
      next !== null &&
      !Object.is(next.state, state) &&
      this.#history.canLeadTo(next.state, answered)
    );
  }
}

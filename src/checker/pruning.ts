/**
 * Sees early that a state leads nowhere, or that nobody will see it.
 *
 * It decides nothing that the search would not find out by itself; but that may be behind more
 * orders of other operations than anybody has time for.
 */
import { type Operation, outputOf, type Reachability, type Specification } from './model.ts';
import type { OpenOperations } from './open-operations.ts';
import { PossibleWriters } from './possible-writers.ts';

/** Answers looked at, by the order in which they returned. */
const AHEAD_MAX = 32;
/** Answers looked at before one that nobody can see is given up: then it counts as seen. */
const OBSERVERS_MAX = 256;

export class Pruning<State, Input, Output> {
  readonly #operations: readonly Operation<Input, Output>[];
  readonly #specification: Specification<State, Input, Output>;
  readonly #open: OpenOperations;
  readonly #writers: PossibleWriters<State>;

  constructor(
    operations: readonly Operation<Input, Output>[],
    specification: Specification<State, Input, Output>,
    open: OpenOperations,
  ) {
    this.#operations = operations;
    this.#specification = specification;
    this.#open = open;
    this.#writers = new PossibleWriters(operations, specification, open, (state, operation) =>
      this.#canLeadTo(state, operation),
    );
  }

  /** Whether some answer can no longer be explained from here. */
  isHopeless(state: State, isOpen: (operation: number) => boolean): boolean {
    if (this.#specification.reachability === undefined) return false;
    for (const operation of this.#open.byReturn(AHEAD_MAX)) {
      if (this.#reachability(state, operation) === 'never') return true;
      if (this.#isWithinReach(state, operation, isOpen)) continue;
      const hasWriter = this.#writers
        .of(operation)
        .some(({ writer, left }) => isOpen(writer) && this.#isWithinReach(left, operation, isOpen));
      if (!hasWriter) return true;
    }
    return false;
  }

  /** Whether all that can be told before the state is overwritten fits as well without the change. */
  isUnseen(state: State, without: State): boolean {
    if (this.#specification.reachability === undefined) return false;
    let left = OBSERVERS_MAX;
    const isOverwriting = (operation: number) => this.#writers.isOverwriting(operation);
    for (const operation of this.#open.calledBeforeReturn(isOverwriting)) {
      const reachability = this.#reachability(state, operation);
      if (reachability === 'as it is' || reachability === 'added to' || left === 0) return false;
      if (reachability === 'always' && this.#reachability(without, operation) !== 'always')
        return false;
      left -= 1;
    }
    return true;
  }

  /** Whether the answer may come from this state, or from what open operations add to it. */
  #isWithinReach(state: State, answered: number, isOpen: (operation: number) => boolean): boolean {
    if (this.#reachability(state, answered) !== 'added to') return this.#canLeadTo(state, answered);
    const isIt = (operation: number) => operation === answered;
    for (const operation of this.#open.calledBeforeReturn(isIt)) {
      if (operation !== answered && this.#adds(operation, state, answered)) return true;
    }
    const until = this.#open.returnedAt(answered);
    return this.#open.pending.some(
      (operation) =>
        isOpen(operation) &&
        this.#open.calledAt(operation) < until &&
        this.#adds(operation, state, answered),
    );
  }

  #adds(operation: number, state: State, answered: number): boolean {
    const done = this.#operations[operation]!;
    const next = this.#specification.step(state, done.input, outputOf(done));
    return next !== null && !Object.is(next.state, state) && this.#canLeadTo(next.state, answered);
  }

  #canLeadTo(state: State, answered: number): boolean {
    const reachability = this.#reachability(state, answered);
    return reachability === 'as it is' || reachability === 'added to' || reachability === 'always';
  }

  #reachability(state: State, operation: number): Reachability {
    const { input, output } = this.#operations[operation]!;
    return this.#specification.reachability?.(state, input, output as Output) ?? 'as it is';
  }
}

/**
 * Sees early that a state leads nowhere: an answer that must still be explained, and that neither
 * grows out of the state nor out of anything that is still to overwrite it.
 *
 * It decides nothing by itself, since such a state fails later anyhow; but "later" may be behind
 * more orders of other operations than anybody has time for.
 */
import { type Operation, outputOf, type Specification } from './model.ts';
import type { OpenOperations } from './open-operations.ts';

/** Answers looked at, by the order in which they returned. */
const AHEAD_MAX = 32;

interface Overwriting<State> {
  readonly operation: number;
  readonly state: State;
}

export class LookAhead<State, Input, Output> {
  readonly #operations: readonly Operation<Input, Output>[];
  readonly #specification: Specification<State, Input, Output>;
  readonly #open: OpenOperations;
  /** By their returns; what never returned comes last. */
  readonly #overwriting: readonly Overwriting<State>[];
  /** Beside it: the latest call among it and those before it. */
  readonly #latestCalls: readonly number[];
  readonly #sources = new Map<number, readonly number[]>();

  constructor(
    operations: readonly Operation<Input, Output>[],
    specification: Specification<State, Input, Output>,
    open: OpenOperations,
  ) {
    this.#operations = operations;
    this.#specification = specification;
    this.#open = open;
    this.#overwriting = operations
      .flatMap((operation, at) => {
        const left = specification.leaves?.(operation.input, outputOf(operation)) ?? null;
        return left === null ? [] : [{ operation: at, state: left.state }];
      })
      .sort((a, b) => (open.returnedAt(a.operation) < open.returnedAt(b.operation) ? -1 : 1));
    let latest = -1;
    this.#latestCalls = this.#overwriting.map(({ operation }) => {
      if (!open.isPending(operation)) latest = Math.max(latest, open.calledAt(operation));
      return latest;
    });
  }

  /** Whether some answer can no longer be explained from here. */
  isHopeless(state: State, isPlaced: (operation: number) => boolean): boolean {
    if (this.#specification.outlook === undefined) return false;
    for (const operation of this.#open.byReturn(AHEAD_MAX)) {
      const outlook = this.#outlook(state, operation);
      if (outlook === 'never') return true;
      if (outlook === 'possible') continue;
      if (this.#sourcesOf(operation).every((source) => isPlaced(source))) return true;
    }
    return false;
  }

  #outlook(state: State, operation: number) {
    const { input, output } = this.#operations[operation]!;
    return this.#specification.outlook?.(state, input, output as Output);
  }

  /** What may be the last to overwrite the state before this answer is given. */
  #sourcesOf(answered: number): readonly number[] {
    const known = this.#sources.get(answered);
    if (known !== undefined) return known;
    const open = this.#open;
    const sources: number[] = [];
    const masked = this.#latestCalls[this.#lastReturnedBefore(open.calledAt(answered))] ?? -1;
    for (let at = this.#overwriting.length - 1; at >= 0; at -= 1) {
      const { operation, state } = this.#overwriting[at]!;
      // Another one was called after its return and returned before the question.
      if (open.returnedAt(operation) < masked) break;
      if (operation === answered || open.calledAt(operation) > open.returnedAt(answered)) continue;
      if (this.#outlook(state, answered) === 'possible') sources.push(operation);
    }
    this.#sources.set(answered, sources);
    return sources;
  }

  /** The place in `#overwriting` of the last that had returned by then; -1 when none had. */
  #lastReturnedBefore(rank: number): number {
    let low = 0;
    let high = this.#overwriting.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#open.returnedAt(this.#overwriting[middle]!.operation) < rank) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}

/**
 * Where an answer can come from, by the times alone: the operations that may be the last to overwrite
 * the state before it is given.
 */
import { type Operation, outputOf, type Specification } from './model.ts';
import type { OpenOperations } from './open-operations.ts';

export interface PossibleWriter<State> {
  readonly writer: number;
  /** The state it leaves. */
  readonly left: State;
}

export class PossibleWriters<State> {
  readonly #open: OpenOperations;
  readonly #leads: (state: State, answered: number) => boolean;
  /** What each overwriting operation leaves. */
  readonly #left = new Map<number, State>();
  /** By their returns; what never returned comes last. */
  readonly #overwriting: readonly number[];
  /** Beside `#overwriting`: the latest call of it and those before it. */
  readonly #latestCalls: readonly number[];
  readonly #known = new Map<number, readonly PossibleWriter<State>[]>();

  /** `leads` tells whether an overwritten state may lead to an answer. */
  constructor(
    operations: readonly Operation<unknown, unknown>[],
    specification: Specification<State, never, never>,
    open: OpenOperations,
    leads: (state: State, answered: number) => boolean,
  ) {
    this.#open = open;
    this.#leads = leads;
    for (const [at, operation] of operations.entries()) {
      const input = operation.input as never;
      const output = outputOf(operation) as never;
      const left = specification.leaves?.(input, output) ?? null;
      if (left !== null) this.#left.set(at, left.state);
    }
    const byReturn = (a: number, b: number) => (open.returnedAt(a) < open.returnedAt(b) ? -1 : 1);
    this.#overwriting = [...this.#left.keys()].sort(byReturn);
    let latest = -1;
    this.#latestCalls = this.#overwriting.map((operation) => {
      if (!open.isPending(operation)) latest = Math.max(latest, open.calledAt(operation));
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
      known = this.#behind(answered)
        .map((writer) => ({ writer, left: this.#left.get(writer) as State }))
        .filter(({ left }) => this.#leads(left, answered));
      this.#known.set(answered, known);
    }
    return known;
  }

  /**
   * Those that can be in force when the answer is given: called before it returned, and not surely
   * overwritten, by something that was called after their return and returned before the question.
   */
  #behind(answered: number): number[] {
    const open = this.#open;
    const overwritten = this.#latestCalls[this.#countReturnedBefore(open.calledAt(answered)) - 1];
    const behind: number[] = [];
    for (let at = this.#overwriting.length - 1; at >= 0; at -= 1) {
      const operation = this.#overwriting[at]!;
      if (open.returnedAt(operation) < (overwritten ?? -1)) break;
      if (operation === answered || open.calledAt(operation) > open.returnedAt(answered)) continue;
      behind.push(operation);
    }
    return behind.reverse();
  }

  #countReturnedBefore(rank: number): number {
    let low = 0;
    let high = this.#overwriting.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#open.returnedAt(this.#overwriting[middle]!) < rank) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

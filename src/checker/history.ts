/** The operations of one key, by their places, and what a single copy of the data says of each. */
import { exactKeys } from './exact-key.ts';
import { type Operation, outputOf, type Reachability, type Specification } from './model.ts';

type Next<State> = { readonly state: State } | null;

export class OperationHistory<State> {
  readonly operations: readonly Operation<unknown, unknown>[];
  readonly #specification: Specification<State, unknown, unknown>;
  readonly #outputs: readonly unknown[];
  readonly #exactKey = exactKeys();

  constructor(
    operations: readonly Operation<unknown, unknown>[],
    specification: Specification<State, unknown, unknown>,
  ) {
    this.operations = operations;
    this.#specification = specification;
    this.#outputs = operations.map(outputOf);
  }

  get initial(): State {
    return this.#specification.initial;
  }

  /** Whether the specification tells what may become of an answer: without that, nothing is pruned. */
  get tellsReachability(): boolean {
    return this.#specification.reachability !== undefined;
  }

  /** Null when a single copy could not have answered so. */
  step(state: State, at: number): Next<State> {
    return this.#specification.step(state, this.operations[at]!.input, this.#outputs[at]);
  }

  /** What it leaves whatever was there before; null when that depends. */
  leaves(at: number): Next<State> {
    return this.#specification.leaves?.(this.operations[at]!.input, this.#outputs[at]) ?? null;
  }

  isRead(at: number): boolean {
    return this.#specification.isRead?.(this.operations[at]!.input, this.#outputs[at]) ?? false;
  }

  reachability(state: State, at: number): Reachability {
    const { input, output } = this.operations[at]!;
    return this.#specification.reachability?.(state, input, output) ?? 'as it is';
  }

  /** Whether the answer may come from the state, or from what others add to it. */
  canLeadTo(state: State, at: number): boolean {
    const reachability = this.reachability(state, at);
    return reachability !== 'overwritten' && reachability !== 'never';
  }

  /** Equal only for inputs that cannot be told apart. */
  inputKey(at: number): string {
    return this.#exactKey(this.operations[at]!.input);
  }

  stateKey(state: State): string | number {
    return this.#specification.key?.(state) ?? this.#exactKey(state);
  }

  isSame(one: State, other: State): boolean {
    if (Object.is(one, other)) return true;
    if (this.stateKey(one) !== this.stateKey(other)) return false;
    return this.#specification.isEqual?.(one, other) ?? true;
  }
}

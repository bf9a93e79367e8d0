/** The operations of one key, by their places, and what a single copy of the data says of each. */
import { areEqualOutputs } from './equal-outputs.ts';
import { exactKeys } from './exact-key.ts';
import { type AnyModel, type Operation, outputOf, type Reachability } from './model.ts';

type Next<State> = { readonly state: State } | null;

export class OperationHistory<State> {
  readonly operations: readonly Operation<unknown, unknown>[];
  readonly #model: AnyModel<State, unknown, unknown>;
  readonly #outputs: readonly unknown[];
  readonly #exactKey = exactKeys();

  constructor(
    operations: readonly Operation<unknown, unknown>[],
    model: AnyModel<State, unknown, unknown>,
  ) {
    this.operations = operations;
    this.#model = model;
    this.#outputs = operations.map(outputOf);
  }

  get initial(): State {
    return this.#model.initial;
  }

  /** Whether the specification tells what may become of an answer: without that, nothing is pruned. */
  get tellsReachability(): boolean {
    return this.#model.reachability !== undefined;
  }

  /** Null when a single copy could not have answered so. */
  step(state: State, at: number): Next<State> {
    const model = this.#model;
    const { input } = this.operations[at]!;
    const output = this.#outputs[at];
    if ('step' in model) return model.step(state, input, output);
    const applied = model.apply(state, input);
    const isSame = () =>
      model.isSameOutput?.(applied.output, output) ?? areEqualOutputs(applied.output, output);
    return output === undefined || isSame() ? applied : null;
  }

  /** What it leaves whatever was there before; null when that depends. */
  leaves(at: number): Next<State> {
    return this.#model.leaves?.(this.operations[at]!.input, this.#outputs[at]) ?? null;
  }

  isRead(at: number): boolean {
    return this.#model.isRead?.(this.operations[at]!.input, this.#outputs[at]) ?? false;
  }

  reachability(state: State, at: number): Reachability {
    const { input, output } = this.operations[at]!;
    return this.#model.reachability?.(state, input, output) ?? 'as it is';
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
    const model = this.#model;
    const key = 'step' in model ? model.key?.(state) : model.fingerprint?.(state);
    return key ?? this.#exactKey(state);
  }

  isSame(one: State, other: State): boolean {
    if (Object.is(one, other)) return true;
    if (this.stateKey(one) !== this.stateKey(other)) return false;
    const model = this.#model;
    return !('step' in model) || (model.isEqual?.(one, other) ?? true);
  }
}

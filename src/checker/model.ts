/** What a history is made of, and what it is compared with: a single copy of the data. */
/** Something a client did. */
export interface Operation<Input, Output> {
  readonly client: string | number;
  readonly input: Input;
  /** On one clock for all clients; the unit does not matter. */
  readonly calledAt: number;
  /** Null when it never returned, or its outcome is unknown: it may have taken effect, or not. */
  readonly returnedAt: number | null;
  readonly output: Output | null;
}

/**
 * What may become of an answer that is still to be explained, seen from a state: `always`, unless the
 * state is overwritten by something that forgets it; now, `as it is`; once it was `added to`; once it
 * was `overwritten`; `never`, whatever comes next. When in doubt, `as it is`.
 */
export type Reachability = 'always' | 'as it is' | 'added to' | 'overwritten' | 'never';

/** What both kinds of models have. All of it is optional, and all of it makes checking faster. */
interface Hints<State, Input, Output> {
  readonly initial: State;
  /** Operations on different keys do not touch each other. Default: all touch one. */
  keyOf?(input: Input): string;
  /** The state for people. Default: as JSON, and what JSON cannot say by its name. */
  describe?(state: State): string;
  /** It changes nothing, in whatever state it is answered so. Default: who knows. */
  isRead?(input: Input, output: Output | undefined): boolean;
  /**
   * What the operation leaves whatever was there before; null when that depends. The output is
   * undefined when it is not known.
   */
  leaves?(input: Input, output: Output | undefined): { readonly state: State } | null;
  /** Seen from `state`, whether `input` can still be answered by `output`. Default: `as it is`. */
  reachability?(state: State, input: Input, output: Output): Reachability;
}

/** A single copy whose answers follow from its state: the usual kind, and the easiest to write. */
export interface Model<State, Input, Output> extends Hints<State, Input, Output> {
  /** Returns a new state, or the very same. */
  apply(state: State, input: Input): { readonly state: State; readonly output: Output };
  /**
   * Default: whether both hold the same, be it Maps, Sets, bytes, dates or BigInts; NaN is NaN, and
   * nothing else; the class of a record does not matter, nor a property that is undefined.
   */
  isSameOutput?(expected: Output, actual: Output): boolean;
  /**
   * Equal exactly for equal states. Default: by all that plain objects, arrays, Maps, Sets, dates and
   * bytes hold. Instances of classes are equal to themselves only: such a state wants this function,
   * or the search takes long.
   */
  fingerprint?(state: State): string;
}

/** A single copy that is given each answer, and says whether it could have answered so. */
export interface Specification<State, Input, Output> extends Hints<State, Input, Output> {
  /**
   * The state after it, or null when a single copy could not have answered so. Without a known
   * output: the state if it took effect.
   */
  step(state: State, input: Input, output: Output | undefined): { readonly state: State } | null;
  /** Equal for equal states; short, since it is asked for at every step. Default: as `fingerprint`. */
  key?(state: State): string | number;
  /** For states with equal keys. Default: equal keys are equal states. */
  isEqual?(one: State, other: State): boolean;
}

/** What histories are compared with, whichever way it is written. */
export type AnyModel<State, Input, Output> =
  | Model<State, Input, Output>
  | Specification<State, Input, Output>;

/** The output as a specification takes it: undefined when it is unknown. */
export function outputOf<Input, Output>({
  returnedAt,
  output,
}: Operation<Input, Output>): Output | undefined {
  return returnedAt === null ? undefined : (output as Output);
}

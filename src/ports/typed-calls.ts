/**
 * Commands and queries whose types say their results, each its own. All of this is for the compiler:
 * nothing of it exists at run time.
 */

/** The result of a command or query, as its type carries it. */
declare const ANSWERED: unique symbol;

/** Added to the type of a command or query: its result. */
export interface AnsweredWith<Result> {
  readonly [ANSWERED]?: () => Result;
}

/**
 * A command or query: its `type`, its other fields, and its result.
 * @example
 * type Command =
 *   | Call<'add', { readonly payload: string }, { readonly id: number }>
 *   | Call<'finish', { readonly id: number }, boolean>;
 */
export type Call<Type extends string, Input, Result> = Readonly<Input> & {
  readonly type: Type;
} & AnsweredWith<Result>;

/** The result of a command or query of that type; unknown where its type does not say. */
export type ResultOf<Asked> = Asked extends AnsweredWith<infer Result> ? Result : unknown;

/** Those of a union that have that `type`. */
type OfType<Asked, Type> = Asked extends { readonly type: infer Own }
  ? Own extends Type
    ? Asked
    : never
  : never;

/** A command or query as it is given to a call, from which `Type` is inferred. */
export type Given<Asked, Type> = Asked extends object ? Asked & { readonly type?: Type } : Asked;

/** The result of a call of that `Type`: its own, or else the one of all. */
export type AnswerTo<Asked, Type, Result> =
  unknown extends ResultOf<Asked> ? Result : ResultOf<OfType<Asked, Type>>;

/**
 * Commands and queries that say what they are answered with, each its own. All of this is for the
 * compiler: nothing of it is there at run time.
 */

/** What a command or query is answered with, as its type remembers it. */
declare const ANSWERED: unique symbol;

/** Added to the type of a command or query: it is answered with that. */
export interface AnsweredWith<Result> {
  readonly [ANSWERED]?: () => Result;
}

/**
 * A command or query by its `type`, with what else is in it and what it is answered with.
 * @example
 * type Command =
 *   | Call<'add', { readonly payload: string }, { readonly id: number }>
 *   | Call<'finish', { readonly id: number }, boolean>;
 */
export type Call<Type extends string, Input, Result> = Readonly<Input> & {
  readonly type: Type;
} & AnsweredWith<Result>;

/** What a command or query of that type is answered with; unknown where its type does not say. */
export type ResultOf<Asked> = Asked extends AnsweredWith<infer Result> ? Result : unknown;

/** Those of a union that have that `type`. */
type OfType<Asked, Type> = Asked extends { readonly type: infer Own }
  ? Own extends Type
    ? Asked
    : never
  : never;

/** A command or query as it is given to a call, which learns its `Type` by it. */
export type Given<Asked, Type> = Asked extends object ? Asked & { readonly type?: Type } : Asked;

/** What a call of that `Type` is answered with: its own result, or else what all are. */
export type AnswerTo<Asked, Type, Result> =
  unknown extends ResultOf<Asked> ? Result : ResultOf<OfType<Asked, Type>>;

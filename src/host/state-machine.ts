/**
 * A state machine from plain functions (§2): one for each command, one for each query, and a state
 * of plain data that is saved, restored and compared as a whole. The types of commands and queries,
 * and of what each is answered with, are read from the functions.
 */
import { concatenated } from '../formats/bytes.ts';
import { digestOf } from '../formats/digest.ts';
import { plainData, plainState } from '../formats/plain-data.ts';
import type { AppliedEntry, Codec, StateMachine } from '../ports/state-machine.ts';
import type { Call, ResultOf } from '../ports/typed-calls.ts';

/** Both are methods, so that each function may name the fields it wants. */
interface Handlers<State> {
  command(state: State, command: object, entry: AppliedEntry): unknown;
  query(state: State, query: object): unknown;
}
type Commands<State> = Readonly<Record<string, Handlers<State>['command']>>;
type Queries<State> = Readonly<Record<string, Handlers<State>['query']>>;

type InputOf<Handler> = Handler extends (
  state: never,
  input: infer Input,
  ...more: never
) => unknown
  ? unknown extends Input
    ? object
    : Input
  : object;
type OutputOf<Handler> = Handler extends (...given: never) => infer Output ? Output : never;

/** The union of commands, or of queries, that functions by these names understand. */
type CallsOf<Handlers> = {
  [Type in keyof Handlers & string]: Call<Type, InputOf<Handlers[Type]>, OutputOf<Handlers[Type]>>;
}[keyof Handlers & string];

/** What a state machine is made of: what it begins with, and a function for each call. */
export interface StateMachineParts<State, Commanded, Queried> {
  /** What every server begins with: plain data. Each gets its own copy. */
  readonly initial: State;
  /**
   * By the command's `type`: changes the state it is given, and returns the result. Deterministic:
   * no clock, no chance, nothing from outside; the entry has an index and a time that are the same
   * on every server. A refusal is a result like any other; a throw stops the server.
   */
  readonly commands: Commanded;
  /** By the query's `type`: reads the state it is given, and changes nothing. */
  readonly queries: Queried;
}

/** What `stateMachine` makes, and `startServer` and `simulate` take. */
export type MadeStateMachine<Commanded, Queried> = () => StateMachine<
  CallsOf<Commanded>,
  ResultOf<CallsOf<Commanded>>,
  CallsOf<Queried>,
  ResultOf<CallsOf<Queried>>
>;

/**
 * What `startServer` runs on every server, from functions over a state of plain data: null, booleans,
 * numbers, text, bytes, bigints, and lists and objects of these.
 *
 * @remarks The whole state is encoded at once, for each snapshot and for its digest: good for some
 *   megabytes. What is larger, or not plain data, implements `StateMachine` itself.
 * @throws TypeError when the initial state is not plain data.
 * @example
 * const counter = stateMachine({
 *   initial: { count: 0 },
 *   commands: {
 *     add(state, { by }: { by: number }) {
 *       state.count += by;
 *       return state.count;
 *     },
 *   },
 *   queries: {
 *     count: ({ count }) => count,
 *   },
 * });
 *
 * const added = await server.propose({ type: 'add', by: 2 });
 * if (added.outcome === 'applied') console.log(added.result + 1);
 */
export function stateMachine<
  State extends object,
  Commanded extends Commands<State>,
  Queried extends Queries<State>,
>({
  initial,
  commands,
  queries,
}: StateMachineParts<State, Commanded, Queried>): MadeStateMachine<Commanded, Queried> {
  const states = plainState<State>('state');
  const answers = plainData<unknown>('answer');
  const start = plainState<State>('initial').encode(initial);
  const known = commandsOf(commands);
  const made = () => {
    let state = states.decode(start);
    return {
      commands: known,
      apply({ type, ...command }: Typed, entry: AppliedEntry): unknown {
        return copied(answers, handlerOf(commands, 'command', type)(state, command, entry));
      },
      query({ type, ...query }: Typed): unknown {
        return copied(answers, handlerOf(queries, 'query', type)(state, query));
      },
      snapshot: () => [states.encode(state)],
      async restore(chunks: AsyncIterable<Uint8Array>): Promise<void> {
        state = states.decode(await joined(chunks));
      },
      digest: () => digestOf(states.encode(state)),
    };
  };
  return made as unknown as MadeStateMachine<Commanded, Queried>;
}

interface Typed {
  readonly type: string;
}

/** An answer must not change when the state does. */
function copied(codec: Codec<unknown>, value: unknown): unknown {
  return codec.decode(codec.encode(value));
}

/** A misspelt command is refused where it is proposed, not where every server applies it. */
function commandsOf(commands: Commands<never>): Codec<Typed> {
  const plain = plainData<Typed>();
  return {
    encode(command) {
      handlerOf(commands, 'command', command?.type);
      return plain.encode(command);
    },
    decode: plain.decode,
  };
}

/** @throws TypeError for a type without a function: misuse, or a type of a newer version */
function handlerOf<Handler>(
  handlers: Readonly<Record<string, Handler>>,
  kind: 'command' | 'query',
  type: string,
): Handler {
  const handler = Object.hasOwn(handlers, type) ? handlers[type] : undefined;
  if (handler !== undefined) return handler;
  const known = Object.keys(handlers).join(', ') || 'none at all';
  throw new TypeError(
    `This state machine has no ${kind} of type ${JSON.stringify(type)}; it has ${known}`,
  );
}

export async function joined(
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return concatenated(parts);
}

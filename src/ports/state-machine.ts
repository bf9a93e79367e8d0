/**
 * The replicated state machine (§2): what users bring. Every server runs one, and feeds it the same
 * commands in the same order.
 */
import type { LogIndex, Term } from '../../machines/rules/entries.ts';
import type { ResultOf } from './typed-calls.ts';

/** Where a command stands in the log, and when it was proposed. */
export interface AppliedEntry {
  readonly index: LogIndex;
  readonly term: Term;
  /** Cluster time in milliseconds: the same on every server, so `apply` may use it. */
  readonly time: number;
}

/** Bytes for what travels and is stored. `decode(encode(value))` must equal `value`. */
export interface Codec<Value> {
  /**
   * As bytes.
   *
   * @throws TypeError for a value that would not survive the round trip.
   */
  encode(value: Value): Uint8Array;
  /**
   * The value that the bytes stand for.
   *
   * @throws for bytes that stand for no value.
   */
  decode(bytes: Uint8Array): Value;
}

/** How much a state machine holds, for a quota. Both are called often, and have to be cheap. */
export interface StateSize<Command> {
  /** Bytes it holds now. */
  storedBytes(): number;
  /** Bytes that the command would add to them, at most; 0 or less for one that adds nothing. */
  growthOf(command: Command): number;
}

/**
 * What the cluster replicates (§2): commands change it and have results, queries read it and have
 * answers. A
 * command whose type says its result (`Call`) has a result type of its own; otherwise all have
 * `Result`, and all queries `Answer`. `stateMachine` makes one from a function for each.
 *
 * @remarks `apply` must be deterministic: the same state and command give the same state and result
 * on every server. No clock, no chance, no iteration order that depends on anything but the past.
 */
export interface StateMachine<
  Command = unknown,
  Result = ResultOf<Command>,
  Query = unknown,
  Answer = ResultOf<Query>,
> {
  /**
   * Changes the state. What a command may do wrong is a result, not an exception: a throw stops this
   * server, and each other one that comes to the command, unless the state machine `isTransactional`.
   */
  apply(command: Command, entry: AppliedEntry): Result;
  /**
   * A promise: whenever `apply` throws, the state is as before it, and it throws for that command and
   * state on every server. Then a throw refuses the command, as `command-failed`, instead of stopping
   * the servers. Keep it by changing the state last, when nothing can fail any more.
   *
   * @remarks A RangeError, and an error with a `code` or an `errno`, stops the server all the same,
   * since it may come from a stack, a memory or a disk that is used up, which others have: throw a
   * plain Error for what is wrong with a command. A server of an
   * earlier version of the state machine that throws where a later one does not would differ from it:
   * bring a new kind of command to every server before it is proposed.
   */
  readonly isTransactional?: boolean;
  /** Reads nothing but applied state, and changes nothing. */
  query(query: Query): Answer;
  /**
   * Freezes the state before it returns; the bytes are read later, while `apply` goes on.
   * Chunks of any size, best below 1 MiB.
   */
  snapshot(): Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
  /** Replaces the state by what `snapshot` gave, perhaps in other chunks. */
  restore(chunks: AsyncIterable<Uint8Array>): void | Promise<void>;
  /**
   * Equal on two servers exactly when their states are: the simulator compares it after every entry,
   * and servers every ten seconds in which something was applied. Keep it up to date with the state,
   * or leave it out: one that reads the whole state holds up the server while it does. A server asks
   * for it in a two-hundredth of its time at most, and no more after two in a row of over 50 ms.
   *
   * @remarks Servers of neighbouring versions compare theirs as well, so another way to make it is
   * another state to them.
   */
  digest?(): string;
  /**
   * What the state holds, as plain data, Maps and Sets, or a function that tells it later of the
   * state as it was: when two servers' states differ, the simulator shows where. It alone asks, after
   * every command.
   */
  inspect?(): unknown;
  /** For `storedBytesMax`; without it there can be no quota. */
  readonly size?: StateSize<Command>;
  /** Default: msgpack of plain data. */
  readonly commands?: Codec<Command>;
  /** Default: msgpack of plain data. Results are kept for sessions, and travel in snapshots. */
  readonly results?: Codec<Result>;
}

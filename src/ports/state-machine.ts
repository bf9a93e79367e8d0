/**
 * The replicated state machine (§2): what users bring. Every server runs one, and feeds it the same
 * commands in the same order.
 */
import type { LogIndex, Term } from '../../machines/rules/entries.ts';

/** Where a command stands in the log, and when it was proposed. */
export interface AppliedEntry {
  readonly index: LogIndex;
  readonly term: Term;
  /** Cluster time in milliseconds: the same on every server, so `apply` may use it. */
  readonly time: number;
}

/** Bytes for what travels and is stored. `decode(encode(value))` must equal `value`. */
export interface Codec<Value> {
  /** @throws TypeError for a value that would not survive the round trip. */
  encode(value: Value): Uint8Array;
  decode(bytes: Uint8Array): Value;
}

/**
 * @remarks `apply` must be deterministic: the same state and command give the same state and result
 * on every server. No clock, no chance, no iteration order that depends on anything but the past.
 */
export interface StateMachine<
  Command = unknown,
  Result = unknown,
  Query = unknown,
  Answer = unknown,
> {
  /** Changes the state. A throw stops the server: refusals are results, not exceptions. */
  apply(command: Command, entry: AppliedEntry): Result;
  /** Reads nothing but applied state, and changes nothing. */
  query(query: Query): Answer;
  /**
   * Freezes the state before it returns; the bytes are read later, while `apply` goes on.
   * Chunks of any size, best below 1 MiB.
   */
  snapshot(): Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
  /** Replaces the state by what `snapshot` gave, cut into other chunks perhaps. */
  restore(chunks: AsyncIterable<Uint8Array>): void | Promise<void>;
  /** Equal on two servers exactly when their states are; the simulator compares it. */
  digest?(): string;
  /** What the state holds, in bytes, as the state machine counts: what `maxBytes` bounds. */
  storedBytes?(): number;
  /**
   * How many more the command would make it as things stand: at most the bytes of the command. None
   * or less, and the command is let in however much is stored. Changes nothing.
   */
  addedBytes?(command: Command): number;
  /** Default: msgpack of plain data. */
  readonly commands?: Codec<Command>;
  /** Default: msgpack of plain data. Results are kept for sessions, and travel in snapshots. */
  readonly results?: Codec<Result>;
}

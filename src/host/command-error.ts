/**
 * A command at which the state machine threw. Every server applies the same command to the same
 * state, so it throws on every server; the outcome must not depend on anything else.
 */
import type { EntryPosition, LogIndex, ServerId, Term } from '../../machines/rules/entries.ts';
import { InvariantViolation } from '../../machines/rules/invariant.ts';
import { printable } from '../formats/printable.ts';
import { valueText } from '../formats/value-text.ts';
import { reasonOf } from './errors.ts';

/** Names the server, the entry and its command; `cause` is what was thrown. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  /** The server whose state machine threw. */
  readonly server: ServerId;
  /** Where the command stands in the log. */
  readonly index: LogIndex;
  readonly term: Term;

  constructor(server: ServerId, entry: EntryPosition, sentence: string, cause: unknown) {
    super(sentence, { cause });
    this.server = server;
    this.index = entry.index;
    this.term = entry.term;
  }
}

/** A command at which `apply` threw, and what was thrown. */
export interface Thrown {
  readonly server: ServerId;
  readonly entry: EntryPosition;
  readonly command: unknown;
  readonly cause: unknown;
}

/** The state machine is transactional: the command is refused, on every server alike. */
export function commandRefused({ server, entry, command, cause }: Thrown): CommandError {
  const sentence =
    `The state machine of server ${server} threw at ${place(entry)}: ${said(cause)}. The command ` +
    `was refused, on every server alike, and the state is as before it. It was ${printable(valueText(command))}`;
  return new CommandError(server, entry, sentence, cause);
}

/** @param isTransactional - whether the throw would be a refusal, were it not for its kind */
export function applyFailed(thrown: Thrown, isTransactional: boolean): CommandError {
  const { server, entry, command, cause } = thrown;
  const why = isTransactional
    ? ' What comes from memory or the stack differs between servers, so it is never a refusal.'
    : '';
  const sentence =
    `Server ${server} has stopped: its state machine threw at ${place(entry)}: ${said(cause)}. ` +
    `The command: ${printable(valueText(command))}.${why} It is committed, so every server that applies it stops, ` +
    'at each start, until all run a state machine that accepts it: see "A command at which the state ' +
    'machine throws" in docs/operations.md.';
  return new CommandError(server, entry, sentence, cause);
}

/** Bytes that this version cannot read are most likely a newer version's: never a refusal. */
export function commandUnreadable(
  server: ServerId,
  entry: EntryPosition,
  cause: unknown,
): CommandError {
  const sentence =
    `Server ${server} has stopped: its codec cannot read the command of ${place(entry)}: ` +
    `${said(cause)}. Run the version that wrote it, or a newer one.`;
  return new CommandError(server, entry, sentence, cause);
}

/** Its command has taken effect; a repeat could not be answered. */
export function resultUnwritable(
  server: ServerId,
  entry: EntryPosition,
  cause: unknown,
): CommandError {
  const sentence =
    `Server ${server} has stopped: its codec cannot write the result of ${place(entry)}, which a ` +
    `session keeps: ${said(cause)}. Give the state machine results that its codec takes: plain ` +
    'data, unless it has a codec of its own.';
  return new CommandError(server, entry, sentence, cause);
}

/** What was thrown may contain text from a client. */
function said(cause: unknown): string {
  return printable(reasonOf(cause));
}

function place({ index, term }: EntryPosition): string {
  return `entry ${index} (term ${term})`;
}

/** Of WebAssembly, and of engines that report a used-up stack by one of these. */
const ENGINE_ERRORS = ['RuntimeError', 'CompileError', 'LinkError', 'InternalError'];

/**
 * Whether it may well not happen on another server. Engines report a used-up stack or memory by a
 * RangeError; the platform and libraries report what this machine has no room for, or cannot read, by
 * errors with a `code` or an `errno`. None of these counts as a refusal.
 */
export function isOfThisServer(thrown: unknown, seen: ReadonlySet<unknown> = new Set()): boolean {
  if (thrown instanceof InvariantViolation || thrown instanceof RangeError) return true;
  if (!(thrown instanceof Error) || seen.has(thrown)) return false;
  const { name, code, errno, cause, errors } = thrown as Error & {
    readonly code?: unknown;
    readonly errno?: unknown;
    readonly errors?: unknown;
  };
  if (ENGINE_ERRORS.includes(name) || code !== undefined || errno !== undefined) return true;
  const inside = [cause, ...(Array.isArray(errors) ? errors : [])];
  return inside.some((one) => isOfThisServer(one, new Set([...seen, thrown])));
}

/**
 * What becomes of a call (§8): three outcomes, never an exception for what the protocol can do. A
 * server beside its caller and a client over HTTP share them; they differ in the reasons they know.
 */
import type { LogIndex, ServerId, Term } from '../../machines/rules/entries.ts';
import type { FailureReason, RetryableError } from '../../machines/rules/request.ts';

/** It took effect, and this is its answer. */
export interface Applied<Result> {
  readonly outcome: 'applied';
  readonly result: Result;
  /** Of its entry in the log; of a query, through which the state it read was applied. */
  readonly index: LogIndex;
}

/** It has not taken effect, and never will. */
export interface Refused<Reason extends string> {
  readonly outcome: 'refused';
  readonly reason: Reason;
  /** For people: which bound it met and what to do, say, where the reason does not tell. */
  readonly message?: string;
}

/** It may have been applied, or may yet be. Repeat it only through a session. */
export interface Unknown<Reason extends string> {
  readonly outcome: 'unknown';
  readonly reason: Reason;
  /** For people. */
  readonly message?: string;
}

/** Why a server refused a call: in each case it has not taken effect, and never will. */
export type RefusalReason =
  | 'not-leader'
  | 'not-ready'
  | 'overloaded'
  | 'too-large'
  /** The leader's state machine holds as much as it may. */
  | 'quota-exceeded'
  | 'overwritten'
  | 'session-expired'
  | 'answer-discarded'
  /** The state machine threw at it, and left its state as before: so it does on every server. */
  | 'command-failed'
  | 'stopped';

/** Why a server cannot say what became of a call: its entry may be in the next leader's log. */
export type UnknownReason = 'leadership-lost' | 'timed-out' | 'stopped';

/** What a server applied, with the term of its entry. */
export interface ServerApplied<Result> extends Applied<Result> {
  readonly term: Term;
}

/** What a server refused, and whether another one, or a repeat, may do better. */
export interface ServerRefused extends Refused<RefusalReason> {
  /** The leader it hears from, if any. */
  readonly leader: ServerId | null;
  /** Whether the same call may succeed, here after a while or at the leader. */
  readonly retry: boolean;
}

/** What became of a call of a server (§8): look at `outcome` first, it says which of the three. */
export type Outcome<Result> = ServerApplied<Result> | ServerRefused | Unknown<UnknownReason>;

/** Why a call of a client was refused: in each case it has not taken effect, and never will. */
export type ClientRefusalReason =
  /** No server could help; the same call may succeed later. */
  | RetryableError
  /** The key's revision, or its presence, is not what the call required. */
  | 'condition-failed'
  /** The value, alone or appended, would be over 1 MiB. */
  | 'too-large'
  /** The servers hold as much as they may: delete something. */
  | 'quota-exceeded'
  /** The session was unknown or had expired; the next call opens a new one. */
  | 'session-expired'
  /** The answer was declared seen, so it is gone. */
  | 'answer-discarded'
  /** The servers' state machine threw at it: nothing was changed, and the same would fail again. */
  | 'command-failed'
  /** The server wants a token, or does not know this one. */
  | 'unauthenticated'
  /** The token does not permit it. */
  | 'forbidden'
  /** The server understands the request and refuses it: its message says why. */
  | 'rejected'
  /** Given up before it was sent: by its signal, or since the client was closed. */
  | 'cancelled';

/** What a client was refused, with a message for people. */
export interface ClientRefused extends Refused<ClientRefusalReason> {
  readonly message: string;
  /** With `condition-failed`: the key's present revision, 0 when there is no such key. */
  readonly revision?: number;
}

/** What became of a call of a client: look at `outcome` first, it says which of the three it is. */
export type ClientOutcome<Result> =
  | Applied<Result>
  | ClientRefused
  | (Unknown<FailureReason> & { readonly message: string });

/** The session a command belongs to (§8): each sequence takes effect at most once. */
export interface SessionCommand {
  /** What opening the session answered. */
  readonly session: LogIndex;
  /** 1, 2, 3 … */
  readonly sequence: number;
  /** Everything below was answered. Default: `sequence`, one command at a time. */
  readonly firstUnanswered?: number;
}

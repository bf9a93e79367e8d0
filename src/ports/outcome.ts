/** What becomes of a call (§8): three outcomes, never an exception for what the protocol can do. */
import type { LogIndex, ServerId, Term } from '../../machines/rules/entries.ts';

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

export type UnknownReason = 'leadership-lost' | 'timed-out' | 'stopped';

/** It took effect, and this is its answer. */
export interface Applied<Result> {
  readonly outcome: 'applied';
  readonly result: Result;
  readonly index: LogIndex;
  readonly term: Term;
}

/** It has not taken effect, and never will. */
export interface Refused {
  readonly outcome: 'refused';
  readonly reason: RefusalReason;
  /** The leader we hear from, if any. */
  readonly leader: ServerId | null;
  /** Whether the same call may do better, here after a while or at the leader. */
  readonly retry: boolean;
  /** Which bound it met and what to do, where the reason alone does not say. */
  readonly message?: string;
}

/** It may have been applied, or may yet be. Repeat it only through a session. */
export interface Unknown {
  readonly outcome: 'unknown';
  readonly reason: UnknownReason;
}

export type Outcome<Result> = Applied<Result> | Refused | Unknown;

/** The session a command belongs to (§8): each sequence takes effect at most once. */
export interface SessionCommand {
  /** What opening the session answered. */
  readonly session: LogIndex;
  /** 1, 2, 3 … */
  readonly sequence: number;
  /** Everything below was answered. Default: `sequence`, one command at a time. */
  readonly firstUnanswered?: number;
}

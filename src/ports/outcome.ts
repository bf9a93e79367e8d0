/** What becomes of a call (§8): three outcomes, never an exception for what the protocol can do. */
import type { LogIndex, ServerId, Term } from '../../machines/rules/entries.ts';

/** Why a call was refused: in each case it has not taken effect, and never will. */
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

/** Why nobody knows what became of a call: the command may be in the log of the next leader. */
export type UnknownReason = 'leadership-lost' | 'timed-out' | 'stopped';

/** It took effect, and this is its answer. */
export interface Applied<Result> {
  readonly outcome: 'applied';
  readonly result: Result;
  /** Of its entry in the log; of a query, through which the state it read was applied. */
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

/** What became of a call (§8): look at `outcome` first, it says which of the three it is. */
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

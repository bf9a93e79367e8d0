/** What becomes of a client's call (§8): three outcomes, and never an exception for a failure. */

export type RefusalReason =
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
  /** The token is not good for that. */
  | 'forbidden'
  /** The server understands the request and will not have it: its message says why. */
  | 'rejected'
  /** No server of those we know could be reached. */
  | 'unreachable'
  | 'no-leader'
  /** The leader is new and has not committed an entry of its term. */
  | 'not-ready'
  /** Too much is waiting there. */
  | 'overloaded'
  | 'stopping'
  /** The servers sent us in circles: they do not agree who leads. */
  | 'redirected'
  /** Given up before it was sent: by its signal, or since the client was closed. */
  | 'cancelled';

/** It took effect, or was read, and this is the answer. */
export interface Applied<Result> {
  readonly outcome: 'applied';
  readonly result: Result;
  /** The applied index of the server that answered: what the answer reflects. */
  readonly index: number;
}

/** It has not taken effect, and never will. */
export interface Refused {
  readonly outcome: 'refused';
  readonly reason: RefusalReason;
  /** With `condition-failed`: the key's present revision, 0 when there is no such key. */
  readonly revision?: number;
  /** One sentence for people. */
  readonly message: string;
}

/** It may have taken effect, or may yet. For a read: there was no answer. */
export interface Unknown {
  readonly outcome: 'unknown';
  readonly reason: 'timed-out' | 'connection-lost' | 'outcome-unknown' | 'cancelled';
  /** One sentence for people. */
  readonly message: string;
}

/** What became of a call: look at `outcome` first, it says which of the three it is. */
export type ClientOutcome<Result> = Applied<Result> | Refused | Unknown;

/**
 * What a server wants done, as data. The root machine emits effects, hosts carry them out, tests
 * compare them. Nothing here does anything.
 */
import type { Entry, LogIndex, ServerId, Term } from './entries.ts';
import type { Fact, ProposalRefusal } from './facts.ts';
import type { LogBase } from './log.ts';
import type { Message, SnapshotIdentity } from './messages.ts';
import type { SnapshotPointer } from './state.ts';

/**
 * Make this durable. Writes come in the order of their numbers; a host may merge those that wait
 * (group commit), and tells the last number with `storage.persisted`.
 *
 * On disk it means, in this order: entries at and above `truncateFrom` go; the log begins after
 * `base`; `entries` are appended; `snapshot` comes into force. All of it or nothing (§5.1, §7).
 */
export interface Persist {
  readonly type: 'persist';
  readonly writeId: number;
  /** Term and vote are one record: written together, never apart. */
  readonly term: Term;
  readonly votedFor: ServerId | null;
  /** A hint, never above the last entry of this write. */
  readonly commitIndex: LogIndex;
  readonly truncateFrom: LogIndex | null;
  readonly entries: readonly Entry[];
  readonly snapshot: SnapshotPointer | null;
  readonly base: LogBase | null;
}

/** Send the message once every write up to and with number `after` is durable; 0 waits for none. */
export interface Send {
  readonly type: 'send';
  readonly message: Message;
  readonly afterWrite: number;
}

/** Read a chunk of a stored snapshot and send it as `InstallSnapshot` with that number. */
export interface SendChunk {
  readonly type: 'sendChunk';
  readonly to: ServerId;
  readonly term: Term;
  readonly requestId: number;
  readonly snapshot: SnapshotPointer;
  readonly offset: number;
  readonly lengthMax: number;
}

/** Store a received chunk aside, then tell `chunk.stored`. */
export interface StoreChunk {
  readonly type: 'storeChunk';
  /** The number of the request it came with, to be told back. */
  readonly requestId: number;
  readonly snapshot: SnapshotIdentity;
  readonly offset: number;
  readonly bytes: Uint8Array;
  /** Complete with this one: check the digest, and tell the pointer with `chunk.stored`. */
  readonly isLast: boolean;
}

/** Nobody needs that snapshot's bytes: they never came into force. */
export interface DiscardSnapshot {
  readonly type: 'discardSnapshot';
  readonly snapshotId: string;
}

/** Committed: apply these, in order, off the protocol's path, then tell `entries.applied`. */
export interface Apply {
  readonly type: 'apply';
  readonly entries: readonly Entry[];
}

/** Replace the state machine's state, behind what waits to be applied, then tell `entries.applied`. */
export interface Restore {
  readonly type: 'restore';
  readonly snapshot: SnapshotPointer;
}

/** Freeze the state machine between two batches, write it aside, then tell `snapshot.taken`. */
export interface TakeSnapshot {
  readonly type: 'takeSnapshot';
}

/** The proposals were appended from `index` on, one entry each, in `term`: settle them on apply. */
export interface ProposalsAppended {
  readonly type: 'proposalsAppended';
  readonly batch: number;
  readonly count: number;
  readonly index: LogIndex;
  readonly term: Term;
}

/** The proposals of the batch from position `from` on were not appended, and never will be. */
export interface RejectProposals {
  readonly type: 'rejectProposals';
  readonly batch: number;
  readonly from: number;
  readonly reason: ProposalRefusal;
  readonly leader: ServerId | null;
}

/** The reads may be answered from applied state, once it reflects `index` (§8). */
export interface AnswerReads {
  readonly type: 'answerReads';
  readonly reads: readonly number[];
  readonly index: LogIndex;
}

export interface RejectReads {
  readonly type: 'rejectReads';
  readonly reads: readonly number[];
  readonly reason: 'not-leader' | 'not-ready';
  readonly leader: ServerId | null;
}

/** This server has stopped leading: what waits for it is on its own now. */
export interface LeadershipLost {
  readonly type: 'leadershipLost';
  readonly term: Term;
}

/** Somebody should know: a follower has lost entries that it had acknowledged. */
export interface Warn {
  readonly type: 'warn';
  readonly message: string;
}

/** Why the effects behind it were decided, for people; only while somebody listens. */
export interface Explain {
  readonly type: 'explain';
  readonly fact: Fact;
}

export type Effect =
  | Persist
  | Send
  | SendChunk
  | StoreChunk
  | DiscardSnapshot
  | Apply
  | Restore
  | TakeSnapshot
  | ProposalsAppended
  | RejectProposals
  | AnswerReads
  | RejectReads
  | LeadershipLost
  | Explain
  | Warn;

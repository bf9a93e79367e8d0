/**
 * What servers say to each other (Figure 2, Figure 13; thesis §3.10, §9.6).
 *
 * A request carries its sender's term and a `requestId` from one counter of that server; a response
 * echoes both, and carries the responder's own term. `PreVote` alone has nothing to adopt: it
 * carries only the term it proposes.
 */
import type { Entry, LogIndex, ServerId, Term } from './entries.ts';

/** Where a message comes from and goes to. */
export interface Envelope {
  readonly from: ServerId;
  readonly to: ServerId;
}

interface Request extends Envelope {
  /** The sender's term. */
  readonly term: Term;
  /** From one counter of the sender: what its answer echoes. */
  readonly requestId: number;
}

interface Response extends Envelope {
  /** The responder's own term. */
  readonly term: Term;
  /** The term of the request answered. */
  readonly requestTerm: Term;
  /** The number of the request answered. */
  readonly requestId: number;
}

/** What of a request its response echoes. */
export type Asked = Omit<Request, 'to'>;

/** What every response says of its responder, and of the request that it answers. */
export function echoOf(
  { id, currentTerm }: { readonly id: ServerId; readonly currentTerm: Term },
  { from: to, term: requestTerm, requestId }: Asked,
): Response {
  return { from: id, to, term: currentTerm, requestTerm, requestId };
}

/** Would you vote for me in that term? Changes nothing at anybody (thesis §9.6). */
export interface PreVote extends Envelope {
  readonly type: 'PreVote';
  readonly requestId: number;
  readonly proposedTerm: Term;
  readonly lastLogIndex: LogIndex;
  readonly lastLogTerm: Term;
}

export interface PreVoteResponse extends Envelope {
  readonly type: 'PreVoteResponse';
  /** The voter's own term: adopted like any other when newer, no obstacle when older. */
  readonly term: Term;
  readonly requestId: number;
  /** Echoed. */
  readonly proposedTerm: Term;
  readonly granted: boolean;
}

/** Invoked by candidates to gather votes (§5.2). */
export interface RequestVote extends Request {
  readonly type: 'RequestVote';
  readonly lastLogIndex: LogIndex;
  readonly lastLogTerm: Term;
  /** Marked when the leader itself asked for this election (thesis §3.10): no stickiness then. */
  readonly isLeadershipTransfer: boolean;
}

export interface RequestVoteResponse extends Response {
  readonly type: 'RequestVoteResponse';
  readonly granted: boolean;
}

/** Invoked by the leader to replicate entries; without entries it is a heartbeat (§5.2, §5.3). */
export interface AppendEntries extends Request {
  readonly type: 'AppendEntries';
  readonly prevLogIndex: LogIndex;
  readonly prevLogTerm: Term;
  readonly entries: readonly Entry[];
  readonly leaderCommit: LogIndex;
}

export interface AppendEntriesResponse extends Response {
  readonly type: 'AppendEntriesResponse';
  readonly success: boolean;
  /** On success: what the follower acknowledges, never more than the request showed it. */
  readonly matchIndex: LogIndex;
  /** Echoed, so that an old refusal is known for what it is. */
  readonly prevLogIndex: LogIndex;
  /** On refusal: the greatest index at most `prevLogIndex` whose term is at most `prevLogTerm`. */
  readonly hintIndex: LogIndex;
  readonly hintTerm: Term;
}

/** Which snapshot a chunk belongs to (§7). */
export interface SnapshotIdentity {
  /** Given by the server that took it; unique. */
  readonly id: string;
  readonly index: LogIndex;
  readonly term: Term;
  /** Of the whole file, in bytes. */
  readonly sizeBytes: number;
}

/** One chunk of a snapshot for a follower that is too far behind (Figure 13). */
export interface InstallSnapshot extends Request {
  readonly type: 'InstallSnapshot';
  readonly snapshot: SnapshotIdentity;
  /** Where in the file the bytes belong. */
  readonly offset: number;
  readonly bytes: Uint8Array;
  readonly isLast: boolean;
}

export interface InstallSnapshotResponse extends Response {
  readonly type: 'InstallSnapshotResponse';
  readonly snapshotId: string;
  /** Where the follower wants the transfer to go on. */
  readonly nextOffset: number;
  /** The follower needs no more of it: installed and durable, or it already had what it holds. */
  readonly isDone: boolean;
}

/** The leader asks a follower to campaign at once (thesis §3.10). */
export interface TimeoutNow extends Request {
  readonly type: 'TimeoutNow';
}

export type RequestMessage = PreVote | RequestVote | AppendEntries | InstallSnapshot | TimeoutNow;

export type ResponseMessage =
  | PreVoteResponse
  | RequestVoteResponse
  | AppendEntriesResponse
  | InstallSnapshotResponse;

export type Message = RequestMessage | ResponseMessage;

export type MessageType = Message['type'];

/** All of them, in Figure 2's order. */
export const MESSAGE_TYPES = [
  'RequestVote',
  'RequestVoteResponse',
  'AppendEntries',
  'AppendEntriesResponse',
  'InstallSnapshot',
  'InstallSnapshotResponse',
  'PreVote',
  'PreVoteResponse',
  'TimeoutNow',
] as const satisfies readonly MessageType[];

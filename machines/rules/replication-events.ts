/** What a leader and its replication actors, one for each follower, say to each other. */
import type { LogIndex, ServerId } from './entries.ts';
import type { SnapshotIdentity } from './messages.ts';

/** One `AppendEntries` in flight, as its actor remembers it. */
export interface InFlight {
  readonly requestId: number;
  readonly through: LogIndex;
  readonly bytes: number;
}

/** From a replication actor to its leader. */
export type ReplicationRequest =
  | {
      readonly type: 'append.wanted';
      readonly follower: ServerId;
      readonly from: LogIndex;
      /** What the window still has room for. */
      readonly messagesMax: number;
      readonly bytesMax: number;
    }
  | { readonly type: 'heartbeat.wanted'; readonly follower: ServerId; readonly previous: LogIndex }
  | {
      readonly type: 'chunk.wanted';
      readonly follower: ServerId;
      readonly snapshotId: string;
      readonly offset: number;
    };

/** From the leader to a replication actor. */
export type ReplicationEvent =
  | { readonly type: 'log.extended'; readonly lastLogIndex: LogIndex }
  | { readonly type: 'append.sent'; readonly messages: readonly InFlight[] }
  | { readonly type: 'append.accepted'; readonly requestId: number; readonly matchIndex: LogIndex }
  | {
      readonly type: 'append.refused';
      readonly requestId: number;
      readonly prevLogIndex: LogIndex;
      /** Where the logs may agree, as far as both sides' terms tell. */
      readonly nextIndex: LogIndex;
      /** Whether the logs agree at the hint: the leader holds that very entry (§5.3). */
      readonly agrees: boolean;
    }
  | { readonly type: 'acknowledgements.lost' }
  | { readonly type: 'acknowledgements.regained' }
  | { readonly type: 'heartbeat.sent'; readonly requestId: number }
  | { readonly type: 'round.begun' }
  | { readonly type: 'snapshot.offered'; readonly snapshot: SnapshotIdentity }
  | { readonly type: 'chunk.sent'; readonly requestId: number }
  | {
      readonly type: 'chunk.accepted';
      readonly requestId: number;
      readonly nextOffset: number;
      readonly isDone: boolean;
    };

/** What a replication actor starts from: bounds and delays, no log, no term, no network. */
export interface ReplicationInput {
  readonly follower: ServerId;
  /** Where to begin: after what was the last entry when the leader was elected (Figure 2). */
  readonly nextIndex: LogIndex;
  readonly lastLogIndex: LogIndex;
  readonly messagesInFlightMax: number;
  readonly bytesInFlightMax: number;
  readonly heartbeatIntervalMs: number;
  /** How long an unanswered chunk waits before it is sent again. */
  readonly chunkTimeoutMs: number;
}

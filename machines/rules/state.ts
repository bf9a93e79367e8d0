/**
 * A server's state (Figure 2, "State"), as one readonly object. Rules take it and return it; a rule
 * that changes nothing returns the very same object.
 */
import { type Configuration, isVoter } from './configuration.ts';
import type { LogIndex, ServerId, Term } from './entries.ts';
import { invariant } from './invariant.ts';
import type { Log, LogBase } from './log.ts';
import type { SnapshotIdentity } from './messages.ts';
import type { Parameters } from './parameters.ts';
import type { SessionSettings } from './sessions.ts';

/** The snapshot in force: what a restarted server restores (§7, Figure 12). */
export interface SnapshotPointer extends SnapshotIdentity {
  /** Cluster time as of its last included entry, in milliseconds. */
  readonly time: number;
  /** The configuration as of its last included entry (Figure 13, `lastConfig`). */
  readonly configuration: Configuration;
  /** The replicated settings as of its last included entry. */
  readonly settings: SessionSettings;
}

/** How far this server's own disk has come. Writes are numbered in the order they are decided. */
export interface Writes {
  /** The number of the last write decided. */
  readonly decided: number;
  /** The number of the last write confirmed by storage. */
  readonly durable: number;
  /** The write that holds `currentTerm`. */
  readonly ofTerm: number;
  /** The last index of our log that is known to be on our disk. */
  readonly durableIndex: LogIndex;
  /** Writes of entries that are not confirmed yet, and where the log ended with each. */
  readonly pending: readonly { readonly writeId: number; readonly lastIndex: LogIndex }[];
}

/** A snapshot that is arriving in chunks (Figure 13). Volatile. */
export interface IncomingSnapshot {
  readonly snapshot: SnapshotIdentity;
  /** The leader that sends it, and its term: another one starts anew. */
  readonly from: ServerId;
  readonly term: Term;
  /** Every byte before it is stored aside. */
  readonly nextOffset: number;
  /** The number of the request whose chunk is being stored, or null when none is. */
  readonly storing: number | null;
}

/** A candidate's campaign (§5.2, thesis §9.6). Candidate only. */
export interface Campaign {
  /** Of all its requests; only answers that echo it count. */
  readonly requestId: number;
  /** The term it is for: one ahead in a pre-vote, our own in a vote. */
  readonly term: Term;
  /** Distinct servers that have granted; our own vote too, once its write is durable. */
  readonly votes: readonly ServerId[];
  /** Those that will not vote for us in this term, whatever happens; they are not asked again. */
  readonly refusedBy: readonly ServerId[];
  /** The write that holds our own vote; 0 in a pre-vote, which writes nothing. */
  readonly writeId: number;
  /** Whether the leader itself asked for it (thesis §3.10). */
  readonly isLeadershipTransfer: boolean;
}

/** What a leader knows of one follower (Figure 2, "Volatile state on leaders"). Leader only. */
export interface Follower {
  readonly id: ServerId;
  /** Known to be stored there. Monotone: never down, never above our last index. */
  readonly matchIndex: LogIndex;
  /** Our request counter when `matchIndex` was last learnt. */
  readonly matchedAt: number;
  /** The greatest request number of this term it has echoed, as far as that counts. */
  readonly lastAcknowledgedRequest: number;
  /** Quorum checks that have passed since its last answer. */
  readonly missedQuorumChecks: number;
  /** The snapshot it is being sent; kept though a newer one exists. */
  readonly transfer: SnapshotPointer | null;
  /** It has lost entries that it had acknowledged in this term: it is fed no more until it has them. */
  readonly hasLostEntries: boolean;
}

/** A server that we saw, while we led, without something it had acknowledged. */
export interface UnreliableServer {
  readonly id: ServerId;
  /** What it had acknowledged by then. */
  readonly acknowledged: LogIndex;
  /** Our request counter when the loss was noticed: answers to older requests prove nothing. */
  readonly noticedAt: number;
}

/** Linearizable reads that wait (§8, thesis §6.4). Leader only. */
export interface PendingRead {
  /** The host's names for them: all that came in one turn. */
  readonly ids: readonly number[];
  /** Applied state must reflect it. */
  readonly index: LogIndex;
  /** Our request counter when it was accepted: only later numbers confirm it. */
  readonly requestId: number;
}

/** What exists only while leading. Leader only. */
export interface Leadership {
  /** The first index of this term: nothing is read before an entry from here on is committed. */
  readonly firstIndex: LogIndex;
  /** The first write decided as this leader; our own disk counts from it on. */
  readonly firstWrite: number;
  /** What our own disk has confirmed by writes of this leadership. */
  readonly ownMatchIndex: LogIndex;
  /** Sorted by id. */
  readonly followers: readonly Follower[];
  /** In the order they were accepted. */
  readonly reads: readonly PendingRead[];
  /** Our request counter when the quorum was last checked. */
  readonly checkedAt: number;
  /** Our monotonic clock and the cluster time it stood for; null until the host first tells it. */
  readonly clock: { readonly now: number; readonly time: number } | null;
}

export interface ServerState {
  readonly id: ServerId;
  readonly parameters: Parameters;

  /** Persistent. Latest term this server has seen; grows monotonically. */
  readonly currentTerm: Term;
  /** Persistent. Whom it voted for in `currentTerm`; changes only from null. */
  readonly votedFor: ServerId | null;
  /** Persistent. */
  readonly log: Log;
  /** Persistent. The snapshot in force; its index grows monotonically. */
  readonly snapshot: SnapshotPointer | null;

  /** Volatile. Highest index known to be committed; grows monotonically. */
  readonly commitIndex: LogIndex;
  /** Volatile. Highest index applied; grows monotonically, at most `commitIndex`. */
  readonly lastApplied: LogIndex;
  /**
   * Volatile. The leader of `currentTerm` once we know it, perhaps ourselves; only a newer term makes
   * it null. Unknown after a restart, which is safe: it is compared, and nothing is decided by it.
   */
  readonly termLeader: ServerId | null;
  /** Volatile. The leader of `currentTerm` we hear from: ourselves while leading, null for none. */
  readonly heardLeader: ServerId | null;
  /** Volatile. Numbers our requests. */
  readonly requestId: number;
  /** Volatile. */
  readonly writes: Writes;
  /**
   * Volatile. Servers that we saw, while we led, without what they had acknowledged: they count in no
   * majority of ours, also after we led, until they have it again or we hear from another leader.
   */
  readonly unreliable: readonly UnreliableServer[];
  /** Volatile. */
  readonly incoming: IncomingSnapshot | null;
  /** Volatile. Whether the host is taking a snapshot just now. */
  readonly isTakingSnapshot: boolean;

  /** Volatile. Whether somebody listens to the facts behind decisions; nothing is decided by it. */
  readonly isExplained: boolean;

  /** Candidate only. */
  readonly campaign: Campaign | null;
  /** Leader only. */
  readonly leadership: Leadership | null;
}

/** What storage holds of a server, as `initialState` wants it. */
export interface StoredState {
  readonly term: Term;
  readonly votedFor: ServerId | null;
  /** A hint, never above the last entry. */
  readonly commitIndex: LogIndex;
  readonly base: LogBase;
  readonly log: Log;
  readonly snapshot: SnapshotPointer | null;
  /** The number of the last write it has completed. */
  readonly lastWriteId: number;
}

/** A server as it starts: everything volatile is rebuilt (§5.1: all start as followers). */
export function initialState(
  id: ServerId,
  parameters: Parameters,
  stored: Omit<StoredState, 'base'>,
  isExplained = false,
): ServerState {
  const { term, votedFor, log, snapshot, lastWriteId } = stored;
  const applied = snapshot?.index ?? 0;
  invariant(
    log.base.index <= applied,
    `the log begins after ${log.base.index}, but the snapshot ends at ${applied}: entries are missing`,
  );
  invariant(
    log.lastIndex >= applied,
    `the log ends at ${log.lastIndex}, but the snapshot ends at ${applied}: entries are missing`,
  );
  return {
    id,
    parameters,
    currentTerm: term,
    votedFor,
    log,
    snapshot,
    commitIndex: Math.min(Math.max(stored.commitIndex, applied), log.lastIndex),
    lastApplied: applied,
    termLeader: null,
    heardLeader: null,
    requestId: 0,
    writes: {
      decided: lastWriteId,
      durable: lastWriteId,
      ofTerm: lastWriteId,
      durableIndex: log.lastIndex,
      pending: [],
    },
    unreliable: [],
    incoming: null,
    isTakingSnapshot: false,
    isExplained,
    campaign: null,
    leadership: null,
  };
}

/**
 * The same state as one literal. A rule makes its state by copying one and changing some of it, and
 * V8 copies a copy many times more slowly than an object that was written out.
 */
export function writtenOut(state: ServerState): ServerState {
  return {
    id: state.id,
    parameters: state.parameters,
    currentTerm: state.currentTerm,
    votedFor: state.votedFor,
    log: state.log,
    snapshot: state.snapshot,
    commitIndex: state.commitIndex,
    lastApplied: state.lastApplied,
    termLeader: state.termLeader,
    heardLeader: state.heardLeader,
    requestId: state.requestId,
    writes: state.writes,
    unreliable: state.unreliable,
    incoming: state.incoming,
    isTakingSnapshot: state.isTakingSnapshot,
    isExplained: state.isExplained,
    campaign: state.campaign,
    leadership: state.leadership,
  };
}

/** Whether word of a leader of this term is recent; a leader hears from itself (thesis §4.2.3). */
export function hearsFromLeader(state: ServerState): boolean {
  return state.heardLeader !== null;
}

/** Whether that peer is the leader we hear from. */
export function hearsFromPeer(state: ServerState, { peer }: { readonly peer: ServerId }): boolean {
  return state.heardLeader === peer;
}

/** Only voters campaign (thesis §4.2.1). */
export function mayCampaign(state: ServerState): boolean {
  return isVoter(state.log.configuration, state.id);
}

/**
 * Whether the first election of a new cluster is for this server to begin: nobody has campaigned yet
 * that it knows of, and it is the first of the voters. (Not of the paper: docs/deviations.md.)
 */
export function beginsFirstElection(state: ServerState): boolean {
  const { id, currentTerm, log, campaign } = state;
  const first = log.configuration.servers.find(({ votes }) => votes);
  const isUntouched = currentTerm === 0 && log.lastIndex === 0 && campaign === null;
  return isUntouched && first?.id === id;
}

/** @throws InvariantViolation when there is no leadership: only the leader's rules ask for it. */
export function leadershipOf(state: ServerState): Leadership {
  invariant(state.leadership !== null, 'a rule of leaders is asked only while leading');
  return state.leadership;
}

/** @throws InvariantViolation when there is no campaign: only a candidate's rules ask for it. */
export function campaignOf(state: ServerState): Campaign {
  invariant(state.campaign !== null, 'a rule of candidates is asked only while campaigning');
  return state.campaign;
}

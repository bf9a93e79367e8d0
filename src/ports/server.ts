/** One running server, as its users hold it: few verbs, every call settles. */
import type { Observable } from 'rxjs';
import type { InspectionEvent } from 'xstate';
import type { LogIndex, ServerId, Term } from '../../machines/rules/entries.ts';
import type { Outcome, SessionCommand } from './outcome.ts';

/** What a server is at the moment; `stopped` is the last that is said of it, however it ended. */
export type Role = 'follower' | 'candidate' | 'leader' | 'stopped';

export interface CallOptions {
  readonly signal?: AbortSignal;
  /** By then the call has settled. Default 10,000. */
  readonly timeoutMs?: number;
}

export interface ProposeOptions extends CallOptions {
  readonly session?: SessionCommand;
}

export interface QueryOptions extends CallOptions {
  /** Default `linearizable`. `stale` answers at once from local state, on any server. */
  readonly consistency?: 'linearizable' | 'stale';
}

export interface OpenSessionOptions extends CallOptions {
  /** Whose it is, for as long as it lasts: at most 256 bytes of UTF-8. Default '', nobody. */
  readonly owner?: string;
}

/** What opening a session gives (§8). */
export interface OpenedSession {
  readonly session: LogIndex;
  /** Of cluster time without a command; before its first one it lasts a minute. */
  readonly expiresAfterMs: number;
}

export interface MemberStatus {
  readonly id: ServerId;
  readonly peerAddress: string;
  /** '' until the server has introduced itself. */
  readonly clientAddress: string;
  readonly votes: boolean;
}

export interface FollowerStatus {
  readonly mode: 'probe' | 'replicate' | 'snapshot' | 'halted';
  readonly matchIndex: LogIndex;
  /** Entries it is behind the leader's last one. */
  readonly lag: number;
  /** Milliseconds since its last answer; null when there was none in this term. */
  readonly lastContactMs: number | null;
}

/** What this server has asked of its disk since it started; every write is synced. */
export interface WriteStatus {
  readonly count: number;
  readonly entries: number;
  /** Spent waiting for the disk. */
  readonly totalMs: number;
}

/** What the state machine holds, as far as it tells, and may hold; null where nobody says. */
export interface QuotaStatus {
  readonly storedBytes: number | null;
  readonly storedBytesMax: number | null;
}

export interface Status {
  readonly id: ServerId;
  readonly clusterId: string;
  readonly role: Role;
  readonly term: Term;
  readonly leader: ServerId | null;
  readonly leaderClientAddress: string | null;
  /** On the leader: whether an entry of its term is committed, so that it may serve reads. */
  readonly isReady: boolean;
  readonly commitIndex: LogIndex;
  readonly appliedIndex: LogIndex;
  readonly lastLogIndex: LogIndex;
  readonly snapshotIndex: LogIndex;
  readonly uptimeMs: number;
  readonly members: readonly MemberStatus[];
  /** How servers talk to each other: `loopback`, `plaintext`, `tls-key`, `tls-certificates`. */
  readonly peerSecurity: string | null;
  readonly writes: WriteStatus;
  readonly quota: QuotaStatus;
  /** Commands refused as `command-failed` since this server started: its state machine threw. */
  readonly commandsFailed: number;
  /** On the leader only. */
  readonly followers: Readonly<Record<ServerId, FollowerStatus>> | null;
  /** The failure that stopped it, if one did; null while it runs, and after `stop`. */
  readonly failure: Error | null;
}

export interface Server<Command = unknown, Result = unknown, Query = unknown, Answer = unknown> {
  readonly id: ServerId;
  /**
   * Settles with one of three outcomes; never rejects for anything the protocol can do.
   * @throws TypeError for misuse: a command the codec refuses, say.
   */
  propose(command: Command, options?: ProposeOptions): Promise<Outcome<Result>>;
  query(query: Query, options?: QueryOptions): Promise<Outcome<Answer>>;
  openSession(options?: OpenSessionOptions): Promise<Outcome<OpenedSession>>;
  closeSession(session: LogIndex, options?: CallOptions): Promise<Outcome<null>>;
  /**
   * Whose a session is: '' when it is nobody's, null when there is no such session. It never
   * changes, so a server that knows the session answers at once; any other asks as for a
   * linearizable query, so that a session that was just opened is not denied.
   */
  sessionOwner(session: LogIndex, options?: CallOptions): Promise<Outcome<string | null>>;
  /**
   * Takes a snapshot of what is applied and cuts the log, as the server does by itself when enough
   * was applied (§7). Nothing happens while one is being taken, or without anything new to hold.
   */
  takeSnapshot(): void;
  status(): Status;
  /**
   * Each emits its present value first. However the server ends, by `stop` or by a failure, they end
   * too: the role with `stopped`, the leader with null; who subscribes later hears just that.
   */
  readonly role$: Observable<Role>;
  readonly leader$: Observable<ServerId | null>;
  readonly applied$: Observable<LogIndex>;
  /**
   * Emits once, when a failure stops the server: a disk that does not write, a broken invariant.
   * Ends without a value when it was stopped on purpose.
   */
  readonly failed$: Observable<Error>;
  /**
   * XState's inspection events of the server machine and its replication actors; every actor there
   * is and its snapshot first, the end of the server last. Costs nothing until it is subscribed to,
   * and then makes every event dearer.
   */
  readonly inspect$: Observable<InspectionEvent>;
  /** Refuses what is new, settles what is pending, hands over leadership, syncs. Idempotent. */
  stop(): Promise<void>;
}

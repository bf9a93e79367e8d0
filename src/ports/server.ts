/** One running server, as its users have it: few methods, every call settles. */
import type { Observable } from 'rxjs';
import type { InspectionEvent } from 'xstate';
import type { LogIndex, ServerId, Term } from '../../machines/rules/entries.ts';
import type { Fact } from '../../machines/rules/facts.ts';
import type { Metric, Readiness } from './metrics.ts';
import type { Outcome, SessionCommand } from './outcome.ts';
import type { StateMachine } from './state-machine.ts';
import type { StateDigests } from './transport.ts';
import type { AnswerTo, Given, ResultOf } from './typed-calls.ts';

/** What a server is at the moment; the last role is `stopped`, however the server ended. */
export type ServerRole = 'follower' | 'candidate' | 'leader' | 'stopped';

/** How long a call may take, and what ends it before. */
export interface CallOptions {
  /** Gives up: what may have been applied by then is `unknown`, any other call `refused`. */
  readonly signal?: AbortSignal;
  /** By then the call has settled, in milliseconds. Default 10,000. */
  readonly timeoutMs?: number;
}

/** For one command; with a session it takes effect at most once, however often it is sent (§8). */
export interface ProposeOptions extends CallOptions {
  /** The session it belongs to, and its number there. */
  readonly session?: SessionCommand;
}

/** For one query: whether it must see every write that was answered before. */
export interface QueryOptions extends CallOptions {
  /** Default `linearizable`. `stale` answers at once from local state, on any server. */
  readonly consistency?: 'linearizable' | 'stale';
}

/** For a session: whose it is. */
export interface SessionOptions {
  /** Whose it is, for as long as it lasts: at most 256 bytes of UTF-8. Default '', nobody. */
  readonly owner?: string;
}

/** For opening a session: whose it is, and by when it has to be open. */
export interface OpenSessionOptions extends CallOptions, SessionOptions {}

/**
 * Commands that take effect exactly once (§8), for the code beside the server. It is opened with its
 * first command and numbers them; up to 64 may be under way.
 */
export interface Session<Command, Result> {
  /**
   * As `propose` of the server, and repeated until it is applied or definitely refused: it is `unknown`
   * only if nobody could learn the outcome by the deadline, and to propose it again would be another
   * command. Refused as `not-leader` at once where another server leads.
   * @throws TypeError for misuse, and when the session was closed.
   */
  propose<Type = string>(
    command: Given<Command, Type>,
    options?: CallOptions,
  ): Promise<Outcome<AnswerTo<Command, Type, Result>>>;
  /** Gives up what is under way, and lets the cluster forget the session. Idempotent. */
  close(): Promise<void>;
}

/** The result of opening a session (§8). */
export interface OpenedSession {
  /** Its number, given with each of its commands. */
  readonly session: LogIndex;
  /** In milliseconds of cluster time without a command; before its first one it lasts a minute. */
  readonly expiresAfterMs: number;
}

/** One server of the cluster, as far as the server that was asked knows it. */
export interface MemberStatus {
  readonly id: ServerId;
  /** Where the other servers reach it. */
  readonly peerAddress: string;
  /** Where its clients reach it; '' until it has connected. */
  readonly clientAddress: string;
  /** Whether it counts for elections and commitment. */
  readonly votes: boolean;
}

/** How far a leader has replicated its log to one follower. */
export interface FollowerStatus {
  /**
   * `probe`: where the logs agree is not known yet; `replicate`: entries are sent ahead of the answers;
   * `snapshot`: it lacks what was compacted; `halted`: it has lost what it had acknowledged.
   */
  readonly mode: 'probe' | 'replicate' | 'snapshot' | 'halted';
  /**
   * Its storage has lost what it had acknowledged: it counts in no majority until it has that again.
   * In the term in which that was noticed it gets no entries either, and its mode is `halted`.
   */
  readonly hasLostEntries: boolean;
  /** The highest entry known to be replicated there (Figure 2). */
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
  /**
   * The oldest write that the disk has not confirmed yet, for how many milliseconds; null when there
   * is none. For seconds on end: the disk hangs.
   */
  readonly underWay: { readonly number: number; readonly forMs: number } | null;
}

/** What the state machine holds, and may hold; null where that is not known. */
export interface QuotaStatus {
  readonly storedBytes: number | null;
  readonly storedBytesMax: number | null;
}

/** Something that a person may have to look after, and how often it happened. */
export interface Warning {
  /** `transport`: about peers that it refuses, or that refuse this server. */
  readonly from: 'server' | 'transport' | 'storage';
  /** The server it is about; null when there is none, or when it has not proved which it is. */
  readonly peer: ServerId | null;
  /** A sentence. */
  readonly message: string;
  readonly times: number;
  /** Since it happened last, in milliseconds. */
  readonly agoMs: number;
}

/** Servers whose states differ, though each has exactly the entries through `index` applied. */
export interface StateDivergence extends StateDigests {
  /** The servers whose state differs from that of most; empty where no state is that of most. */
  readonly outvoted: readonly ServerId[];
}

/** How a server stands at one moment. Indexes count entries from 1; 0 is before the first one. */
export interface Status {
  readonly id: ServerId;
  readonly clusterId: string;
  readonly role: ServerRole;
  /** This server's current term; it never falls. */
  readonly term: Term;
  /** The leader it hears from, or itself; null while there is none. */
  readonly leader: ServerId | null;
  /** Where clients reach that leader; null when it is not known. */
  readonly leaderClientAddress: string | null;
  /** On the leader: whether an entry of its term is committed, so that it may serve reads. */
  readonly isReady: boolean;
  /** Through this entry the log is committed, as far as this server knows. */
  readonly commitIndex: LogIndex;
  /** Through this entry the state machine has applied it. */
  readonly appliedIndex: LogIndex;
  readonly lastLogIndex: LogIndex;
  /** The last entry in the snapshot in force; 0 without one. */
  readonly snapshotIndex: LogIndex;
  /** Milliseconds since it was started. */
  readonly uptimeMs: number;
  readonly members: readonly MemberStatus[];
  /** How servers talk to each other: `loopback`, `plaintext`, `tls-key`, `tls-certificates`. */
  readonly peerSecurity: string | null;
  readonly writes: WriteStatus;
  readonly quota: QuotaStatus;
  /** Snapshots that a leader sent and that took the place of the state, since this server started. */
  readonly snapshotsInstalled: number;
  /** Commands refused as `command-failed` since this server started: its state machine threw. */
  readonly commandsFailed: number;
  /** The latest, in the order of time; 32 at most. */
  readonly warnings: readonly Warning[];
  /** The last comparison of the servers' states, as the leader reported it; null before the first. */
  readonly comparison: StateDigests | null;
  /** The last comparison in which they differed; null once those of a majority were equal. */
  readonly divergence: StateDivergence | null;
  /** On the leader only. */
  readonly followers: Readonly<Record<ServerId, FollowerStatus>> | null;
  /** The failure that stopped it, if one did; null while it runs, and after `stop`. */
  readonly failure: Error | null;
}

/**
 * The server of a state machine: `ServerOf<typeof counter>` for what makes one, or for the machine.
 */
export type ServerOf<Source> = Source extends (...given: never) => infer Made
  ? ServerOf<Made>
  : Source extends StateMachine<infer Command, infer Result, infer Query, infer Answer>
    ? Server<Command, Result, Query, Answer>
    : never;

/**
 * One running server of a cluster, and all that can be asked of it. Without types it is any server,
 * whatever its state machine.
 */
export interface Server<
  // biome-ignore lint/suspicious/noExplicitAny: of any commands.
  Command = any,
  Result = ResultOf<Command>,
  // biome-ignore lint/suspicious/noExplicitAny: of any queries.
  Query = any,
  Answer = ResultOf<Query>,
> {
  readonly id: ServerId;
  /**
   * Settles with one of three outcomes; never rejects for anything the protocol can do. The result
   * has the type of that command, where the state machine's types tell one from another.
   * @throws TypeError for misuse: a command the codec refuses, say.
   */
  propose<Type = string>(
    command: Given<Command, Type>,
    options?: ProposeOptions,
  ): Promise<Outcome<AnswerTo<Command, Type, Result>>>;
  /**
   * Reads the state machine, without an entry in the log: at the leader, once a majority has
   * confirmed that it still leads (§8; thesis §6.4), unless it may be `stale`. Never rejects for
   * anything the protocol can do.
   */
  query<Type = string>(
    query: Given<Query, Type>,
    options?: QueryOptions,
  ): Promise<Outcome<AnswerTo<Query, Type, Answer>>>;
  /**
   * Numbers and repeats commands by itself, so that each takes effect exactly once.
   * @throws TypeError for an owner that is not valid.
   */
  session(options?: SessionOptions): Session<Command, Result>;
  /**
   * Opens a session (§8), by an entry in the log: its commands take effect at most once each. For
   * clients that number their commands themselves; `session` does so for its caller.
   */
  openSession(options?: OpenSessionOptions): Promise<Outcome<OpenedSession>>;
  /** Ends a session, by an entry in the log; one that is gone already is no error. */
  closeSession(session: LogIndex, options?: CallOptions): Promise<Outcome<null>>;
  /**
   * The owner of a session: '' when it has none, null when there is no such session. It never changes,
   * so a server that knows the session answers at once; any other asks as for a linearizable query, so
   * that a session that was just opened is found.
   */
  sessionOwner(session: LogIndex, options?: CallOptions): Promise<Outcome<string | null>>;
  /**
   * Takes a snapshot of what is applied and compacts the log, as the server does by itself when enough
   * was applied (§7). Does nothing while one is being taken, or when nothing was applied since the last.
   */
  takeSnapshot(): void;
  /** How it stands now; answered from memory, also after it has ended. */
  status(): Status;
  /** Its figures at this moment. Gathered when asked for: keeping them costs nothing. */
  metrics(): readonly Metric[];
  /** Whether it can serve, by the checks of the command's `/readyz`. */
  readiness(): Readiness;
  /**
   * Each emits its present value first. However the server ends, by `stop` or by a failure, they
   * complete: the role with `stopped`, the leader with null; later subscribers get just that.
   */
  readonly role$: Observable<ServerRole>;
  /** The leader this server hears from, or itself; null while there is none. */
  readonly leader$: Observable<ServerId | null>;
  /** The index of the last entry that the state machine has applied. */
  readonly applied$: Observable<LogIndex>;
  /**
   * Emits once, when a failure stops the server: a disk that does not write, a broken invariant.
   * Ends without a value when it was stopped on purpose.
   */
  readonly failed$: Observable<Error>;
  /**
   * XState's inspection events of the server machine and its replication actors; every actor there
   * is and its snapshot first, the end of the server last. Costs nothing until it is subscribed to,
   * and then makes every event slower.
   */
  readonly inspect$: Observable<InspectionEvent>;
  /** Why it decides what it decides, as data; recorded only while somebody subscribes. */
  readonly facts$: Observable<Fact>;
  /** Refuses what is new, settles what is pending, hands over leadership, syncs. Idempotent. */
  stop(): Promise<void>;
}

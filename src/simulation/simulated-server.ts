/** A server of a simulation as tests hold it: what a server can do, and what can be done to it. */

import type { LogIndex, ServerId } from '../../machines/rules/entries.ts';
import { invariant } from '../../machines/rules/invariant.ts';
import { Log } from '../../machines/rules/log.ts';
import type { ServerState } from '../../machines/rules/state.ts';
import type { ServerSnapshot } from '../../machines/server.ts';
import type { Outcome } from '../ports/outcome.ts';
import type {
  CallOptions,
  OpenedSession,
  OpenSessionOptions,
  ProposeOptions,
  QueryOptions,
  Server,
  ServerRole,
  Status,
} from '../ports/server.ts';
import type { AnswerTo, Given } from '../ports/typed-calls.ts';
import type { FailedWrite, SimulatedDisk } from './disk.ts';
import { ServerRun, type SharedEnvironment, STOPPED } from './server-run.ts';
import type { RunningTimer } from './timers.ts';

/**
 * One server of a simulation: what a server can do, and what can be done to it, such as a crash.
 */
export class SimulatedServer<C, R, Q, A> {
  readonly id: ServerId;
  readonly disk: SimulatedDisk;
  readonly #environment: SharedEnvironment<C, R, Q, A>;
  #run: ServerRun<C, R, Q, A> | null = null;
  #runs = 0;

  constructor(id: ServerId, disk: SimulatedDisk, environment: SharedEnvironment<C, R, Q, A>) {
    this.id = id;
    this.disk = disk;
    this.#environment = environment;
    this.#start();
  }

  /** Whether it is up: neither crashed nor failed. */
  get isRunning(): boolean {
    return this.#run !== null && this.#run.failure === null;
  }

  /** Whether its process is stopped, as by SIGSTOP. */
  get isStopped(): boolean {
    return this.#run?.process.isStopped ?? false;
  }

  /** The server machine's snapshot, with its replication actors; null while it is down. */
  get snapshot(): ServerSnapshot | null {
    return this.isRunning ? (this.#run?.root?.getSnapshot() ?? null) : null;
  }

  /** The protocol's state after its last step; null while it is down. */
  get state(): ServerState | null {
    return this.isRunning ? (this.#run?.state ?? null) : null;
  }

  /** What stopped it, or kept it from starting. */
  get failure(): Error | null {
    return this.#run?.failure ?? null;
  }

  /** The power fails. What becomes of the write under way is random, unless `leaving` says it. */
  crash(leaving?: FailedWrite): void {
    if (this.#run === null) return;
    this.#note('crashes');
    this.#run.end();
    this.#run = null;
    this.disk.crash(leaving);
    this.#environment.referee.onCrash(this.id);
  }

  /** Starts it again from its disk; crashes it first if it runs. */
  restart(): void {
    this.crash();
    this.#note('restarts');
    this.#environment.referee.onStart(this.id);
    this.#start();
  }

  /** As by SIGSTOP: it does nothing while time goes on. */
  stop(): void {
    this.#note('is stopped');
    this.#run?.process.stop();
  }

  /** As by SIGCONT: what it has missed comes in at once, on a clock that has jumped. */
  resume(): void {
    this.#note('resumes');
    this.#run?.process.resume();
  }

  /** As by SIGTERM: settles what is pending, hands over leadership, and is gone. */
  async shutDown(): Promise<void> {
    const run = this.#run;
    if (run === null) return;
    this.#note('shuts down');
    await run.shutDown();
    if (this.#run !== run) return;
    this.#run = null;
    this.#environment.referee.onCrash(this.id);
  }

  /**
   * The statechart delays that are running, the server machine's own first; none while it is down.
   * @throws TypeError unless the cluster was made with `followsTimers`
   */
  timers(): readonly RunningTimer[] {
    if (this.#environment.options.followsTimers) return this.#run?.timers ?? [];
    throw new TypeError('Timers are not followed here: make the cluster with followsTimers: true');
  }

  /** @internal To be called at the end of every instant. */
  followTimers(): void {
    this.#run?.followTimers();
  }

  /** Its election timer runs out now; a leader has none. */
  timeOut(): void {
    this.#note('is timed out');
    this.#run?.timeOut();
  }

  /** From now on its clock gains or loses: 1.1 gains a tenth. */
  setClockRate(rate: number): void {
    this.#note(`has a clock of rate ${rate}`);
    this.#run?.process.setRate(rate);
  }

  /** Its next write fails, and leaves nothing, everything or a torn record. */
  failNextWrite(leaving?: FailedWrite): void {
    this.#note('will fail its next write');
    this.disk.failNextWrite(leaving);
  }

  /** As `Server.propose`. */
  propose<Type = string>(
    command: Given<C, Type>,
    options?: ProposeOptions,
  ): Promise<Outcome<AnswerTo<C, Type, R>>> {
    return this.#call((server) => server.propose(command, options));
  }

  /** As `Server.query`. */
  query<Type = string>(
    query: Given<Q, Type>,
    options?: QueryOptions,
  ): Promise<Outcome<AnswerTo<Q, Type, A>>> {
    return this.#call((server) => server.query(query, options));
  }

  /** As `Server.openSession`. */
  openSession(options?: OpenSessionOptions): Promise<Outcome<OpenedSession>> {
    return this.#call((server) => server.openSession(options));
  }

  /** As `Server.closeSession`. */
  closeSession(session: LogIndex, options?: CallOptions): Promise<Outcome<null>> {
    return this.#call((server) => server.closeSession(session, options));
  }

  /** As `Server.sessionOwner`. */
  sessionOwner(session: LogIndex, options?: CallOptions): Promise<Outcome<string | null>> {
    return this.#call((server) => server.sessionOwner(session, options));
  }

  /** As `Server.takeSnapshot`. */
  takeSnapshot(): void {
    const run = this.#run;
    run?.process.enter(() => run.server?.takeSnapshot());
  }

  /** Its role; `stopped` while it is down. */
  role(): ServerRole {
    return this.isRunning ? (this.#run?.role ?? 'follower') : 'stopped';
  }

  /** As it stands in memory; while the server is down, as it stands on its disk. */
  log(): Log {
    if (this.state !== null) return this.state.log;
    const { durable } = this.disk;
    return Log.from(durable?.base ?? this.#environment.base, durable?.entries ?? []);
  }

  /** While it is down: what its disk would let it start with. */
  status(): Status {
    const running = this.#run?.server?.status();
    if (running !== undefined && this.isRunning) return running;
    const { durable } = this.disk;
    const snapshotIndex = durable?.snapshot?.index ?? 0;
    return {
      id: this.id,
      clusterId: this.#environment.clusterId,
      role: 'stopped',
      term: durable?.term ?? 0,
      leader: null,
      leaderClientAddress: null,
      isReady: false,
      commitIndex: snapshotIndex,
      appliedIndex: snapshotIndex,
      lastLogIndex: this.log().lastIndex,
      snapshotIndex,
      uptimeMs: 0,
      members: this.log().configuration.servers.map((member) => ({ ...member, clientAddress: '' })),
      peerSecurity: null,
      quota: { storedBytes: null, storedBytesMax: null },
      snapshotsInstalled: 0,
      commandsFailed: 0,
      comparison: null,
      divergence: null,
      writes: { count: 0, entries: 0, totalMs: 0, underWay: null },
      warnings: [],
      followers: null,
      failure: this.failure,
    };
  }

  #call<Result>(
    make: (server: Server<C, R, Q, A>) => Promise<Outcome<Result>>,
  ): Promise<Outcome<Result>> {
    return this.#run?.call(make) ?? Promise.resolve(STOPPED);
  }

  #start(): void {
    invariant(this.#run === null, 'a server has one run at a time');
    this.#runs += 1;
    const random = this.#environment.random.fork(`${this.id}/life ${this.#runs}`);
    this.#run = new ServerRun(this.id, this.disk, random, this.#environment);
  }

  #note(what: string): void {
    this.#environment.trace.add(this.id, what);
  }
}

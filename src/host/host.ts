/**
 * One server: the machine against the ports (Figure 2 as a running thing). The machine decides and
 * emits effects; the host carries them out in the order of design's durability rules, and tells the
 * machine what became of them. It arms no timer of the protocol and asks for no role.
 */
import { createActor } from 'xstate';
import { BehaviorSubject, ReplaySubject, type Subscription } from 'rxjs';
import { plainData } from '#formats/plain-data';
import type { HostEvent } from '#machines/vocabulary';
import { roleOf, type ServerMachine, type ServerSnapshot } from '#machines/server';
import type { Clock } from '#ports/clock';
import type { Outcome } from '#ports/outcome';
import type { Random } from '#ports/random';
import type {
  CallOptions,
  OpenedSession,
  ProposeOptions,
  QueryOptions,
  Role,
  Server,
  Status,
} from '#ports/server';
import type { StateMachine } from '#ports/state-machine';
import type { Storage, Stored } from '#ports/storage';
import type { Transport } from '#ports/transport';
import type { Effect } from '#rules/effects';
import { type LogIndex, NO_BYTES, type Proposal, type ServerId } from '#rules/entries';
import { Log, type LogBase } from '#rules/log';
import { assertTiming, type Parameters } from '#rules/parameters';
import type { ServerState } from '#rules/state';
import { Applier } from './applier.ts';
import { Calls, refusal } from './calls.ts';
import { ClockShare, DEFAULT_MACHINE, withChance } from './delays.ts';
import { StartError } from './errors.ts';
import { GroupCommit } from './group-commit.ts';
import { Outbox } from './outbox.ts';
import { Queries } from './queries.ts';
import { SessionTable } from './session-table.ts';
import { SnapshotDesk } from './snapshot-desk.ts';
import { Contacts, statusOf } from './status.ts';

const TIMEOUT_MS = 10_000;

/** What happened, for logs, traces and referees. Nobody may act on the server from here. */
export interface HostObserver {
  readonly onEvent?: (event: HostEvent) => void;
  readonly onEffect?: (effect: Effect) => void;
  readonly onState?: (state: ServerState, snapshot: ServerSnapshot) => void;
  readonly onWarning?: (message: string) => void;
}

// biome-ignore lint/suspicious/noExplicitAny: a state machine of any four types will do.
export interface HostOptions<Machine extends StateMachine<any, any, any, any> = StateMachine> {
  readonly id: ServerId;
  readonly clusterId: string;
  /** Where clients reach this server; '' when nowhere. */
  readonly clientAddress?: string;
  /** What an empty storage is initialised with; null: an empty storage is an error. */
  readonly base: LogBase | null;
  readonly storage: Storage;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: Random;
  readonly stateMachine: () => Machine;
  readonly parameters: Parameters;
  /** Runs the callback at the end of this turn: microtasks by default, `setImmediate` on Node.js. */
  readonly defer?: (callback: () => void) => void;
  /** The server machine, or one with parts replaced. */
  readonly machine?: ServerMachine;
  readonly observer?: HostObserver;
}

/**
 * Starts one server.
 * @throws StorageError when the storage is damaged, foreign or in use.
 * @throws StartError when the storage is empty and may not be bootstrapped.
 * @throws TypeError for timing that cannot work.
 */
// biome-ignore lint/suspicious/noExplicitAny: a state machine of any four types will do.
export async function startHost<C, R, Q, A>(
  options: HostOptions<StateMachine<C, R, Q, A>>,
): Promise<Server<C, R, Q, A>> {
  assertTiming(options.parameters.timing);
  const stored = await loadOrInitialise(options);
  const host = new Host<C, R, Q, A>(options, stored);
  await host.start();
  return host;
}

type Bootstrap = Pick<HostOptions, 'id' | 'clusterId' | 'base' | 'storage'>;

async function loadOrInitialise({ id, clusterId, base, storage }: Bootstrap): Promise<Stored> {
  const identity = { clusterId, serverId: id };
  const stored = await storage.load(identity);
  if (stored !== null) return stored;
  if (base !== null) return storage.initialise(identity, base);
  await storage.close();
  throw new StartError(
    `Server ${id} has no data, and was not asked to bootstrap. If this is the first start of the whole ` +
      `cluster, start every server with bootstrap. If ${id} has lost its data, do not: it may have ` +
      'voted and acknowledged entries, and would do so a second time. Restore its directory, or ' +
      'replace it by a server of another name.',
  );
}

class Host<C, R, Q, A> implements Server<C, R, Q, A> {
  readonly id: ServerId;
  readonly role$: BehaviorSubject<Role>;
  readonly leader$: BehaviorSubject<ServerId | null>;
  readonly applied$ = new BehaviorSubject<LogIndex>(0);
  readonly failed$ = new ReplaySubject<Error>(1);

  readonly #options: HostOptions<StateMachine<C, R, Q, A>>;
  readonly #clock: ClockShare;
  readonly #stored: Stored;
  readonly #stateMachine: StateMachine<C, R, Q, A>;
  readonly #actor;
  readonly #commit: GroupCommit;
  readonly #outbox: Outbox;
  readonly #calls: Calls;
  readonly #queries: Queries;
  readonly #applier: Applier;
  readonly #desk: SnapshotDesk;
  readonly #contacts: Contacts;
  readonly #commands;
  readonly #subscriptions: Subscription[] = [];
  readonly #startedAt: number;
  #state: ServerState;
  #durable: number;
  #isStopping = false;
  #isStopped = false;
  #failure: Error | null = null;
  #stop: Promise<void> | null = null;

  constructor(options: HostOptions<StateMachine<C, R, Q, A>>, stored: Stored) {
    const { id, parameters, random, storage, transport, machine = DEFAULT_MACHINE } = options;
    const { defer = queueMicrotask } = options;
    this.id = id;
    this.#options = options;
    this.#stored = stored;
    this.#durable = stored.writeNumber;
    this.#clock = new ClockShare(options.clock);
    this.#startedAt = this.#clock.now();
    this.#stateMachine = options.stateMachine();
    const clock = this.#clock;
    const stateMachine = this.#stateMachine as StateMachine;
    const { commands = plainData(), results = plainData('result') } = stateMachine;
    this.#commands = commands;
    const sessions = new SessionTable();
    const onFailed = (error: unknown) => this.#fail(error);

    const log = Log.from(stored.base, stored.entries);
    this.#actor = createActor(withChance(machine, parameters.timing, random), {
      input: { id, parameters, stored: { ...stored, log } },
      clock,
    });
    this.#state = this.#actor.getSnapshot().context;
    this.role$ = new BehaviorSubject<Role>('follower');
    this.leader$ = new BehaviorSubject<ServerId | null>(null);
    this.#contacts = new Contacts(clock);
    this.#outbox = new Outbox((message) => transport.send(message), stored.writeNumber);
    this.#commit = new GroupCommit({
      write: (batch) => storage.write(batch),
      onDurable: (number) => this.#noteDurable(number),
      onFailed,
    });
    this.#calls = new Calls({
      clock,
      defer,
      propose: (batch, proposals) =>
        this.#tell({ type: 'client.proposed', batch, now: clock.now(), proposals }),
      graceMs: parameters.timing.electionTimeoutMaxMs,
    });
    this.#queries = new Queries({
      clock,
      defer,
      ask: (read) => this.#tell({ type: 'client.queried', reads: [read] }),
      whenApplied: (index, callback) => this.#applier.whenApplied(index, callback),
    });
    this.#applier = new Applier({
      stateMachine,
      commands,
      results,
      sessions,
      calls: this.#calls,
      leader: () => this.#state.leaderId,
      defer,
      onApplied: (index) => this.#noteApplied(index),
      onFailed,
    });
    const pause = () => new Promise<void>((resolve) => defer(resolve));
    this.#desk = new SnapshotDesk({ id, storage, stateMachine, sessions, pause, onFailed });
  }

  async start(): Promise<void> {
    const { transport, clusterId, clientAddress = '', observer } = this.#options;
    for (const warning of this.#stored.warnings) observer?.onWarning?.(warning);
    this.#actor.on('*', (effect) => this.#carryOut(effect));
    this.#actor.subscribe({
      next: (snapshot) => this.#observe(snapshot),
      error: (error) => this.#fail(error),
    });
    this.#actor.start();
    this.#catchUp();
    this.#subscriptions.push(
      transport.received$.subscribe((message) => {
        this.#contacts.heard(message.from);
        this.#tell({ type: 'rpc.received', message });
      }),
      transport.connections$.subscribe((change) => {
        this.#contacts.changed(change);
        if (!change.isConnected) this.#tell({ type: 'connection.lost', peer: change.peer });
      }),
    );
    try {
      await transport.open({
        clusterId,
        serverId: this.id,
        storageId: this.#stored.storageId,
        writeNumber: () => this.#durable,
        clientAddress,
      });
    } catch (error) {
      await this.#shutDown();
      throw error;
    }
  }

  /** What a restart has before any leader speaks: the snapshot, and what is known to be committed. */
  #catchUp(): void {
    const { snapshot, commitIndex, lastApplied, log } = this.#state;
    if (snapshot !== null) {
      this.#applier.restore({ snapshot, restore: this.#desk.restoring(snapshot) });
    }
    if (commitIndex > lastApplied) this.#applier.apply(log.slice(lastApplied + 1, commitIndex));
  }

  #tell(event: HostEvent): void {
    if (this.#isStopped) return;
    this.#options.observer?.onEvent?.(event);
    this.#actor.send(event);
  }

  #observe(snapshot: ServerSnapshot): void {
    if (this.#isStopped) return;
    this.#state = snapshot.context;
    this.#options.observer?.onState?.(snapshot.context, snapshot);
    const role = roleOf(snapshot);
    if (role !== this.role$.value) this.role$.next(role);
    const { leaderId } = snapshot.context;
    if (leaderId !== this.leader$.value) this.leader$.next(leaderId);
  }

  /** A listener that throws would let later effects run: the first failure stops the server. */
  #carryOut(effect: Effect): void {
    if (this.#isStopped) return;
    try {
      this.#options.observer?.onEffect?.(effect);
      this.#perform(effect);
    } catch (error) {
      this.#fail(error);
    }
  }

  #perform(effect: Effect): void {
    switch (effect.type) {
      case 'persist':
        return this.#commit.add(effect);
      case 'send':
        return this.#outbox.add(effect);
      case 'apply':
        return this.#applier.apply(effect.entries);
      case 'track':
        return this.#calls.track(effect);
      case 'refuse':
        return this.#calls.refuse(effect);
      case 'answerReads':
        return this.#queries.answer(effect);
      case 'refuseReads':
        return this.#queries.refuse(effect);
      case 'takeSnapshot':
        return this.#takeSnapshot();
      case 'restore':
        return this.#applier.restore({
          snapshot: effect.snapshot,
          restore: this.#desk.restoring(effect.snapshot),
        });
      case 'storeChunk':
        return this.#desk.store(
          effect,
          (stored) => this.#tell({ type: 'chunk.stored', ...stored }),
          () => this.#tell({ type: 'chunk.rejected', snapshotId: effect.snapshot.id, number: effect.number }),
        );
      case 'sendChunk':
        return this.#desk.send(effect, (message) => {
          if (!this.#isStopped) this.#options.transport.send(message);
        });
      case 'discardSnapshot':
        return this.#desk.discard(effect.snapshotId);
      case 'resign':
        this.#desk.closeReaders();
        return this.#calls.leadershipLost(effect.term);
      case 'warn':
        return this.#options.observer?.onWarning?.(effect.message);
    }
  }

  /** What waited for the write goes out first; what the machine makes of it comes behind. */
  #noteDurable(number: number): void {
    this.#durable = number;
    this.#outbox.release(number);
    this.#tell({ type: 'storage.persisted', number, now: this.#clock.now() });
  }

  #noteApplied(index: LogIndex): void {
    this.applied$.next(index);
    this.#tell({ type: 'entries.applied', index });
  }

  /** Between two batches, which is when the machine asks for it. */
  #takeSnapshot(): void {
    const { index, term, time } = this.#applier.last;
    const configuration = this.#state.log.configurationAt(index);
    this.#desk.take({ index, term, time, configuration }, (snapshot) =>
      this.#tell({ type: 'snapshot.taken', snapshot }),
    );
  }

  propose(command: C, { session, ...options }: ProposeOptions = {}): Promise<Outcome<R>> {
    let bytes: Uint8Array;
    try {
      bytes = this.#commands.encode(command);
    } catch (error) {
      return Promise.reject(error);
    }
    const proposal: Proposal = { type: 'command', bytes, ...session };
    return this.#call(proposal, options) as Promise<Outcome<R>>;
  }

  openSession(options: CallOptions = {}): Promise<Outcome<OpenedSession>> {
    const proposal: Proposal = { type: 'openSession', bytes: NO_BYTES };
    return this.#call(proposal, options) as Promise<Outcome<OpenedSession>>;
  }

  closeSession(session: LogIndex, options: CallOptions = {}): Promise<Outcome<null>> {
    const proposal: Proposal = { type: 'closeSession', bytes: NO_BYTES, session };
    return this.#call(proposal, options) as Promise<Outcome<null>>;
  }

  async #call(proposal: Proposal, options: CallOptions): Promise<Outcome<unknown>> {
    const { commandBytesMax } = this.#options.parameters;
    if (this.#isStopping) return refusal('stopped', this.#state.leaderId);
    if (proposal.bytes.byteLength > commandBytesMax) return refusal('too-large', this.#state.leaderId);
    return this.#calls.add(proposal, options.timeoutMs ?? TIMEOUT_MS, options.signal);
  }

  async query(query: Q, options: QueryOptions = {}): Promise<Outcome<A>> {
    if (this.#isStopping) return refusal('stopped', this.#state.leaderId);
    const evaluate = (): Outcome<A> => {
      const { index, term } = this.#applier.last;
      return { outcome: 'applied', result: this.#stateMachine.query(query), index, term };
    };
    const { consistency = 'linearizable', timeoutMs = TIMEOUT_MS, signal } = options;
    if (consistency === 'linearizable') return this.#queries.add(evaluate, timeoutMs, signal);
    await new Promise<void>((resolve) => this.#applier.whenApplied(0, resolve));
    return evaluate();
  }

  status(): Status {
    return statusOf({
      id: this.id,
      clusterId: this.#options.clusterId,
      clientAddress: this.#options.clientAddress ?? '',
      snapshot: this.#actor.getSnapshot(),
      state: this.#state,
      appliedIndex: this.#applier.last.index,
      uptimeMs: Math.round(this.#options.clock.now() - this.#startedAt),
      contacts: this.#contacts,
      failure: this.#failure,
    });
  }

  stop(): Promise<void> {
    this.#stop ??= this.#stopGracefully();
    return this.#stop;
  }

  /** What is pending settles if it can; a leader hands over, so that nobody has to time out. */
  async #stopGracefully(): Promise<void> {
    this.#isStopping = true;
    const { electionTimeoutMaxMs, electionTimeoutMinMs } = this.#options.parameters.timing;
    await this.#within(electionTimeoutMaxMs, this.#calls.settled());
    this.#tell({ type: 'leadership.released' });
    await this.#within(electionTimeoutMinMs, this.#noLongerLeading());
    await this.#within(electionTimeoutMaxMs, this.#commit.flush());
    await this.#shutDown();
  }

  #noLongerLeading(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#state.leadership === null || this.#state.leadership.followers.length === 0) resolve();
      else this.#subscriptions.push(this.role$.subscribe((role) => role !== 'leader' && resolve()));
    });
  }

  #within(limitMs: number, done: Promise<unknown>): Promise<unknown> {
    let timer: unknown;
    const limit = new Promise<void>((resolve) => {
      timer = this.#clock.setTimeout(resolve, limitMs);
    });
    return Promise.race([done, limit]).finally(() => this.#clock.clearTimeout(timer));
  }

  /** Nothing of this server is observed afterwards: no message, no answer, no write. */
  #fail(error: unknown): void {
    if (this.#isStopped) return;
    this.#failure = error instanceof Error ? error : new Error(String(error));
    void this.#shutDown();
    this.failed$.next(this.#failure);
  }

  async #shutDown(): Promise<void> {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#isStopping = true;
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
    this.#calls.stop('stopped');
    this.#queries.stop();
    this.#applier.stop();
    this.#commit.close();
    this.#desk.closeReaders();
    this.#actor.stop();
    this.#clock.drop();
    const { transport, storage } = this.#options;
    await Promise.allSettled([transport.close(), storage.close()]);
  }
}

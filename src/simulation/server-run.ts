/** One run of a simulated server: a process, a transport and a host, until it crashes. */
import { take } from 'rxjs';
import type { AnyActorRef, InspectionEvent } from 'xstate';
import type { Effect } from '../../machines/rules/effects.ts';
import type { ServerId } from '../../machines/rules/entries.ts';
import type { LogBase } from '../../machines/rules/log.ts';
import type { Parameters } from '../../machines/rules/parameters.ts';
import type { ServerState } from '../../machines/rules/state.ts';
import { type Role, roleOf, type ServerSnapshot } from '../../machines/server.ts';
import { StartError, StorageError } from '../host/errors.ts';
import { startHost } from '../host/host.ts';
import type { Turns } from '../host/host-options.ts';
import type { Outcome } from '../ports/outcome.ts';
import type { Server } from '../ports/server.ts';
import type { StateMachine } from '../ports/state-machine.ts';
import type { Transport } from '../ports/transport.ts';
import { describeEffect, describeEvent } from './describe.ts';
import type { SimulatedDisk } from './disk.ts';
import { DiskHandle } from './disk-handle.ts';
import type { SimulatedNetwork } from './network.ts';
import type { SimulationOptions } from './options.ts';
import { ServerProcess } from './process.ts';
import type { SeededRandom } from './random.ts';
import type { Referee } from './referee.ts';
import type { StateComparer } from './state-comparer.ts';
import { type RunningTimer, scheduledFor, TimerTracker } from './timers.ts';
import type { Trace } from './trace.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** What all servers of a simulation share. */
export interface SharedEnvironment<C, R, Q, A> {
  readonly options: SimulationOptions<StateMachine<C, R, Q, A>>;
  readonly clock: VirtualClock;
  readonly random: SeededRandom;
  readonly network: SimulatedNetwork;
  readonly referee: Referee;
  readonly comparer: StateComparer;
  readonly trace: Trace;
  readonly clusterId: string;
  readonly base: LogBase;
  readonly parameters: Parameters;
  /** An error that no simulated fault explains: it ends the run. */
  readonly onBug: (id: ServerId, error: Error) => void;
}

/** The delays after which a server campaigns, or begins to doubt that there is a leader. */
const ELECTION_DELAYS = [
  'electionTimeout',
  'electionTimeoutMin',
  'electionTimeoutRest',
  'lostLeaderWait',
];

/** Slices have fewer entries than that where turns have a length. */
const SLICE_ENTRIES_END = 8;

type Settle = (outcome: Outcome<never>) => void;

export class ServerRun<C, R, Q, A> {
  readonly process: ServerProcess;
  readonly id: ServerId;
  readonly #environment: SharedEnvironment<C, R, Q, A>;
  readonly #transport: Transport;
  readonly #started: Promise<Server<C, R, Q, A> | null>;
  readonly #pending = new Set<Settle>();
  readonly #timers: TimerTracker;
  #root: AnyActorRef | null = null;
  server: Server<C, R, Q, A> | null = null;
  state: ServerState | null = null;
  role: Role = 'follower';
  /** What stopped it, or kept it from starting. */
  failure: Error | null = null;

  constructor(
    id: ServerId,
    disk: SimulatedDisk,
    random: SeededRandom,
    environment: SharedEnvironment<C, R, Q, A>,
  ) {
    this.id = id;
    this.#environment = environment;
    this.process = new ServerProcess(environment.clock);
    this.#timers = new TimerTracker((durationMs) => this.process.deadlineAfter(durationMs));
    this.#transport = environment.network.transport(id, this.process);
    this.#started = this.#start(disk, random);
  }

  async #start(disk: SimulatedDisk, random: SeededRandom): Promise<Server<C, R, Q, A> | null> {
    const { clusterId, base, parameters, comparer, options } = this.#environment;
    const { id, process } = this;
    try {
      const server = await startHost<C, R, Q, A>({
        id,
        clusterId,
        clientAddress: `client://${id}`,
        base,
        storage: new DiskHandle(disk, process),
        transport: this.#transport,
        clock: process,
        random,
        stateMachine: () => {
          const made = options.stateMachine();
          options.observer?.onStateMachine?.(id, made);
          return comparer.watched(id, made);
        },
        parameters,
        compareStatesEveryMs: options.compareStatesEveryMs ?? null,
        // As a turn of the event loop: other events may come in between, and a dead process has none.
        defer: (callback) => process.setTimeout(callback, 0),
        observer: this.#observer(),
        ...(options.machine && { machine: options.machine }),
        ...(options.interpreter && { interpreter: options.interpreter }),
        ...this.#turns(random.fork('turns')),
      });
      server.failed$.subscribe((error) => this.#noteFailure(error));
      this.server = server;
      return server;
    } catch (error) {
      this.#noteFailure(error instanceof Error ? error : new Error(String(error)));
      return null;
    }
  }

  /** Slices of a few entries and turns of some length, so that work interleaves often. */
  #turns(random: SeededRandom): { readonly turns?: Turns } {
    const { turnMsMax = 0 } = this.#environment.options;
    const longestMs = () => (typeof turnMsMax === 'function' ? turnMsMax() : turnMsMax);
    if (longestMs() === 0) return {};
    return {
      turns: {
        sliceEntriesMax: () => 1 + random.below(SLICE_ENTRIES_END),
        next: (callback) => this.process.setTimeout(callback, random.between(0, longestMs())),
      },
    };
  }

  #observer() {
    const { trace, referee, options } = this.#environment;
    const { observer, inspect } = options;
    const { id, process } = this;
    return {
      // What is received is in the trace as it arrives, what is sent as it leaves.
      onEvent: (event: { readonly type: string }) => {
        if (process.isAlive && event.type !== 'rpc.received') trace.add(id, describeEvent(event));
      },
      onEffect: (effect: Effect) => {
        if (!process.isAlive) return;
        referee.onEffect(id, effect);
        observer?.onEffect?.(id, effect);
        if (effect.type !== 'send' && effect.type !== 'explain')
          trace.add(id, describeEffect(effect));
      },
      onState: (state: ServerState, snapshot: ServerSnapshot) => {
        if (!process.isAlive) return;
        const role = roleOf(snapshot);
        if (role !== this.role || state.currentTerm !== this.state?.currentTerm) {
          trace.add(id, `is ${role} of t${state.currentTerm}`);
          observer?.onRole?.(id, role, state.currentTerm);
        }
        this.state = state;
        this.role = role;
        referee.onState(id, state, role);
        for (const follower in snapshot.children) {
          referee.onProgress(id, follower, snapshot.children[follower]?.getSnapshot().context);
        }
      },
      onWarning: (message: string) => {
        if (process.isAlive) trace.add(id, `warns: ${message}`);
      },
      ...(inspect && { onInspection: (event: InspectionEvent) => inspect(id, event) }),
    };
  }

  #noteFailure(error: Error): void {
    if (!this.process.isAlive) return;
    const { trace, referee, onBug } = this.#environment;
    this.failure = error;
    this.server = null;
    trace.add(this.id, `failed: ${error.message}`);
    referee.onStorageFailed(this.id);
    this.#settleAll();
    if (!(error instanceof StorageError) && !(error instanceof StartError)) onBug(this.id, error);
  }

  /** A call of a client, which enters the process like anything else. */
  call<Result>(
    invoke: (server: Server<C, R, Q, A>) => Promise<Outcome<Result>>,
  ): Promise<Outcome<Result>> {
    return new Promise((resolve, reject) => {
      const settle = (outcome: Outcome<Result>) => {
        this.#pending.delete(settle);
        resolve(outcome);
      };
      this.#pending.add(settle);
      const make = (server: Server<C, R, Q, A> | null) => {
        if (server === null || this.failure !== null) settle(STOPPED);
        else invoke(server).then(settle, reject);
      };
      this.process.enter(() => {
        if (this.server !== null) make(this.server);
        else this.#started.then(make);
      });
    });
  }

  /** The server machine as it runs; null before it does. */
  get root(): AnyActorRef | null {
    if (this.server === null) return null;
    if (this.#root === null) {
      this.server.inspect$.pipe(take(1)).subscribe(({ actorRef }) => {
        this.#root = actorRef as AnyActorRef;
      });
    }
    return this.#root;
  }

  get timers(): readonly RunningTimer[] {
    return this.server === null ? [] : this.#timers.timers;
  }

  /** To be called at the end of every instant by who wants to know the timers. */
  followTimers(): void {
    const { root } = this;
    if (root !== null) this.#timers.follow(root, this.#environment.clock.now());
  }

  /** The running election timer runs out now, and what is left of the timeout behind it. */
  timeOut(): void {
    this.process.enter(() => {
      const { root } = this;
      if (root !== null && this.role !== 'leader') this.#runOut(root);
    });
  }

  #runOut(root: AnyActorRef): void {
    const due = scheduledFor(root, ELECTION_DELAYS);
    if (due === undefined) return;
    root.send(due.event);
    if (due.event.type.includes('.electionTimeoutMin.')) this.#runOut(root);
  }

  async shutDown(): Promise<void> {
    const server = await this.#started;
    await server?.stop();
    this.end();
  }

  /** Nothing of it happens any more; the outcome of every pending call is unknown. */
  end(): void {
    this.process.kill();
    void this.#transport.close();
    this.server = null;
    this.#settleAll();
  }

  #settleAll(): void {
    for (const settle of [...this.#pending]) settle({ outcome: 'unknown', reason: 'stopped' });
  }
}

export const STOPPED: Outcome<never> = {
  outcome: 'refused',
  reason: 'stopped',
  leader: null,
  retry: true,
};

/** The same machines and the same host as everywhere else, in a world that a seed decides. */

import { bootstrapConfiguration } from '../../machines/rules/configuration.ts';
import type { ServerId } from '../../machines/rules/entries.ts';
import { firstBase } from '../../machines/rules/log.ts';
import type { Message } from '../../machines/rules/messages.ts';
import { clusterIdOf } from '../formats/cluster-id.ts';
import type { StateMachine } from '../ports/state-machine.ts';
import type { Cuts } from './connectivity.ts';
import { describeMessage } from './describe.ts';
import { drainMicrotasks } from './drain-microtasks.ts';
import { NotReached, ServerFailed } from './failed-run.ts';
import type { Groups } from './faults.ts';
import type { Flight } from './flights.ts';
import { SimulatedNetwork } from './network.ts';
import {
  DEFAULT_LATENCY,
  idsOf,
  parametersOf,
  type SimulationOptions,
  TRACE_LINES_MAX,
} from './options.ts';
import { diskOf } from './prepared-disk.ts';
import { SeededRandom } from './random.ts';
import { Referee } from './referee.ts';
import type { SharedEnvironment } from './server-run.ts';
import { SimulatedServer } from './simulated-server.ts';
import { StateComparer } from './state-comparer.ts';
import { Trace } from './trace.ts';
import { VirtualClock } from './virtual-clock.ts';

const TAIL_LINES = 40;

/** How long to run: for a duration, or until a condition holds, which it must within a time. */
export type RunLimit<Cluster> =
  | { readonly forMs: number }
  | { readonly until: (cluster: Cluster) => boolean; readonly withinMs: number };

/** A whole cluster in virtual time, as its seed decides; a referee looks at every step. */
export class SimulatedCluster<C, R, Q, A> {
  readonly ids: readonly ServerId[];
  readonly clock = new VirtualClock();
  readonly random: SeededRandom;
  readonly referee: Referee;
  readonly #trace: Trace;
  readonly #network: SimulatedNetwork;
  readonly #servers: ReadonlyMap<ServerId, SimulatedServer<C, R, Q, A>>;
  readonly #seed: string;
  readonly #followsTimers: boolean;
  #bug: Error | null = null;
  #running: Promise<unknown> = Promise.resolve();

  constructor(options: SimulationOptions<StateMachine<C, R, Q, A>>) {
    const { seed, traceLinesMax = TRACE_LINES_MAX, latency = DEFAULT_LATENCY } = options;
    this.#seed = String(seed);
    this.#followsTimers = options.followsTimers ?? false;
    this.ids = idsOf(options.servers);
    this.random = new SeededRandom(seed);
    this.#trace = new Trace(this.clock, traceLinesMax);
    this.referee = new Referee(this.ids, () => ({
      seed: this.#seed,
      nowMs: this.clock.now(),
      trace: this.#trace.tail(TAIL_LINES),
    }));
    this.#network = new SimulatedNetwork({
      clock: this.clock,
      random: this.random.fork('network'),
      latency,
      link: options.link,
      areCrashesNoticed: options.areCrashesNoticed ?? true,
      observer: {
        onSend: (message) => {
          this.#trace.add(message.from, `▸ ${describeMessage(message)}`);
          this.referee.onSend(message);
        },
        onArrival: (message) => {
          this.#trace.add(message.to, `◂ ${describeMessage(message)}`);
          options.observer?.onArrival?.(message);
        },
        onDeliveryEnd: (flight, outcome) => options.observer?.onDeliveryEnd?.(flight, outcome),
      },
    });
    const environment = this.#environment(options);
    this.#servers = new Map(
      this.ids.map((id) => [id, new SimulatedServer(id, diskOf(id, environment), environment)]),
    );
  }

  /**
   * Lets virtual time pass. Runs that are asked for while one is under way follow it.
   * @throws PropertyViolation when an invariant falls; NotReached when `until` stays false.
   */
  run(run: RunLimit<this>): Promise<void> {
    return this.#afterwards(() => this.#run(run));
  }

  /** Fires the next timer only, with all that follows at that instant; false when there is none. */
  step(): Promise<boolean> {
    return this.#afterwards(() => this.#step());
  }

  /** Until everything that was asked for at this instant has been done; no time passes. */
  settle(): Promise<void> {
    return this.#afterwards(() => this.#drainMicrotasks());
  }

  /** Runs until the promise settles, and gives what it settles with. */
  async settled<Result>(promise: Promise<Result>, withinMs = 30_000): Promise<Result> {
    let isSettled = false;
    const settled = () => {
      isSettled = true;
    };
    promise.then(settled, settled);
    await this.run({ until: () => isSettled, withinMs });
    return promise;
  }

  /** The server of that id. @throws TypeError when there is none. */
  at(id: ServerId): SimulatedServer<C, R, Q, A> {
    const server = this.#servers.get(id);
    if (server !== undefined) return server;
    throw new TypeError(`There is no server ${id}; there are ${this.ids.join(', ')}`);
  }

  get servers(): readonly SimulatedServer<C, R, Q, A>[] {
    return [...this.#servers.values()];
  }

  /** The running leader of the newest term; null while nobody leads. */
  leader(): ServerId | null {
    const leaders = this.servers.filter((server) => server.role() === 'leader');
    const termOf = (server: SimulatedServer<C, R, Q, A>) => server.state?.currentTerm ?? 0;
    return leaders.sort((a, b) => termOf(b) - termOf(a))[0]?.id ?? null;
  }

  /** No message passes between the groups. Servers in no group form one more group. */
  partition(...groups: Groups): void {
    this.#change(`partition ${groups.map((group) => group.join(',')).join(' | ')}`, () =>
      this.#network.connectivity.partition(groups),
    );
  }

  /** Cuts one server off from all others. */
  disconnect(id: ServerId): void {
    this.#change(`${id} is disconnected`, () => this.#network.connectivity.disconnect(id));
  }

  /** Everything from and to this server arrives again. */
  connect(id: ServerId): void {
    this.#change(`${id} is connected`, () => this.#network.connectivity.connect(id));
  }

  /** Cuts one direction. */
  block(from: ServerId, to: ServerId): void {
    this.#change(`${from}→${to} is blocked`, () => this.#network.connectivity.block(from, to));
  }

  /** Restores one direction that was blocked. */
  unblock(from: ServerId, to: ServerId): void {
    this.#change(`${from}→${to} is restored`, () => this.#network.connectivity.unblock(from, to));
  }

  /** What is cut just now. */
  cuts(): Cuts {
    return this.#network.connectivity.cuts;
  }

  /** Everybody reaches everybody again. */
  heal(): void {
    this.#change('heals', () => this.#network.connectivity.heal());
  }

  /** Messages on their way, in the order they were sent. */
  inFlight(): readonly Flight[] {
    return this.#network.flights.list();
  }

  /** Loses the message of that number on its way; false when there is none. */
  drop(number: number): boolean {
    const message = this.#network.flights.drop(number);
    if (message !== null) this.#trace.add('·', `loses ${describeMessage(message)}`);
    return message !== null;
  }

  /** Delivers a message that no server sends: an old one again, or a forged one. */
  inject(message: Message): void {
    this.#change(`injects ${describeMessage(message)}`, () => this.#network.inject(message));
  }

  /** A line per event, as many as are kept. */
  trace(): string {
    return this.#trace.text();
  }

  /** How many lines the trace has had. */
  get traceLength(): number {
    return this.#trace.count;
  }

  /** Of the whole trace: the same for the same seed and the same script, anywhere. */
  hash(): string {
    return this.#trace.hash();
  }

  async #run(run: RunLimit<this>): Promise<void> {
    const { clock } = this;
    const durationMs = 'forMs' in run ? run.forMs : run.withinMs;
    const end = clock.now() + durationMs;
    const until = 'until' in run ? run.until : null;
    await this.#drainMicrotasks();
    while (until?.(this) !== true && clock.fireNext(end)) await this.#drainMicrotasks();
    if (until === null) clock.advanceTo(end);
    else if (!until(this)) {
      const what = `The condition did not hold within ${durationMs} ms of virtual time`;
      throw new NotReached(`${what}\n${this.#report()}`);
    }
    this.referee.auditIfDue();
    this.#throwIfBroken();
  }

  async #step(): Promise<boolean> {
    await this.#drainMicrotasks();
    const isFired = this.clock.fireNext();
    if (isFired) await this.#drainMicrotasks();
    return isFired;
  }

  #afterwards<Result>(task: () => Promise<Result>): Promise<Result> {
    const next = this.#running.then(task);
    this.#running = next.catch(() => undefined);
    return next;
  }

  async #drainMicrotasks(): Promise<void> {
    await drainMicrotasks();
    if (this.#followsTimers) for (const server of this.servers) server.followTimers();
    this.#throwIfBroken();
  }

  /** What a reader needs to reproduce a failure. */
  #report(): string {
    return (
      `seed ${this.#seed}, at ${this.clock.now()} ms of virtual time\n\n` +
      `${this.referee.stateTable()}\n\nthe last lines of the trace:\n${this.#trace.tail(TAIL_LINES)}`
    );
  }

  #throwIfBroken(): void {
    if (this.referee.violation !== null) throw this.referee.violation;
    if (this.#bug !== null) throw this.#bug;
  }

  #change(what: string, change: () => void): void {
    this.#trace.add('·', what);
    change();
    this.#network.connections.settle();
  }

  #environment(
    options: SimulationOptions<StateMachine<C, R, Q, A>>,
  ): SharedEnvironment<C, R, Q, A> {
    const addresses = Object.fromEntries(this.ids.map((id) => [id, `simulated://${id}`]));
    return {
      clock: this.clock,
      random: this.random,
      network: this.#network,
      referee: this.referee,
      comparer: new StateComparer(this.referee.violate),
      trace: this.#trace,
      clusterId: clusterIdOf('simulation', this.ids),
      base: firstBase(bootstrapConfiguration(addresses)),
      parameters: parametersOf(options),
      options,
      onBug: (id, error) => {
        const sentence = `server ${id} failed: ${error.message}`;
        this.#bug ??= new ServerFailed(sentence, this.#report(), error);
      },
    };
  }
}

/**
 * A cluster in virtual time.
 *
 * @example
 * const cluster = simulate({ seed: 7, servers: 5, stateMachine: keyValue });
 * await cluster.run({ until: () => cluster.leader() !== null, withinMs: 5_000 });
 */
export function simulate<C, R, Q, A>(
  options: SimulationOptions<StateMachine<C, R, Q, A>>,
): SimulatedCluster<C, R, Q, A> {
  return new SimulatedCluster<C, R, Q, A>(options);
}

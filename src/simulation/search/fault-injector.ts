/** Carries out the steps of a plan that are not calls of clients. */

import { HEALTHY_DISK } from '../disk.ts';
import { BrokenGuarantee } from './guarantees.ts';
import type { PlannedFault } from './plan.ts';
import { coreOf } from './settings.ts';
import type { AnyRunContext } from './subject.ts';

type Cluster = AnyRunContext['cluster'];
type Server = Cluster['servers'][number];
type Crash = Extract<PlannedFault, { readonly do: 'crash' }>;
type FaultOfServer = Extract<PlannedFault, { readonly who: string }>;

const WAIT_FOR_WRITE_MS = 60;

export class FaultInjector {
  readonly #context: AnyRunContext;
  readonly #cluster: Cluster;
  readonly #rates = new Map<string, number>();
  /** Who is shutting down, and is not started again yet. */
  readonly #stopping = new Set<string>();
  /** Crashes that wait for their server's next write. */
  readonly #armed = new Map<string, () => void>();

  constructor(context: AnyRunContext) {
    this.#context = context;
    this.#cluster = context.cluster;
    this.#later(context.settings.operatorMs, () => this.#restartFailed());
  }

  inject(fault: PlannedFault): void {
    if (fault.do === 'heal') this.#cluster.heal();
    else if (fault.do === 'split') this.#split(fault.side);
    else if (fault.do === 'block') this.#block(this.#server(fault.from), fault.to);
    else {
      const server = this.#server(fault.who);
      if (server !== null) this.#injectInto(server, fault);
    }
  }

  /** To be called when a server has decided to write. */
  onPersist(id: string): void {
    const crash = this.#armed.get(id);
    this.#armed.delete(id);
    // The write begins within this turn, and takes a while.
    if (crash !== undefined) this.#later(0, crash);
  }

  /**
   * All faults stop on the core; the others are dead, or cut off for good.
   * @throws BrokenGuarantee when a storage refused what no fault was asked for
   */
  async end(): Promise<void> {
    const cluster = this.#cluster;
    const { dead, cut } = this.#context.settings;
    const core = coreOf(this.#context.settings);
    const among = (names: string) => cluster.ids.filter((id) => names.includes(id));
    cluster.heal();
    if (core.length < cluster.ids.length) {
      this.#context.counter.add('leftBehind');
      cluster.partition(core, ...among(cut).map((id) => [id]));
    }
    for (const server of cluster.servers) requireInjected(server);
    for (const id of among(dead)) cluster.at(id).crash();
    for (const id of core) {
      const server = cluster.at(id);
      server.disk.setFaults(HEALTHY_DISK);
      server.disk.failNextWrite(null);
      server.resume();
      server.setClockRate(1);
      if (!server.isRunning || this.#stopping.has(id)) server.restart();
    }
    await this.#restartAfterResuming(core);
  }

  /**
   * Nothing fails from now on, but a process that was paused learns only now what failed before.
   * A server that fails after this instant has a reason that was not injected.
   */
  async #restartAfterResuming(core: readonly string[]): Promise<void> {
    await this.#cluster.run({ forMs: 0 });
    for (const id of core) {
      const server = this.#cluster.at(id);
      requireInjected(server);
      if (!server.isRunning) server.restart();
    }
  }

  /** @throws BrokenGuarantee when somebody stopped who had no reason to */
  requireHealthy(): void {
    const core = coreOf(this.#context.settings);
    for (const server of this.#cluster.servers) {
      requireInjected(server);
      if (server.failure === null || !core.includes(server.id)) continue;
      const { message } = server.failure;
      throw new BrokenGuarantee('Server Failed', `${server.id}, after all faults: ${message}`);
    }
  }

  #injectInto(server: Server, fault: FaultOfServer): void {
    switch (fault.do) {
      case 'crash':
        this.#crashInWrite(server, fault);
        break;
      case 'shutDown':
        this.#shutDown(server, fault.forMs);
        break;
      case 'pause':
        this.#context.counter.add('pauses');
        server.stop();
        this.#later(fault.forMs, () => server.resume());
        break;
      case 'failWrite':
        server.failNextWrite(fault.leaving);
        break;
      case 'isolate':
        this.#context.counter.add('isolations');
        this.#cluster.partition([server.id]);
        break;
      case 'clock':
        this.#context.counter.add('clockChanges');
        this.#rates.set(server.id, fault.rate);
        server.setClockRate(fault.rate);
    }
  }

  /** What is to lose or tear a write waits for one, but not for long. */
  #crashInWrite(server: Server, fault: Crash): void {
    const crash = () => this.#crash(server, fault);
    if (fault.leaving === 'kept') crash();
    else {
      this.#armed.set(server.id, crash);
      this.#later(WAIT_FOR_WRITE_MS, () => {
        if (this.#armed.get(server.id) !== crash) return;
        this.#armed.delete(server.id);
        crash();
      });
    }
  }

  #crash(server: Server, { leaving, forMs }: Crash): void {
    if (!server.isRunning) return;
    this.#context.counter.add('crashes');
    if (server.disk.isWriting) {
      this.#context.counter.add('crashesInAWrite');
      if (leaving === 'torn') this.#context.counter.add('writesTorn');
      if (leaving === 'lost') this.#context.counter.add('writesLost');
    }
    server.crash(leaving);
    this.#later(forMs, () => {
      if (!server.isRunning) this.#restart(server);
    });
  }

  #shutDown(server: Server, forMs: number): void {
    if (!server.isRunning) return;
    this.#context.counter.add('shutDowns');
    this.#stopping.add(server.id);
    void server.shutDown();
    // A server that has not stopped by then is killed.
    this.#later(forMs, () => this.#restart(server));
  }

  #split(side: string): void {
    this.#context.counter.add('splits');
    this.#cluster.partition(this.#cluster.ids.filter((id) => side.includes(id)));
  }

  #block(from: Server | null, to: string): void {
    if (from === null || from.id === to) return;
    this.#context.counter.add('oneWayBlocks');
    this.#cluster.block(from.id, to);
  }

  /**
   * An operator: starts again what its disk has stopped.
   * @throws BrokenGuarantee when a storage refused what no fault was asked for
   */
  #restartFailed(): void {
    for (const server of this.#cluster.servers) {
      if (server.failure === null) continue;
      requireInjected(server);
      this.#context.counter.add('diskErrors');
      this.#restart(server);
    }
    this.#later(this.#context.settings.operatorMs, () => this.#restartFailed());
  }

  #restart(server: Server): void {
    this.#stopping.delete(server.id);
    server.restart();
    const rate = this.#rates.get(server.id);
    if (rate !== undefined) server.setClockRate(rate);
  }

  /** While the faults last. */
  #later(delayMs: number, task: () => void): void {
    this.#cluster.clock.setTimeout(() => {
      if (this.#context.isFaulty()) task();
    }, delayMs);
  }

  #server(who: string): Server | null {
    const id = who === 'leader' ? this.#cluster.leader() : who;
    return id !== null && this.#cluster.ids.includes(id) ? this.#cluster.at(id) : null;
  }
}

/** Only what this simulation did to a disk may stop a server. */
function requireInjected({ id, failure }: Server): void {
  if (failure === null || failure.message.includes('input/output error')) return;
  throw new BrokenGuarantee('Server Failed', `${id}: ${failure.message}`);
}

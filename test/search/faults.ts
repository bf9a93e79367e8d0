/** Carries out the steps of a plan that are not calls of clients. */
import { BrokenPromise } from './broken-promise.ts';
import type { Counter } from './counts.ts';
import { coreOf, type Happening, type World } from './plan.ts';
import type { Cluster, Server, Surroundings } from './surroundings.ts';

type Fault = Exclude<Happening, { readonly client: number }>;

export class Faults {
  readonly #world: World;
  readonly #cluster: Cluster;
  readonly #counter: Counter;
  readonly #isFaulty: () => boolean;
  readonly #rates = new Map<string, number>();

  constructor(world: World, { cluster, counter, isFaulty }: Surroundings) {
    this.#world = world;
    this.#cluster = cluster;
    this.#counter = counter;
    this.#isFaulty = isFaulty;
    this.#tend();
  }

  happen(fault: Fault): void {
    const cluster = this.#cluster;
    if (fault.do === 'heal') return cluster.heal();
    if (fault.do === 'split') return this.#split(fault.side);
    const server = this.#server(fault.do === 'block' ? fault.from : fault.who);
    if (server === null) return;
    const { id } = server;
    switch (fault.do) {
      case 'crash':
        return this.#crash(server, fault);
      case 'shutDown':
        if (!server.isRunning) return;
        this.#counter.add('shutDowns');
        void server.shutDown();
        return this.#later(fault.forMs, () => this.#start(server));
      case 'pause':
        this.#counter.add('pauses');
        server.stop();
        return this.#later(fault.forMs, () => server.resume());
      case 'failWrite':
        return server.failNextWrite(fault.leaving);
      case 'isolate':
        this.#counter.add('isolations');
        return cluster.partition([id]);
      case 'block':
        if (fault.to === id) return;
        this.#counter.add('oneWayBlocks');
        return cluster.block(id, fault.to);
      case 'clock':
        this.#counter.add('clockChanges');
        this.#rates.set(id, fault.rate);
        return server.setClockRate(fault.rate);
    }
  }

  /** All faults stop on the core; the others are dead, or cut off for good. */
  end(): void {
    const cluster = this.#cluster;
    const { dead, cut } = this.#world;
    const core = coreOf(this.#world);
    this.#rates.clear();
    cluster.heal();
    if (core.length < cluster.ids.length) {
      this.#counter.add('leftBehind');
      cluster.partition(core, ...Array.from(cut).map((id) => [id]));
    }
    for (const id of dead) cluster.at(id).crash();
    for (const id of core) {
      const server = cluster.at(id);
      if (server.failure !== null) requireInjected(server.failure);
      server.resume();
      server.setClockRate(1);
      server.disk.setFaults({ failure: 0, writeMs: { minMs: 0.1, maxMs: 0.5 } });
      server.disk.failNextWrite(null);
      if (!server.isRunning) server.restart();
    }
  }

  #crash(server: Server, { leaving, forMs }: Extract<Fault, { do: 'crash' }>): void {
    if (!server.isRunning) return;
    this.#counter.add('crashes');
    if (server.disk.isWriting) {
      this.#counter.add('crashesInAWrite');
      if (leaving === 'torn') this.#counter.add('writesTorn');
      if (leaving === 'lost') this.#counter.add('writesLost');
    }
    server.crash(leaving);
    this.#later(forMs, () => this.#start(server));
  }

  #split(side: string): void {
    this.#counter.add('splits');
    this.#cluster.partition(Array.from(side).filter((id) => this.#cluster.ids.includes(id)));
  }

  /**
   * An operator: starts again what its disk has stopped.
   * @throws BrokenPromise when a storage refused what no fault was asked for
   */
  #tend(): void {
    for (const server of this.#cluster.servers) {
      if (server.failure === null) continue;
      requireInjected(server.failure);
      this.#counter.add('diskErrors');
      this.#start(server);
    }
    this.#later(this.#world.operatorMs, () => this.#tend());
  }

  #start(server: Server): void {
    if (server.isRunning) return;
    server.restart();
    const rate = this.#rates.get(server.id);
    if (rate !== undefined) server.setClockRate(rate);
  }

  /** While the faults last. */
  #later(delayMs: number, task: () => void): void {
    this.#cluster.clock.setTimeout(() => {
      if (this.#isFaulty()) task();
    }, delayMs);
  }

  #server(who: string): Server | null {
    const id = who === 'leader' ? this.#cluster.leader() : who;
    return id !== null && this.#cluster.ids.includes(id) ? this.#cluster.at(id) : null;
  }
}

/** Only what this simulation did to a disk may stop a server. */
function requireInjected({ message }: Error): void {
  if (!message.includes('input/output error')) throw new BrokenPromise('Server Failed', message);
}

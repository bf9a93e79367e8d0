/**
 * The course's servers on its network: started, crashed, connected and cut (the course's config).
 * Each server's service is told through `AppliedLogs`, which checks what it hears.
 */

import { serverMachine } from '../../machines/server.ts';
import { type ApplyMsg, Persister, type Raft } from '../../src/lab/index.ts';
import { makeFrom } from '../../src/lab/make.ts';
import { SeededRandom } from '../../src/simulation/random.ts';
import { VirtualClock } from '../../src/simulation/virtual-clock.ts';
import { AppliedLogs } from './applied-logs.ts';
import type { CourseOptions } from './course-test.ts';
import { LabNetwork } from './network.ts';
import { type LabTime, VirtualTime } from './virtual-time.ts';

export interface LabSetup extends CourseOptions {
  readonly servers: number;
  readonly seed: number;
  readonly isUnreliable?: boolean;
  /** Whether the services take snapshots (2D). */
  readonly takesSnapshots?: boolean;
}

interface LabServer {
  raft: Raft | null;
  persister: Persister;
  isConnected: boolean;
  starts: number;
}

export class LabCluster {
  readonly time: LabTime;
  readonly network: LabNetwork;
  /** The test's own chance: what it draws shifts nothing else. */
  readonly random: SeededRandom;
  readonly logs: AppliedLogs;
  readonly #servers: LabServer[];
  readonly #setup: LabSetup;

  constructor(setup: LabSetup) {
    const { servers, seed, isUnreliable = false, takesSnapshots = false } = setup;
    const random = new SeededRandom(seed);
    this.#setup = setup;
    this.time = setup.time ?? new VirtualTime(new VirtualClock());
    const { clock } = this.time;
    this.network = new LabNetwork({ clock, random: random.fork('network') });
    this.network.isReliable = !isUnreliable;
    this.network.hasLongDelays = true;
    this.network.adversity = setup.adversity ?? {};
    this.random = random.fork('test');
    this.logs = new AppliedLogs(servers, takesSnapshots);
    const newPersister = setup.persister ?? (() => new Persister());
    this.#servers = Array.from({ length: servers }, () => ({
      raft: null,
      persister: newPersister(),
      isConnected: false,
      starts: 0,
    }));
    for (const me of this.places) this.start(me);
    for (const me of this.places) this.connect(me);
  }

  get count(): number {
    return this.#servers.length;
  }

  get places(): readonly number[] {
    return [...this.#servers.keys()];
  }

  /** The server at that place, counted around; null while it is crashed. */
  raft(place: number): Raft | null {
    return this.#server(place).raft;
  }

  isConnected(place: number): boolean {
    return this.#server(place).isConnected;
  }

  /** Starts a server, or crashes it and starts it again, from what it had saved; cut, at first. */
  start(place: number): void {
    this.crash(place);
    const me = place % this.count;
    const server = this.#server(me);
    const persister = server.persister.copy();
    server.persister = persister;
    server.starts += 1;
    this.logs.begin(me, persister.readSnapshot());
    const raft = makeFrom(this.#setup.machine ?? serverMachine, {
      peers: this.places.map((to) => ({
        call: (request) => this.network.call(String(me), String(to), request),
      })),
      me,
      persister,
      onApply: (message) => queueMicrotask(() => this.#tellService(me, raft, message)),
      clock: this.time.clock,
      random: new SeededRandom(`${this.#setup.seed}/server ${me}/start ${server.starts}`),
    });
    server.raft = raft;
    this.network.addServer(String(me), (request) => raft.receive(request));
  }

  /** Nothing more is heard of it, and its storage is what it had saved. */
  crash(place: number): void {
    const server = this.#server(place);
    this.disconnect(place);
    this.network.deleteServer(String(place % this.count));
    server.persister = server.persister.copy();
    server.raft?.kill();
    server.raft = null;
  }

  connect(...places: number[]): void {
    for (const place of places) this.#cut(place, true);
  }

  disconnect(...places: number[]): void {
    for (const place of places) this.#cut(place, false);
  }

  stopAll(): void {
    for (const { raft } of this.#servers) raft?.kill();
  }

  /** The largest of what the servers have saved, without their snapshots. */
  get logBytesMax(): number {
    return Math.max(...this.#servers.map(({ persister }) => persister.raftStateSize()));
  }

  /** Requests that arrived, at all servers. */
  get arrivedTotal(): number {
    return this.places.reduce((sum, place) => sum + this.arrivedAt(place), 0);
  }

  arrivedAt(place: number): number {
    return this.network.arrivedAt(String(place % this.count));
  }

  #server(place: number): LabServer {
    return this.#servers[place % this.count] as LabServer;
  }

  #cut(place: number, isConnected: boolean): void {
    const me = place % this.count;
    this.#server(me).isConnected = isConnected;
    for (const other of this.places) {
      if (isConnected && !this.isConnected(other)) continue;
      this.network.enable(String(me), String(other), isConnected);
      this.network.enable(String(other), String(me), isConnected);
    }
  }

  /** A service runs beside its server. What it finds wrong ends the test, as an error in a timer. */
  #tellService(me: number, raft: Raft, message: ApplyMsg): void {
    if (this.raft(me) !== raft) return;
    try {
      this.logs.note(me, message, raft);
    } catch (error) {
      this.time.clock.setTimeout(() => {
        throw error;
      }, 0);
    }
  }
}

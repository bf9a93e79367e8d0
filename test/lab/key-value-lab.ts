/**
 * The laboratory of the course's key/value tests (MIT 6.824, lab 3): servers, clerks and persisters
 * on the course's network without long delays, in virtual time, with the tests' own verbs.
 */

import { serverMachine } from '../../machines/server.ts';
import { Persister } from '../../src/lab/index.ts';
import { SeededRandom } from '../../src/simulation/random.ts';
import { VirtualClock } from '../../src/simulation/virtual-clock.ts';
import { Clerk } from './clerk.ts';
import { CourseFailure, type CourseOptions, claim } from './course-test.ts';
import { KeyValueServer } from './key-value-server.ts';
import type { Mistake } from './key-value-state.ts';
import { LAB_3 } from './lab-3-bounds.ts';
import { LabNetwork } from './network.ts';
import { VirtualTime } from './virtual-time.ts';

export interface KeyValueOptions extends CourseOptions {
  /** In a control run only. */
  readonly mistake?: Mistake;
}

export interface KeyValueSetup extends KeyValueOptions {
  readonly servers: number;
  readonly isReliable?: boolean;
  /** Bytes of Raft state from which on a server takes snapshots; −1 for never. */
  readonly maxRaftState: number;
}

interface Place {
  server: KeyValueServer | null;
  persister: Persister;
  starts: number;
}

/** Clerks tell themselves apart by numbers of their own choice, as in the course. */
const CLERK_NUMBERS = 2 ** 31;

export class KeyValueLab {
  readonly time = new VirtualTime(new VirtualClock());
  readonly random: SeededRandom;
  readonly #setup: KeyValueSetup;
  readonly #network: LabNetwork;
  readonly #places: readonly Place[];
  #clerks = 0;
  #failure: { readonly error: unknown } | null = null;

  constructor(seed: number, setup: KeyValueSetup) {
    this.random = new SeededRandom(seed);
    this.#setup = setup;
    const random = this.random.fork('network');
    this.#network = new LabNetwork({ clock: this.time.clock, random });
    this.#network.isReliable = setup.isReliable ?? true;
    const newPersister = setup.persister ?? (() => new Persister());
    this.#places = this.all.map(() => ({ server: null, persister: newPersister(), starts: 0 }));
    for (const at of this.all) this.start(at);
    this.connectAll();
  }

  get all(): readonly number[] {
    return Array.from({ length: this.#setup.servers }, (_, at) => at);
  }

  /** Runs a test against its limit of time, which is virtual; what fails in a server fails it. */
  async run(test: () => Promise<void>): Promise<void> {
    const { clock } = this.time;
    const limit = new Promise<never>((_, reject) => {
      const deadline = () =>
        reject(new CourseFailure(`the test took longer than ${LAB_3.testMs} ms`));
      clock.setTimeout(deadline, LAB_3.testMs);
    });
    const watched = new Promise<never>((_, reject) => {
      const look = () => {
        if (this.#failure !== null) reject(this.#failure.error);
        else clock.setTimeout(look, 100);
      };
      look();
    });
    await this.time.settle(Promise.race([test(), limit, watched]));
  }

  /** A clerk that reaches these servers. */
  makeClerk(to: readonly number[] = this.all): Clerk {
    this.#clerks += 1;
    const name = `clerk ${this.#clerks}`;
    const clerk = new Clerk({
      name,
      id: this.random.fork(name).below(CLERK_NUMBERS),
      servers: this.#setup.servers,
      clock: this.time.clock,
      call: (server, request) => this.#network.call(name, serviceOf(server), request),
    });
    this.connectClerk(clerk, to);
    return clerk;
  }

  connectClerk({ name }: Clerk, to: readonly number[] = this.all): void {
    for (const at of this.all) this.#network.enable(name, serviceOf(at), to.includes(at));
  }

  start(at: number): void {
    const place = this.#placeOf(at);
    place.persister = place.persister.copy();
    place.starts += 1;
    const server = new KeyValueServer({
      maxRaftState: this.#setup.maxRaftState,
      mistake: this.#setup.mistake ?? null,
      machine: this.#setup.machine ?? serverMachine,
      me: at,
      peers: this.all.map((to) => ({
        call: (request) => this.#network.call(raftOf(at), raftOf(to), request),
      })),
      persister: place.persister,
      clock: this.time.clock,
      random: this.random.fork(`server ${at}, start ${place.starts}`),
      onFailure: (error) => {
        this.#failure ??= { error };
      },
    });
    place.server = server;
    this.#network.addServer(raftOf(at), (request) => server.raft.receive(request));
    this.#network.addServer(serviceOf(at), (request) => server.handle(request));
  }

  /** A crash: whatever is under way is never heard of again, and what was saved stays. */
  shutDown(at: number): void {
    for (const other of this.all) this.#connect(at, other, false);
    this.#network.deleteServer(raftOf(at));
    this.#network.deleteServer(serviceOf(at));
    const place = this.#placeOf(at);
    place.persister = place.persister.copy();
    place.server?.kill();
    place.server = null;
  }

  connectAll(): void {
    for (const from of this.all) for (const to of this.all) this.#connect(from, to, true);
  }

  /** These on one side, and all others on the other. */
  partition(one: readonly number[]): void {
    for (const from of this.all) {
      for (const to of this.all) {
        this.#connect(from, to, one.includes(from) === one.includes(to));
      }
    }
  }

  /** A minority with the leader in it, and the majority. */
  majorityWithoutLeader(): { majority: readonly number[]; minority: readonly number[] } {
    const leader = this.all.find((at) => this.#placeOf(at).server?.raft.getState().isLeader);
    const others = this.all.filter((at) => at !== leader);
    const majority = others.slice(0, Math.floor(this.all.length / 2) + 1);
    return { majority, minority: this.all.filter((at) => !majority.includes(at)) };
  }

  /** The greatest Raft state of any server, in bytes. */
  get raftStateBytes(): number {
    return Math.max(...this.#places.map(({ persister }) => persister.raftStateSize()));
  }

  /** The log is thrown away behind snapshots. */
  assertTrimmed(): void {
    const bytes = this.raftStateBytes;
    const most = LAB_3.raftStateFactor * this.#setup.maxRaftState;
    claim(bytes <= most, `${bytes} bytes of Raft state, at most ${most}: the log is not trimmed`);
  }

  /** The greatest snapshot of any server, in bytes. */
  get snapshotBytes(): number {
    return Math.max(...this.#places.map(({ persister }) => persister.snapshotSize()));
  }

  /** Snapshots that the service was given since it was started. */
  snapshotsRestoredAt(at: number): number {
    return this.#placeOf(at).server?.snapshotsRestored ?? 0;
  }

  #placeOf(at: number): Place {
    return this.#places[at] as Place;
  }

  #connect(from: number, to: number, isConnected: boolean): void {
    if (from === to) return;
    this.#network.enable(raftOf(from), raftOf(to), isConnected);
    this.#network.enable(raftOf(to), raftOf(from), isConnected);
  }
}

function raftOf(server: number): string {
  return `raft ${server}`;
}

function serviceOf(server: number): string {
  return `service ${server}`;
}

/** Servers behind the course's door, on the course's network, with what each was told beside it. */
import { type ApplyMsg, make, Persister, type Raft } from '../../src/lab/index.ts';
import { SeededRandom } from '../../src/simulation/random.ts';
import { VirtualClock } from '../../src/simulation/virtual-clock.ts';
import { LabNetwork } from './network.ts';
import { VirtualTime } from './virtual-time.ts';

export interface DoorServer {
  raft: Raft;
  persister: Persister;
  readonly applied: ApplyMsg[];
}

export class DoorCluster {
  readonly servers: DoorServer[];
  readonly #random: SeededRandom;
  readonly #time = new VirtualTime(new VirtualClock());
  readonly #network: LabNetwork;
  readonly #away = new Set<number>();

  constructor(servers: number, seed: number) {
    this.#random = new SeededRandom(seed);
    const { clock } = this.#time;
    this.#network = new LabNetwork({ clock, random: this.#random.fork('network') });
    this.servers = Array.from({ length: servers }, () => ({
      raft: null as never,
      persister: new Persister(),
      applied: [],
    }));
    for (const me of this.servers.keys()) this.start(me);
    for (const me of this.servers.keys()) this.connect(me, true);
  }

  start(me: number): void {
    const server = this.servers[me] as DoorServer;
    server.persister = server.persister.copy();
    server.applied.length = 0;
    server.raft = make({
      peers: this.servers.map((_, to) =>
        to === me ? null : { call: (r) => this.#network.call(String(me), String(to), r) },
      ),
      me,
      persister: server.persister,
      onApply: (message) => server.applied.push(message),
      clock: this.#time.clock,
      random: this.#random.fork(`server ${me}`),
    });
    const { raft } = server;
    this.#network.addServer(String(me), (request) => raft.receive(request));
  }

  connect(me: number, isConnected: boolean): void {
    if (isConnected) this.#away.delete(me);
    else this.#away.add(me);
    for (const other of this.servers.keys()) {
      const isOpen = isConnected && !this.#away.has(other);
      this.#network.enable(String(me), String(other), isOpen);
      this.#network.enable(String(other), String(me), isOpen);
    }
  }

  run(forMs: number): Promise<void> {
    return this.#time.run(forMs);
  }

  leader(): DoorServer | undefined {
    const present = this.servers.filter((_, me) => !this.#away.has(me));
    return present.find((server) => server.raft.getState().isLeader);
  }
}

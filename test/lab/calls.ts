/** A small network for the course's door: calls that may be cut, on a virtual clock. */
import { type ApplyMsg, make, Persister, type Raft } from '#lab/index';
import { SeededRandom } from '#simulation/random';
import { endOfTurn } from '#simulation/turn';
import { VirtualClock } from '#simulation/virtual-clock';

export interface LabServer {
  raft: Raft;
  persister: Persister;
  isConnected: boolean;
  readonly applied: ApplyMsg[];
}

export class LabCluster {
  readonly clock = new VirtualClock();
  readonly servers: LabServer[];
  calls = 0;
  readonly #random: SeededRandom;

  constructor(servers: number, seed: number) {
    this.#random = new SeededRandom(seed);
    this.servers = Array.from({ length: servers }, () => this.#blank());
    for (const me of this.servers.keys()) this.start(me);
  }

  #blank(): LabServer {
    return { raft: null as never, persister: new Persister(), isConnected: true, applied: [] };
  }

  start(me: number): void {
    const server = this.servers[me] as LabServer;
    server.persister = server.persister.copy();
    server.applied.length = 0;
    server.raft = make({
      peers: this.servers.map((_, to) =>
        to === me ? null : { call: (r) => this.#call(me, to, r) },
      ),
      me,
      persister: server.persister,
      onApply: (message) => server.applied.push(message),
      clock: this.clock,
      random: this.#random.fork(`server ${me}`),
    });
  }

  async #call(from: number, to: number, request: Uint8Array): Promise<Uint8Array | undefined> {
    this.calls += 1;
    await this.#hop();
    const isOpen = () => this.servers[from]?.isConnected && this.servers[to]?.isConnected;
    if (!isOpen()) return undefined;
    const reply = await this.servers[to]?.raft.receive(request);
    await this.#hop();
    return isOpen() ? reply : undefined;
  }

  #hop(): Promise<void> {
    return new Promise((resolve) => this.clock.setTimeout(resolve, 0.5 + this.#random.next() / 2));
  }

  async run(forMs: number): Promise<void> {
    const until = this.clock.now() + forMs;
    while (this.clock.fireNext(until)) await endOfTurn();
    this.clock.advanceTo(until);
  }

  leader(): LabServer | undefined {
    return this.servers.find((server) => server.isConnected && server.raft.getState().isLeader);
  }
}

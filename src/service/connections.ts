/**
 * The clients' connections, up to a limit. Idle ones make room for new ones, the one that has been
 * idle longest first: a client that opens many and sends nothing locks nobody out.
 */
import type { Server, Socket } from 'node:net';
import { addressKey } from '../node/remote-address.ts';
import { type Limit, MemoryBudget } from './budget.ts';

/** What one request holds of the budgets; released when it ends, however it ends. */
export class Holding {
  readonly address: string;
  /** By the clock of `performance`; infinite for a request that waits. */
  startedAt = performance.now();
  /** Of two or three budgets: a map would cost more. */
  readonly #taken: { readonly budget: MemoryBudget; amount: number }[] = [];
  #onReleased: (() => void) | null;

  /** @param onReleased - null when its connection is closed: then nothing is counted */
  constructor(address: string, onReleased: (() => void) | null) {
    this.address = address;
    this.#onReleased = onReleased;
  }

  take(budget: MemoryBudget, amount: number): boolean {
    if (this.#onReleased === null) return true;
    if (!budget.take(this.address, amount)) return false;
    const taken = this.#takenOf(budget);
    if (taken === undefined) this.#taken.push({ budget, amount });
    else taken.amount += amount;
    return true;
  }

  /** It turned out to be less. */
  shrink(budget: MemoryBudget, amount: number): void {
    const taken = this.#takenOf(budget);
    if (taken === undefined || amount >= taken.amount) return;
    budget.giveBack(this.address, taken.amount - amount);
    taken.amount = amount;
  }

  #takenOf(budget: MemoryBudget) {
    return this.#taken.find((taken) => taken.budget === budget);
  }

  release(): void {
    const onReleased = this.#onReleased;
    if (onReleased === null) return;
    this.#onReleased = null;
    for (const { budget, amount } of this.#taken) budget.giveBack(this.address, amount);
    onReleased();
  }
}

interface Connection {
  readonly address: string;
  /** Of the requests in flight, in their order: several, when they are pipelined. */
  readonly holdings: Set<Holding>;
}

export class Connections {
  readonly budget: MemoryBudget;
  readonly #open = new Map<Connection, Socket>();
  readonly #bySocket = new WeakMap<object, Connection>();
  /** Under TLS a request has another socket object than its connection, with the same port. */
  readonly #byPort = new Map<string, Connection>();
  /** Longest idle first; of each address by itself as well. */
  readonly #idle = new Set<Connection>();
  readonly #idleOf = new Map<string, Set<Connection>>();
  /** Connections that were closed at once, since no idle one could make room. */
  refused = 0;
  /** Idle connections that made room. */
  replaced = 0;

  constructor(limit: Limit) {
    this.budget = new MemoryBudget(limit, 'connections');
  }

  watch(server: Server): void {
    server.on('connection', (socket: Socket) => this.#opened(socket));
  }

  /** For a request that came over that socket. */
  hold(socket: Socket): Holding {
    const connection = this.#bySocket.get(socket) ?? this.#met(socket);
    if (socket.destroyed) return new Holding(connection.address, null);
    const holding = new Holding(connection.address, () => {
      const isOver = connection.holdings.delete(holding) && connection.holdings.size === 0;
      if (isOver && this.#open.has(connection)) this.#idles(connection);
    });
    connection.holdings.add(holding);
    if (connection.holdings.size === 1) this.#busy(connection);
    return holding;
  }

  /** Of a socket that no request has come over yet. */
  #met(socket: Socket): Connection {
    const known = this.#byPort.get(portOf(socket));
    const connection = known ?? { address: addressKey(socket.remoteAddress), holdings: new Set() };
    this.#bySocket.set(socket, connection);
    return connection;
  }

  /** Closes the connections of requests that began so long ago. */
  closeOlderThan(ms: number): void {
    const startedBy = performance.now() - ms;
    for (const [{ holdings }, socket] of this.#open) {
      if ([...holdings].some(({ startedAt }) => startedAt <= startedBy)) socket.destroy();
    }
  }

  #opened(socket: Socket): void {
    const address = addressKey(socket.remoteAddress);
    if (!this.#makeRoom(address) || !this.budget.take(address, 1)) {
      this.refused += 1;
      socket.destroy();
      return;
    }
    const connection: Connection = { address, holdings: new Set() };
    const port = portOf(socket);
    this.#bySocket.set(socket, connection);
    this.#byPort.set(port, connection);
    this.#open.set(connection, socket);
    this.#idles(connection);
    socket.once('close', () => {
      if (this.#byPort.get(port) === connection) this.#byPort.delete(port);
      this.#closed(connection);
    });
  }

  /** Whether there is room for one more of that address, if need be that of an idle one. */
  #makeRoom(address: string): boolean {
    const obstacle = this.budget.obstacle(address, 1);
    if (obstacle === null) return true;
    const [longest] = obstacle === 'share' ? (this.#idleOf.get(address) ?? []) : this.#idle;
    const socket = longest && this.#open.get(longest);
    if (longest === undefined || socket === undefined) return false;
    this.replaced += 1;
    this.#closed(longest);
    socket.destroy();
    return this.budget.obstacle(address, 1) === null;
  }

  #closed(connection: Connection): void {
    if (!this.#open.delete(connection)) return;
    this.#busy(connection);
    this.budget.giveBack(connection.address, 1);
    for (const holding of [...connection.holdings]) holding.release();
  }

  #idles(connection: Connection): void {
    this.#idle.add(connection);
    const { address } = connection;
    const ofAddress = this.#idleOf.get(address) ?? new Set();
    this.#idleOf.set(address, ofAddress.add(connection));
  }

  #busy(connection: Connection): void {
    if (!this.#idle.delete(connection)) return;
    const ofAddress = this.#idleOf.get(connection.address);
    ofAddress?.delete(connection);
    if (ofAddress?.size === 0) this.#idleOf.delete(connection.address);
  }
}

function portOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}

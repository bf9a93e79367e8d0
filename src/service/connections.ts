/**
 * The clients' connections, as many as there may be. Idle ones make room for new ones, whoever has
 * been idle longest first: a stranger who opens all there are and says nothing locks nobody out.
 */
import type { Server, Socket } from 'node:net';
import { addressKey } from '../node/remote-address.ts';
import { Budget, type Limit } from './budget.ts';

/** What a request holds of the budgets; given back when it ends, however it ends. */
export interface Holding {
  /** Milliseconds, by the clock of `performance`; infinite for what has not begun. */
  readonly startedAt: number;
  release(): void;
}

export class Connection {
  readonly address: string;
  /** Of the requests under way, in their order: several, when sent without waiting for answers. */
  readonly holdings = new Set<Holding>();

  constructor(address: string) {
    this.address = address;
  }
}

export class Connections {
  readonly budget: Budget;
  readonly #open = new Map<Connection, Socket>();
  readonly #bySocket = new WeakMap<object, Connection>();
  /** Under TLS a request comes over another object than the connection did, from the same port. */
  readonly #byPort = new Map<string, Connection>();
  /** Longest idle first; of each address by itself as well. */
  readonly #idle = new Set<Connection>();
  readonly #idleOf = new Map<string, Set<Connection>>();
  #refused = 0;
  #replaced = 0;

  constructor(limit: Limit) {
    this.budget = new Budget(limit);
  }

  watch(server: Server): void {
    server.on('connection', (socket: Socket) => this.#opened(socket));
  }

  /** Connections that were closed at once, since no idle one could make room. */
  get refused(): number {
    return this.#refused;
  }

  /** Idle connections that made room. */
  get replaced(): number {
    return this.#replaced;
  }

  /** The connection that a request came over. */
  of(socket: Socket): Connection {
    const known = this.#bySocket.get(socket) ?? this.#byPort.get(portOf(socket));
    const connection = known ?? new Connection(addressKey(socket.remoteAddress));
    this.#bySocket.set(socket, connection);
    return connection;
  }

  begin(connection: Connection, holding: Holding): void {
    connection.holdings.add(holding);
    if (connection.holdings.size === 1) this.#busy(connection);
  }

  end(connection: Connection, holding: Holding): void {
    const isOver = connection.holdings.delete(holding) && connection.holdings.size === 0;
    if (isOver && this.#open.has(connection)) this.#idles(connection);
  }

  closeWhere(isSo: (connection: Connection) => boolean): void {
    for (const [connection, socket] of this.#open) if (isSo(connection)) socket.destroy();
  }

  #opened(socket: Socket): void {
    const address = addressKey(socket.remoteAddress);
    if (!this.#makeRoom(address) || !this.budget.take(address, 1)) {
      this.#refused += 1;
      socket.destroy();
      return;
    }
    const connection = new Connection(address);
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

  /** Whether there is room for one more of that address, be it that of an idle one. */
  #makeRoom(address: string): boolean {
    const obstacle = this.budget.obstacle(address, 1);
    if (obstacle === null) return true;
    const [longest] = obstacle === 'share' ? (this.#idleOf.get(address) ?? []) : this.#idle;
    const socket = longest && this.#open.get(longest);
    if (longest === undefined || socket === undefined) return false;
    this.#replaced += 1;
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

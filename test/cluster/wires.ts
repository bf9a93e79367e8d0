/**
 * What is between the servers of a test: each dials every other through a proxy of ours, and what
 * happens to the bytes is decided for each direction by itself. A pair shares one connection, and
 * either side may have dialled it, so a direction is one half of each connection of its pair.
 */
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Random } from '../../src/ports/random.ts';
import { eventually } from './statuses.ts';
import { OPEN, type Passage, Stream, Wire } from './wire.ts';

const HOST = '127.0.0.1';
const PATIENCE_MS = 30_000;

export class Wires {
  readonly #ports: ReadonlyMap<string, number>;
  readonly #wires = new Map<string, Wire>();
  readonly #proxies = new Map<string, Server>();
  readonly #sockets = new Set<Socket>();

  private constructor(ports: ReadonlyMap<string, number>) {
    this.#ports = ports;
  }

  /** Proxies for the servers that listen to each other at these ports. */
  static async between(ports: ReadonlyMap<string, number>, random: Random): Promise<Wires> {
    const wires = new Wires(ports);
    const ids = [...ports.keys()];
    const pairs = ids.flatMap((from) => ids.filter((to) => to !== from).map((to) => [from, to]));
    for (const [from, to] of pairs) wires.#wires.set(`${from}>${to}`, new Wire(random));
    await Promise.all(pairs.map(([dialler, dialled]) => wires.#open(dialler!, dialled!)));
    return wires;
  }

  /** Where that server reaches all of them, itself included, as `--cluster` wants it. */
  clusterFlag(dialler: string): string {
    const addresses = [...this.#ports].map(([id, own]) => {
      const proxy = this.#proxies.get(`${dialler}>${id}`)?.address();
      const port = typeof proxy === 'object' && proxy !== null ? proxy.port : own;
      return `${id}=${HOST}:${port}`;
    });
    return addresses.join(',');
  }

  /** What happens from now on to whatever goes from one server to the other. */
  become(passage: Passage, from: string, ...to: readonly string[]): void {
    for (const id of to) this.#wire(from, id).becomes(passage);
  }

  becomeAll(passage: Passage): void {
    for (const wire of this.#wires.values()) wire.becomes(passage);
  }

  heal(): void {
    this.becomeAll(OPEN);
  }

  /** How many pieces were lost, held or late so far. */
  get troubled(): number {
    return [...this.#wires.values()].reduce((sum, wire) => sum + wire.troubled, 0);
  }

  /** Resolves when so many more were. */
  async hasTroubled(count: number): Promise<void> {
    const wanted = this.troubled + count;
    const what = `${count} more pieces are lost, held or late`;
    await eventually(what, PATIENCE_MS, () => this.troubled >= wanted);
  }

  async close(): Promise<void> {
    const closed = [...this.#proxies.values()].map(
      (proxy) => new Promise((resolve) => proxy.close(resolve)),
    );
    for (const wire of this.#wires.values()) for (const stream of wire.streams) stream.close();
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(closed);
  }

  #wire(from: string, to: string): Wire {
    const wire = this.#wires.get(`${from}>${to}`);
    if (wire === undefined) throw new Error(`there is no wire from ${from} to ${to}`);
    return wire;
  }

  #open(dialler: string, dialled: string): Promise<void> {
    const proxy = createServer({ allowHalfOpen: true }, (incoming) => {
      const port = this.#ports.get(dialled) as number;
      const outgoing = connect({ host: HOST, port, allowHalfOpen: true, noDelay: true });
      incoming.setNoDelay(true);
      for (const socket of [incoming, outgoing]) this.#keep(socket);
      new Stream(this.#wire(dialler, dialled), incoming, outgoing);
      new Stream(this.#wire(dialled, dialler), outgoing, incoming);
    });
    this.#proxies.set(`${dialler}>${dialled}`, proxy);
    return new Promise((resolve) => proxy.listen(0, HOST, resolve));
  }

  /** What goes wrong with a socket is its stream's end, which `close` tells. */
  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => {});
    socket.on('end', () => socket.destroySoon());
    socket.on('close', () => this.#sockets.delete(socket));
  }
}

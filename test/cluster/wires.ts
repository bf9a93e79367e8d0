/**
 * What is between the servers of a test: each dials every other through a proxy of ours, and what
 * happens to the bytes is decided for each direction by itself. A pair shares one connection, and
 * either side may have dialled it, so a direction is one half of each connection of its pair.
 */
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Random } from '#ports/random';
import { eventually } from './statuses.ts';

/**
 * - `open`: forwarded at once;
 * - `cut`: nothing gets through, neither bytes nor the end of a connection, until the wire is whole
 *   again; then all of it arrives, late, as TCP has it;
 * - `swallowed`: likewise, and the bytes are gone; a connection with a hole in it ends with the cut;
 * - `lossy`: each piece is lost with a probability, and its connection with it;
 * - `delayed`: each piece takes so long, in order.
 */
export type Passage =
  | { readonly type: 'open' }
  | { readonly type: 'cut' }
  | { readonly type: 'swallowed' }
  | { readonly type: 'lossy'; readonly probability: number }
  | { readonly type: 'delayed'; readonly fromMs: number; readonly untilMs: number };

const OPEN: Passage = { type: 'open' };
const HOST = '127.0.0.1';
const PATIENCE_MS = 30_000;

/** One direction between two servers. */
class Wire {
  readonly streams = new Set<Stream>();
  readonly random: Random;
  passage: Passage = OPEN;
  /** Pieces that were lost, held or late. */
  troubled = 0;

  constructor(random: Random) {
    this.random = random;
  }

  becomes(passage: Passage): void {
    this.passage = passage;
    for (const stream of this.streams) stream.flush();
  }
}

/** One half of a connection. Null among the pieces is its end. */
class Stream {
  readonly #wire: Wire;
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #pieces: { readonly bytes: Uint8Array | null; readonly dueAt: number }[] = [];
  #lastDueAt = 0;
  #hasEnded = false;
  #hasHole = false;
  #timer: NodeJS.Timeout | null = null;

  constructor(wire: Wire, from: Socket, to: Socket) {
    this.#wire = wire;
    this.#from = from;
    this.#to = to;
    wire.streams.add(this);
    from.on('data', (bytes) => this.#arrived(bytes));
    from.on('close', () => this.#arrived(null));
  }

  flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    while (this.#pieces.length > 0) {
      const { type } = this.#wire.passage;
      if (type === 'cut' || type === 'swallowed') return;
      const piece = this.#pieces[0]!;
      const waitMs = type === 'delayed' ? piece.dueAt - performance.now() : 0;
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.flush(), waitMs);
        return;
      }
      this.#pieces.shift();
      this.#forward(piece.bytes);
    }
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#from.destroy();
    this.#to.destroy();
  }

  #arrived(bytes: Uint8Array | null): void {
    if (this.#hasEnded) return;
    if (bytes === null) this.#hasEnded = true;
    const { passage, random } = this.#wire;
    if (passage.type !== 'open' && passage.type !== 'lossy') this.#wire.troubled += 1;
    if (passage.type === 'swallowed' && bytes !== null) {
      this.#hasHole = true;
      this.#pieces.splice(0, Infinity, { bytes: null, dueAt: 0 });
      return;
    }
    if (passage.type === 'lossy' && random.next() < passage.probability) {
      this.#hasHole = true;
      this.#wire.troubled += 1;
    }
    this.#pieces.push({ bytes: this.#hasHole ? null : bytes, dueAt: this.#dueAt(passage) });
    this.flush();
  }

  #dueAt(passage: Passage): number {
    if (passage.type !== 'delayed') return 0;
    const { fromMs, untilMs } = passage;
    const delayMs = fromMs + this.#wire.random.next() * (untilMs - fromMs);
    this.#lastDueAt = Math.max(this.#lastDueAt, performance.now() + delayMs);
    return this.#lastDueAt;
  }

  #forward(bytes: Uint8Array | null): void {
    if (bytes !== null) {
      this.#to.write(bytes);
      return;
    }
    this.#wire.streams.delete(this);
    this.#to.end();
    if (this.#hasHole) this.#from.destroy();
  }
}

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

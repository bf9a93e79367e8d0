/**
 * A slow network between servers: every byte is delivered late, and of every hundred segments one by
 * much more, with all behind it, as when TCP has to send a lost one again.
 */
import { connect, createServer, type Server, type Socket } from 'node:net';

export interface SlowNetwork {
  /** Each way. */
  readonly delayMs: number;
  /** The share of segments that are held back for `holdMs` more. */
  readonly holdShare: number;
  readonly holdMs: number;
}

export const SLOW_NETWORK: SlowNetwork = { delayMs: 20, holdShare: 0.01, holdMs: 200 };

/** What TCP sends at a time over Ethernet. */
const SEGMENT_BYTES = 1_448;
const WAITING_BYTES_MAX = 4 * 1024 * 1024;

/** When each segment is delivered: in order, whatever is held back. */
export class Deliveries {
  readonly #network: SlowNetwork;
  readonly #random: () => number;
  #lastAt = 0;

  constructor(network: SlowNetwork, random: () => number) {
    this.#network = network;
    this.#random = random;
  }

  next(now: number): number {
    const { delayMs, holdShare, holdMs } = this.#network;
    const heldMs = this.#random() < holdShare ? holdMs : 0;
    this.#lastAt = Math.max(this.#lastAt, now + delayMs + heldMs);
    return this.#lastAt;
  }
}

/** Listens before a server that listens at the port; resolves with its own port. */
export async function startSlowProxy(
  toPort: number,
  network: SlowNetwork = SLOW_NETWORK,
): Promise<{ readonly port: number; stop(): void }> {
  const sockets = new Set<Socket>();
  const server: Server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ port: toPort, host: '127.0.0.1', allowHalfOpen: true });
    relay(near, far, network);
    relay(far, near, network);
    for (const socket of [near, far]) {
      sockets.add(socket.setNoDelay());
      socket.once('close', () => sockets.delete(socket));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const stop = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return { port, stop };
}

function relay(from: Socket, to: Socket, network: SlowNetwork): void {
  const deliveries = new Deliveries(network, Math.random);
  /** Null is the end. */
  const waiting: { readonly bytes: Buffer | null; readonly at: number }[] = [];
  let waitingBytes = 0;
  let timer: NodeJS.Timeout | null = null;
  const deliver = () => {
    timer = null;
    const now = performance.now();
    while (waiting[0] !== undefined && waiting[0].at <= now) {
      const { bytes } = waiting.shift() as (typeof waiting)[number];
      waitingBytes -= bytes?.byteLength ?? 0;
      if (bytes === null) to.end();
      else to.write(bytes);
    }
    if (waitingBytes < WAITING_BYTES_MAX) from.resume();
    wait();
  };
  const wait = () => {
    const [first] = waiting;
    if (first !== undefined) timer ??= setTimeout(deliver, first.at - performance.now());
  };
  from.on('data', (data) => {
    const now = performance.now();
    for (let start = 0; start < data.byteLength; start += SEGMENT_BYTES) {
      const bytes = data.subarray(start, start + SEGMENT_BYTES);
      waiting.push({ bytes, at: deliveries.next(now) });
    }
    waitingBytes += data.byteLength;
    if (waitingBytes >= WAITING_BYTES_MAX) from.pause();
    wait();
  });
  from.on('end', () => {
    waiting.push({ bytes: null, at: deliveries.next(performance.now()) });
    wait();
  });
  from.on('error', () => to.destroy());
  to.on('close', () => {
    // After both have ended, what is still on its way to the other side arrives there.
    if (to.readableEnded && to.writableFinished) return;
    if (timer !== null) clearTimeout(timer);
    from.destroy();
  });
}

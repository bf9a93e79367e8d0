/** One direction between two servers: what happens to the bytes that go there. */
import type { Socket } from 'node:net';
import type { Random } from '../../src/ports/random.ts';

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

export const OPEN: Passage = { type: 'open' };
export class Wire {
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
export class Stream {
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

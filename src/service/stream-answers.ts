/**
 * What one stream holds, and what it sends: answers of one turn go out as one message, and a client
 * that does not read is not read from.
 */
import type { WebSocket } from 'ws';
import { FrameWriter } from '../streaming/frames.ts';
import { STREAM_REQUESTS_MAX } from '../streaming/kinds.ts';
import type { MemoryBudget } from './budget.ts';
import type { Holding } from './connections.ts';
import { HttpError } from './errors.ts';
import type { RequestsInFlight } from './in-flight.ts';

/** A message that has as much is sent at once: at most one more answer makes it longer. */
const MESSAGE_BYTES = 1_024 * 1_024;
/** With more than that unsent, nothing is read. */
const UNSENT_BYTES_MAX = 1_024 * 1_024;
/** The same, of what no budget counts: refusals, pongs, and what frames consist of. */
const UNCOUNTED_BYTES_MAX = 64 * 1_024;

const SENT = { binary: true, compress: false } as const;

export interface StreamAnswersOptions {
  readonly webSocket: WebSocket;
  readonly inFlight: RequestsInFlight;
  /** Of the other end, as bounds count it. */
  readonly address: string;
  /** Marks the connection as busy, until it is released. */
  readonly hold: () => Holding;
  readonly requestsMax?: number;
}

export class StreamAnswers {
  readonly writer = new FrameWriter();
  readonly address: string;
  readonly requestsMax: number;
  readonly #webSocket: WebSocket;
  readonly #inFlight: RequestsInFlight;
  readonly #hold: () => Holding;
  #holding: Holding | null = null;
  #requests = 0;
  #bodyBytes = 0;
  #answerBytes = 0;
  /** Of answers that are not sent yet. */
  #unsentAnswerBytes = 0;
  /** Messages that were handed to the WebSocket, and those that have left. */
  #given = 0;
  #taken = 0;
  /** How many had been given at `#markedAt`. */
  #mark = 0;
  #markedAt = 0;
  #isFlushing = false;
  #isClosed = false;
  /** Since when nothing is read, because nothing is taken; null while it is. */
  pausedAt: number | null = null;
  #whenIdle: (() => void) | null = null;

  constructor({ webSocket, inFlight, address, hold, requestsMax }: StreamAnswersOptions) {
    this.#webSocket = webSocket;
    this.#inFlight = inFlight;
    this.#hold = hold;
    this.address = address;
    this.requestsMax = requestsMax ?? STREAM_REQUESTS_MAX;
  }

  /** Room for another request; why there is none, or null. */
  enter(): HttpError | null {
    if (this.#requests >= this.requestsMax) {
      const message = `${this.requestsMax} requests are under way on this connection; nothing was changed, wait for answers`;
      return new HttpError('overloaded', message);
    }
    const full = this.#take(this.#inFlight.requests, 1);
    if (full !== null) return full;
    this.#requests += 1;
    this.#holding ??= this.#hold();
    return null;
  }

  /** Room for what a request holds until it is answered; why there is none, or null. */
  holdBody(bytes: number): HttpError | null {
    const full = this.#take(this.#inFlight.bodyBytes, bytes);
    if (full === null) this.#bodyBytes += bytes;
    return full;
  }

  /** Bytes that were held need no room any more. */
  releaseBody(bytes: number): void {
    if (this.#isClosed) return;
    this.#bodyBytes -= bytes;
    this.#inFlight.bodyBytes.giveBack(this.address, bytes);
  }

  /** Room for an answer until it is sent; why there is none, or null. */
  holdAnswer(bytes: number): HttpError | null {
    const full = this.#take(this.#inFlight.answerBytes, bytes);
    if (full !== null) return full;
    this.#answerBytes += bytes;
    this.#unsentAnswerBytes += bytes;
    return null;
  }

  /** A request is answered: its frame is written. */
  leave(bodyBytes: number): void {
    if (this.#isClosed) {
      this.writer.take();
      return;
    }
    this.#requests -= 1;
    this.#inFlight.requests.giveBack(this.address, 1);
    if (bodyBytes > 0) this.releaseBody(bodyBytes);
    if (this.#requests === 0) this.#idles();
    this.wantFlush();
  }

  /** At the end of this turn, with whatever else it answers. */
  wantFlush(): void {
    if (this.writer.byteLength >= MESSAGE_BYTES) this.flush();
    else if (!this.#isFlushing) {
      this.#isFlushing = true;
      queueMicrotask(() => {
        this.#isFlushing = false;
        this.flush();
      });
    }
  }

  flush(): void {
    if (this.writer.byteLength === 0) return;
    const message = this.writer.take();
    const answerBytes = this.#unsentAnswerBytes;
    this.#unsentAnswerBytes = 0;
    if (this.#isClosed || this.#webSocket.readyState !== this.#webSocket.OPEN) {
      this.#sent(answerBytes);
      return;
    }
    this.#given += 1;
    this.#webSocket.send(message, SENT, () => {
      this.#taken += 1;
      this.#sent(answerBytes);
    });
    if (this.pausedAt !== null || this.#unsentWithin(1)) return;
    this.pausedAt = performance.now();
    this.#webSocket.pause();
  }

  #sent(answerBytes: number): void {
    if (this.#isClosed) return;
    this.#answerBytes -= answerBytes;
    this.#inFlight.answerBytes.giveBack(this.address, answerBytes);
    if (this.pausedAt === null || !this.#unsentWithin(1 / 2)) return;
    this.pausedAt = null;
    this.#webSocket.resume();
  }

  /** Whether what is unsent is within that share of its bounds. */
  #unsentWithin(share: number): boolean {
    const unsent = this.#webSocket.bufferedAmount;
    if (unsent > share * UNSENT_BYTES_MAX) return false;
    return unsent - this.#answerBytes <= share * UNCOUNTED_BYTES_MAX;
  }

  /**
   * How long, at least, a message has been waiting to leave: a client that reads nothing must not hold
   * the memory of its answers, however little. It looks only when asked, so it costs nothing otherwise.
   */
  untakenForMs(): number {
    const now = performance.now();
    if (this.#taken >= this.#mark) {
      this.#mark = this.#given;
      this.#markedAt = now;
    }
    return this.#taken < this.#mark ? now - this.#markedAt : 0;
  }

  /** Resolves when nothing is under way. */
  settled(): Promise<void> {
    if (this.#requests === 0 || this.#isClosed) return Promise.resolve();
    return new Promise((resolve) => {
      this.#whenIdle = resolve;
    });
  }

  /** The connection is gone: it holds nothing any more, whatever is still under way. */
  close(): void {
    if (this.#isClosed) return;
    const { requests, bodyBytes, answerBytes } = this.#inFlight;
    requests.giveBack(this.address, this.#requests);
    bodyBytes.giveBack(this.address, this.#bodyBytes);
    answerBytes.giveBack(this.address, this.#answerBytes);
    this.#isClosed = true;
    this.#idles();
  }

  #idles(): void {
    this.#holding?.release();
    this.#holding = null;
    this.#whenIdle?.();
    this.#whenIdle = null;
  }

  #take(budget: MemoryBudget, amount: number): HttpError | null {
    if (this.#isClosed || budget.take(this.address, amount)) return null;
    return this.#inFlight.full(budget, this.address, amount);
  }
}

/**
 * One stream: its hello, its messages, its end. Frames are checked before any of their message is
 * carried out, so that a client which has lost count of its bytes changes nothing.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { addressKey } from '../node/remote-address.ts';
import { writeFailure, writeWelcome } from '../streaming/answers.ts';
import { BrokenFrame, FieldReader, InvalidField } from '../streaming/frames.ts';
import {
  ANSWER,
  CLOSE,
  HELLO_BYTES_MAX,
  REQUEST,
  REQUEST_MESSAGE_BYTES_MAX,
} from '../streaming/kinds.ts';
import { readHello } from '../streaming/requests.ts';
import type { ServiceContext } from './context.ts';
import { HttpError } from './errors.ts';
import { StreamAnswers } from './stream-answers.ts';
import { type KeyValueCalls, StreamCalls } from './stream-calls.ts';
import { StreamOutcomes } from './stream-outcomes.ts';
import type { Token } from './tokens/token.ts';

/** How long a client has to close its side. */
const CLOSE_GRACE_MS = 200;
/** A close frame has room for 123 bytes. */
const REASON_LENGTH_MAX = 120;
/** How much of an incomplete message is not counted. */
const UNCOUNTED_BYTES = 64 * 1_024;
/** A message's buffer is kept if at least this fraction of it is commands: a half. */
const KEPT_SHARE = 2;

const KNOWN: ReadonlySet<number> = new Set(Object.values(REQUEST));

export class StreamConnection {
  readonly #context: ServiceContext;
  readonly #kvCalls: KeyValueCalls;
  readonly #webSocket: WebSocket;
  readonly #handshake: IncomingMessage;
  readonly #answers: StreamAnswers;
  readonly #onOpen: () => void;
  /** Null before the hello. */
  #calls: StreamCalls | null = null;
  /** Of a message that is not complete. */
  #arriving = 0;
  #heldArriving = 0;
  /** Cuts it, when it does not close by itself. */
  #late: NodeJS.Timeout | null = null;
  /** Whether anything came since the last ping. */
  isAlive = true;

  /** @param onOpen - it has said hello, and may stay */
  constructor(
    context: ServiceContext,
    calls: KeyValueCalls,
    { webSocket, socket, handshake }: StreamSockets,
    onOpen: () => void,
  ) {
    this.#context = context;
    this.#kvCalls = calls;
    this.#webSocket = webSocket;
    this.#handshake = handshake;
    this.#onOpen = onOpen;
    const { inFlight } = context;
    this.#answers = new StreamAnswers({
      ...{ webSocket, inFlight },
      address: addressKey(handshake.socket.remoteAddress),
      hold: () => {
        const holding = inFlight.connections.hold(handshake.socket);
        // A stream may live for any time; unread answers have a bound of their own.
        holding.startedAt = Number.POSITIVE_INFINITY;
        return holding;
      },
    });
    // Before the WebSocket's own listener, which may complete a message.
    socket.prependListener('data', (chunk: Buffer) => this.#arrived(chunk.byteLength));
    webSocket.on('message', (data: Buffer, isBinary) => this.#received(data, isBinary));
    webSocket.on('pong', () => {
      this.isAlive = true;
    });
    // The WebSocket closes by itself after what is wrong with its frames.
    webSocket.on('error', () => {});
    webSocket.on('close', () => {
      this.#releaseArriving();
      this.#answers.close();
    });
  }

  get isOpen(): boolean {
    return this.#calls !== null;
  }

  /** How long reading has been paused because it does not read its answers. */
  get pausedForMs(): number {
    const { pausedAt } = this.#answers;
    return pausedAt === null ? 0 : performance.now() - pausedAt;
  }

  /** How long, at least, an answer has been unread; to be asked now and then. */
  untakenForMs(): number {
    return this.#answers.untakenForMs();
  }

  ping(): void {
    this.isAlive = false;
    this.#webSocket.ping();
  }

  cut(): void {
    this.#webSocket.terminate();
  }

  close(code: number, reason: string): void {
    if (this.#late !== null) return;
    this.#answers.flush();
    this.#webSocket.close(code, reason.slice(0, REASON_LENGTH_MAX));
    const late = setTimeout(() => this.cut(), CLOSE_GRACE_MS);
    this.#late = late;
    this.#webSocket.once('close', () => clearTimeout(late));
  }

  /** Answers what is under way first, for at most `withinMs`. */
  async finish(code: number, reason: string, withinMs: number): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#webSocket.once('close', resolve));
    let late: NodeJS.Timeout | undefined;
    const tooLong = new Promise<void>((resolve) => {
      late = setTimeout(resolve, withinMs);
    });
    await Promise.race([this.#answers.settled(), tooLong]);
    clearTimeout(late);
    if (this.#webSocket.readyState === this.#webSocket.CLOSED) return;
    this.close(code, reason);
    await closed;
  }

  #arrived(bytes: number): void {
    this.isAlive = true;
    this.#arriving += bytes;
    if (this.#calls === null) {
      // With room for what a WebSocket puts around it.
      if (this.#arriving > 2 * HELLO_BYTES_MAX) this.cut();
      return;
    }
    const uncounted = this.#arriving - this.#heldArriving;
    if (uncounted <= UNCOUNTED_BYTES) return;
    const full = this.#answers.holdBody(uncounted);
    if (full === null) this.#heldArriving += uncounted;
    else this.close(CLOSE.tryAgain, full.message);
  }

  #releaseArriving(): void {
    this.#arriving = 0;
    if (this.#heldArriving === 0) return;
    this.#answers.releaseBody(this.#heldArriving);
    this.#heldArriving = 0;
  }

  #received(data: Buffer, isBinary: boolean): void {
    this.#releaseArriving();
    if (this.#webSocket.readyState !== this.#webSocket.OPEN) return;
    if (!isBinary) {
      this.close(CLOSE.notBinary, 'messages of a stream are binary');
      return;
    }
    const reader = new FieldReader(data);
    try {
      if (this.#calls === null) this.#open(reader);
      else this.#carry(reader, this.#calls);
    } catch (error) {
      if (error instanceof BrokenFrame || error instanceof InvalidField) {
        this.close(CLOSE.badFrame, error.message);
      } else if (error instanceof HttpError) {
        this.#refuse(error);
      } else throw error;
    }
  }

  /** @throws BrokenFrame, InvalidField; HttpError for a token that does not count */
  #open(reader: FieldReader): void {
    const context = this.#context;
    const end = reader.frameAfter(0);
    if (reader.kindAt(0) !== REQUEST.hello || end !== reader.bytes.byteLength) {
      throw new BrokenFrame('the first message is a hello, and nothing else');
    }
    const request = reader.requestAt(0);
    if (request !== 0) throw new BrokenFrame(`a hello has the request number 0, not ${request}`);
    if (end > HELLO_BYTES_MAX) throw new BrokenFrame(`a hello of ${end} bytes is too long`);
    reader.enter(0, end);
    const { token: secret } = readHello(reader);
    const token = context.access.admitStream(secret, this.#endsWithToken());
    this.#calls = this.#callsOf(token);
    const { id: serverId } = context.server;
    const { clusterId } = context.server.status();
    writeWelcome(this.#answers.writer, {
      messageBytesMax: REQUEST_MESSAGE_BYTES_MAX,
      requestsMax: this.#answers.requestsMax,
      deadlineMs: context.requestTimeoutMs,
      ...{ serverId, clusterId, software: context.version },
    });
    this.#answers.flush();
    this.#onOpen();
  }

  #callsOf(token: Token | null): StreamCalls {
    const outcomes = new StreamOutcomes(this.#context, this.#answers, this.#handshake, token);
    return new StreamCalls(this.#context, this.#kvCalls, this.#answers, outcomes);
  }

  #endsWithToken() {
    return {
      once: (_: 'close', listener: () => void) => this.#webSocket.once('close', listener),
      destroy: () => this.close(CLOSE.unauthenticated, 'the token was revoked, or has expired'),
    };
  }

  /** @throws BrokenFrame before anything was carried out; HttpError when the token counts no more */
  #carry(reader: FieldReader, calls: StreamCalls): void {
    const keeps = this.#mayKeep(reader);
    calls.renewToken();
    const { byteLength } = reader.bytes;
    for (let frame = 0; frame < byteLength; ) {
      const next = reader.frameAfter(frame);
      reader.enter(frame, next);
      calls.begin(reader, reader.kindAt(frame), reader.requestAt(frame), keeps);
      frame = next;
    }
  }

  /**
   * Checks every frame, and tells whether commands may be kept as parts of the buffer that they came
   * in: if most of it is commands. Otherwise a short one would keep a long buffer in memory.
   */
  #mayKeep({ bytes }: FieldReader): boolean {
    const reader = new FieldReader(bytes);
    let count = 0;
    let writes = 0;
    for (let frame = 0; frame < bytes.byteLength; ) {
      const next = reader.frameAfter(frame);
      const kind = reader.kindAt(frame);
      if (!KNOWN.has(kind) || kind === REQUEST.hello) {
        throw new BrokenFrame(`a frame of the kind 0x${kind.toString(16)} is not expected`);
      }
      if (kind === REQUEST.write) writes += next - frame;
      count += 1;
      frame = next;
    }
    if (count > this.#answers.requestsMax) {
      const most = this.#answers.requestsMax;
      throw new BrokenFrame(`${count} requests in one message are more than ${most} under way`);
    }
    return writes * KEPT_SHARE >= bytes.buffer.byteLength;
  }

  /** A token that does not count: said first, since browsers hide how a WebSocket was closed. */
  #refuse(error: HttpError): void {
    const { code, message } = error;
    this.#context.audit.refused(this.#handshake, null, error);
    writeFailure(this.#answers.writer, ANSWER.notApplied, 0, { code, message });
    this.close(CLOSE.unauthenticated, message);
  }
}

export interface StreamSockets {
  readonly webSocket: WebSocket;
  readonly socket: Duplex;
  readonly handshake: IncomingMessage;
}

/**
 * One stream to one server, and the requests in it. Requests of one turn are one message. Before the
 * welcome they wait, and when the server permits no more at a time.
 */
import type { Clock } from '../ports/clock.ts';
import type { SessionCommand } from '../ports/outcome.ts';
import type { OpenStream, StreamSocket } from '../ports/stream.ts';
import { readAnswer, type Welcome } from '../streaming/answers.ts';
import { BrokenFrame, FieldReader, FrameWriter, InvalidField } from '../streaming/frames.ts';
import {
  ANSWER,
  ANSWER_MESSAGE_BYTES_MAX,
  STREAM_PATH,
  STREAM_SUBPROTOCOL,
} from '../streaming/kinds.ts';
import { writeHello } from '../streaming/requests.ts';
import type { ReceivedAnswer } from './outcome-mapping.ts';
import type { ServerCall } from './server-call.ts';
import { receivedInStream } from './stream-answer.ts';

/** Of a frame, besides its value: a key, a prefix and what the list comes after, and fields. */
const FRAME_ROOM = 16 * 1_024;
const REQUEST_MAX = 0xffff_ffff;
/** A request that is abandoned after hearing nothing for this long casts doubt on the stream. */
const SUSPECT_AFTER_MS = 500;

/** A request: it waits, then it is under way, and it ends once. */
export interface StreamedCall {
  readonly call: ServerCall<unknown>;
  readonly session: SessionCommand | undefined;
  /** Whether anybody waits for it. */
  isAbandoned: boolean;
  /** When it was sent, and how many messages had come by then; null before. */
  sent: { readonly atMs: number; readonly received: number } | null;
  ended(answer: ReceivedAnswer | 'lost'): void;
  /** It cannot go in this stream, and was not sent. */
  sendElsewhere(): void;
}

export interface StreamEvents {
  /** The server has welcomed it. */
  opened(): void;
  /** It can carry nothing any more. */
  closed(): void;
}

export class Stream {
  readonly #socket: StreamSocket;
  readonly #events: StreamEvents;
  readonly #token: string;
  readonly #clock: Clock;
  #welcome: Welcome | null = null;
  #waiting: StreamedCall[] = [];
  /** Those that the server has not answered, by their numbers. */
  readonly #underWay = new Map<number, StreamedCall>();
  readonly #writer = new FrameWriter();
  #isFlushing = false;
  #request = 0;
  /** Messages that have come. */
  #received = 0;
  #wasUseful = false;
  #isClosed = false;
  /** Nothing new is sent: it is closed when all is answered that anybody waits for. */
  #isRetired = false;

  constructor(
    open: OpenStream,
    endpoint: string,
    token: string,
    clock: Clock,
    events: StreamEvents,
  ) {
    this.#events = events;
    this.#token = token;
    this.#clock = clock;
    this.#socket = open({
      address: endpoint.replace(/^http/, 'ws') + STREAM_PATH,
      subprotocol: STREAM_SUBPROTOCOL,
      messageBytesMax: ANSWER_MESSAGE_BYTES_MAX,
      opened: () => this.#hello(),
      received: (message) => this.#read(message),
      closed: () => this.#end(),
    });
  }

  get isOpen(): boolean {
    return this.#welcome !== null && !this.#isClosed;
  }

  /** Whether anything was ever answered in it. */
  get wasUseful(): boolean {
    return this.#wasUseful;
  }

  add(request: StreamedCall): void {
    this.#waiting.push(request);
    this.#socket.setBusy(true);
    if (this.#welcome !== null) this.#sendNext();
  }

  /**
   * Nobody waits for it any more.
   * @returns whether nothing has come for a while since it was sent: the server may be gone, or the way
   *   there
   */
  abandon(request: StreamedCall): boolean {
    request.isAbandoned = true;
    const { sent } = request;
    if (sent === null) this.#waiting = this.#waiting.filter((each) => each !== request);
    this.#rest();
    if (sent === null || sent.received < this.#received) return false;
    return this.#clock.now() - sent.atMs >= SUSPECT_AFTER_MS;
  }

  /** What waits goes elsewhere. */
  sendWaitingElsewhere(): void {
    for (const request of this.#waiting.splice(0)) request.sendElsewhere();
    this.#rest();
  }

  /** Something is wrong with it, but what is under way may still be answered. */
  retire(): void {
    this.#isRetired = true;
    this.sendWaitingElsewhere();
  }

  close(): void {
    this.#socket.close();
    this.#end();
  }

  #hello(): void {
    writeHello(this.#writer, { name: 'statecraft client', token: this.#token });
    this.#socket.send(this.#writer.take());
  }

  #sendNext(): void {
    const { requestsMax = 0, messageBytesMax = 0 } = this.#welcome ?? {};
    while (this.#waiting.length > 0 && this.#underWay.size < requestsMax) {
      const request = this.#waiting.shift() as StreamedCall;
      const room = request.call.valueBytes + FRAME_ROOM;
      if (this.#writer.byteLength > 0 && this.#writer.byteLength + room > messageBytesMax) {
        this.#flush();
      }
      const number = this.#nextNumber();
      request.sent = { atMs: this.#clock.now(), received: this.#received };
      this.#underWay.set(number, request);
      request.call.writeFrame(this.#writer, number, request.session);
    }
    if (this.#isFlushing || this.#writer.byteLength === 0) return;
    this.#isFlushing = true;
    queueMicrotask(() => {
      this.#isFlushing = false;
      this.#flush();
    });
  }

  #flush(): void {
    if (!this.#isClosed && this.#writer.byteLength > 0) this.#socket.send(this.#writer.take());
  }

  /** One that is not under way. */
  #nextNumber(): number {
    do this.#request = this.#request === REQUEST_MAX ? 1 : this.#request + 1;
    while (this.#underWay.has(this.#request));
    return this.#request;
  }

  #read(message: Uint8Array): void {
    if (this.#isClosed) return;
    this.#received += 1;
    try {
      const reader = new FieldReader(message);
      for (let frame = 0; frame < message.byteLength; ) {
        const next = reader.frameAfter(frame);
        reader.enter(frame, next);
        this.#take(reader, reader.kindAt(frame), reader.requestAt(frame));
        frame = next;
      }
    } catch (error) {
      if (!(error instanceof BrokenFrame || error instanceof InvalidField)) throw error;
      this.close();
      return;
    }
    this.#sendNext();
    this.#rest();
  }

  #take(reader: FieldReader, kind: number, number: number): void {
    if (this.#welcome === null) {
      const answer = readAnswer(reader, kind);
      // Refused: over HTTP the server says why.
      if (kind !== ANSWER.welcome || answer.type !== 'welcome') throw new BrokenFrame('no welcome');
      this.#welcome = answer;
      this.#events.opened();
      return;
    }
    const request = this.#underWay.get(number);
    if (request === undefined) return;
    const answer = readAnswer(reader, kind, request.call.hasValues);
    const received = receivedInStream(answer, request.call);
    if (received === null) return;
    this.#underWay.delete(number);
    this.#wasUseful = true;
    if (!request.isAbandoned) request.ended(received);
  }

  /** Without anybody who waits it keeps no process alive, and a retired one is closed. */
  #rest(): void {
    if (this.#isClosed || this.#waiting.length > 0) return;
    for (const { isAbandoned } of this.#underWay.values()) if (!isAbandoned) return;
    this.#socket.setBusy(false);
    if (this.#isRetired) this.close();
  }

  #end(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#events.closed();
    const lost = [...this.#underWay.values()];
    this.#underWay.clear();
    const waiting = this.#waiting.splice(0);
    // Later, as every ending: the caller may be in the middle of an attempt.
    this.#clock.setTimeout(() => {
      for (const request of lost) if (!request.isAbandoned) request.ended('lost');
      for (const request of waiting) if (!request.isAbandoned) request.sendElsewhere();
    }, 0);
  }
}

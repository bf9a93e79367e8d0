/** A stream as a client in another language would have it: frames out, answers in, nothing else. */
import { WebSocket } from 'ws';
import { commands } from '../../src/kv/codec.ts';
import type { KeyValueCommand } from '../../src/kv/vocabulary.ts';
import type { SessionCommand } from '../../src/ports/outcome.ts';
import { type Answer, readAnswer } from '../../src/streaming/answers.ts';
import { FieldReader, FrameWriter } from '../../src/streaming/frames.ts';
import * as requests from '../../src/streaming/requests.ts';

export interface WireOptions {
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Default: what the server speaks. */
  readonly subprotocols?: readonly string[];
  readonly localAddress?: string;
  readonly path?: string;
  /** Over TLS, with these authorities, and this certificate if there is one. */
  readonly tls?: { readonly ca: string; readonly cert?: string; readonly key?: string };
}

export class StreamWire {
  readonly webSocket: WebSocket;
  /** In the order in which they came; 0 is the welcome, or why there is none. */
  readonly answers: { readonly request: number; readonly answer: Answer }[] = [];
  /** How many messages they came in. */
  messages = 0;
  closed: { readonly code: number; readonly reason: string } | null = null;
  readonly writer = new FrameWriter();
  /** Lists that were asked for values. */
  readonly withValues = new Set<number>();
  #waiting: (() => void)[] = [];

  constructor(port: number, options: WireOptions = {}) {
    const { headers = {}, subprotocols = ['statecraft.v1'], localAddress, tls } = options;
    this.webSocket = new WebSocket(
      `${tls ? 'wss' : 'ws'}://127.0.0.1:${port}${options.path ?? '/v1/stream'}`,
      [...subprotocols],
      {
        ...tls,
        headers,
        perMessageDeflate: false,
        ...(localAddress === undefined ? {} : { localAddress }),
      },
    );
    this.webSocket.on('message', (data: Buffer) => this.#received(data));
    this.webSocket.on('error', () => {});
    this.webSocket.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString() };
      this.#changed();
    });
  }

  /** Connected, and welcome. */
  static async open(port: number, options: WireOptions = {}): Promise<StreamWire> {
    const wire = new StreamWire(port, options);
    await wire.connected();
    requests.writeHello(wire.writer, { name: 'test', token: options.token ?? '' });
    wire.send();
    await wire.answer(0);
    return wire;
  }

  connected(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.webSocket.once('open', resolve);
      this.webSocket.once('error', reject);
    });
  }

  /** What was written, as one message. */
  send(): void {
    this.webSocket.send(this.writer.take());
  }

  write(request: number, command: KeyValueCommand, session?: SessionCommand, deadlineMs = 0): void {
    requests.writeWrite(this.writer, request, deadlineMs, session, commands.encode(command));
  }

  put(request: number, key: string, value: string): void {
    this.write(request, { type: 'put', key, value });
  }

  get(request: number, key: string, isStale = false): void {
    requests.writeGet(this.writer, request, 0, key, isStale);
  }

  /** Sends what was written and waits for the answer to that request. */
  async ask(request: number): Promise<Answer> {
    this.send();
    return this.answer(request);
  }

  async answer(request: number): Promise<Answer> {
    for (;;) {
      const found = this.answers.find((each) => each.request === request);
      if (found !== undefined) return found.answer;
      if (this.closed !== null) {
        throw new Error(`closed with ${this.closed.code} (${this.closed.reason})`);
      }
      await this.#change();
    }
  }

  async untilClosed() {
    while (this.closed === null) await this.#change();
    return this.closed;
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #changed(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #received(data: Buffer): void {
    this.messages += 1;
    const reader = new FieldReader(data);
    for (let frame = 0; frame < data.byteLength; ) {
      const next = reader.frameAfter(frame);
      const request = reader.requestAt(frame);
      reader.enter(frame, next);
      const answer = readAnswer(reader, reader.kindAt(frame), this.withValues.has(request));
      this.answers.push({ request, answer });
      frame = next;
    }
    this.#changed();
  }
}

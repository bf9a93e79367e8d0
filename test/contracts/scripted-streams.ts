/** Streams for a client, in memory: the test opens them, answers in them, and breaks them. */
import type { HttpPort, StreamRequest } from '../../src/client/index.ts';
import { beginApplied, writeFailure, writeWelcome } from '../../src/streaming/answers.ts';
import { FieldReader, FrameWriter } from '../../src/streaming/frames.ts';
import { ANSWER, REQUEST } from '../../src/streaming/kinds.ts';
import { readHello } from '../../src/streaming/requests.ts';
import { ScriptedServers } from './scripted-servers.ts';

const AT = { index: 9, term: 2 };

export class HeldStream {
  readonly request: StreamRequest;
  readonly messages: Uint8Array[] = [];
  isClosed = false;
  isBusy = true;
  readonly #writer = new FrameWriter();

  constructor(request: StreamRequest) {
    this.request = request;
  }

  /** Opens it and is welcome, as far as the hello is good. */
  welcome(requestsMax = 1_024): void {
    this.request.opened();
    writeWelcome(this.#writer, {
      ...{ messageBytesMax: 2_097_152, requestsMax, deadlineMs: 5_000 },
      ...{ serverId: 'a', clusterId: 'scripted', software: '' },
    });
    this.request.received(this.#writer.take());
  }

  get token(): string {
    const reader = new FieldReader(this.messages[0] ?? new Uint8Array());
    reader.enter(0, reader.frameAfter(0));
    return readHello(reader).token;
  }

  /** Of the requests so far, without the hello. */
  get asked(): readonly number[] {
    const numbers: number[] = [];
    for (const message of this.messages) {
      const reader = new FieldReader(message);
      for (let frame = 0; frame < message.byteLength; frame = reader.frameAfter(frame)) {
        if (reader.kindAt(frame) !== REQUEST.hello) numbers.push(reader.requestAt(frame));
      }
    }
    return numbers;
  }

  written(request: number, revision = 7): void {
    beginApplied(this.#writer, ANSWER.written, request, AT);
    this.#writer.u64(revision);
    this.#writer.u64(1);
    this.#writer.end();
    this.request.received(this.#writer.take());
  }

  /** @param fields - beside its code and message */
  fail(request: number, code: string, fields: object = {}): void {
    const kind = code === 'outcome_unknown' ? ANSWER.unknown : ANSWER.notApplied;
    writeFailure(this.#writer, kind, request, { code, message: `about ${code}`, ...fields });
    this.request.received(this.#writer.take());
  }

  break(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.request.closed();
  }
}

export class ScriptedStreams extends ScriptedServers implements HttpPort {
  readonly streams: HeldStream[] = [];
  /** What becomes of a stream at once. */
  onOpened: (stream: HeldStream) => void = () => {};

  readonly openStream = (request: StreamRequest) => {
    const stream = new HeldStream(request);
    this.streams.push(stream);
    this.clock.setTimeout(() => this.onOpened(stream), 1);
    return {
      send: (message: Uint8Array) => stream.messages.push(message.slice()),
      close: () => stream.break(),
      setBusy: (isBusy: boolean) => {
        stream.isBusy = isBusy;
      },
    };
  };
}

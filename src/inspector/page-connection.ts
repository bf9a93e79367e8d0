/**
 * One connected page: it has an event recorder of its own, whose lines are sent a few times a second,
 * and never more of them than the page reads.
 */
import type { WebSocket } from 'ws';
import type { InspectionEvent } from 'xstate';
import { EventRecorder } from './event-recorder.ts';
import {
  type ChartRecord,
  type HelloRecord,
  INSPECTION_FORMAT,
  INSPECTION_VERSION,
} from './protocol.ts';
import { recordText } from './record-text.ts';
import type { Weigh } from './weight.ts';

/** What pages show. */
export interface InspectionSource {
  hello(): Omit<HelloRecord, 'type' | 'format' | 'version' | 'atMs'>;
  /** Reports which actors are present, then what happens. Returns what ends it. */
  attach(listener: SourceListener): () => void;
  /** The name of an actor's machine; its chart may follow. */
  nameOf?(logic: unknown, tell: (chart: ChartRecord) => void): string;
  /** A better rule than the general one, where its machines are known. */
  readonly weigh?: Weigh;
}

export interface SourceListener {
  next(event: InspectionEvent): void;
  /** The source has failed as a whole. */
  failed(message: string): void;
}

export const DEFAULT_PAGE_LIMITS = {
  /** Milliseconds between two messages to the page. */
  flushMs: 40,
  /** Waiting in this process to be sent: beyond it the page is behind, and only landmarks are kept. */
  behindBytes: 1024 * 1024,
  /** A page that is behind for so many milliseconds is disconnected: it reconnects and starts anew. */
  behindMsMax: 30_000,
  /** Likewise one that is behind with so many records that must not be dropped. */
  waitingRecordsMax: 10_000,
  /** Likewise with so much of their text. */
  waitingCharactersMax: 8 * 1024 * 1024,
};

export type PageLimits = Readonly<typeof DEFAULT_PAGE_LIMITS>;

type UntimedRecord = Parameters<typeof recordText>[0];

/** WebSocket close codes (RFC 6455, section 7.4). */
const GOING_AWAY = 1001;
const POLICY = 1008;
const INTERNAL = 1011;

export class PageConnection {
  readonly #webSocket: WebSocket;
  readonly #recorder: EventRecorder;
  readonly #limits: PageLimits;
  readonly #flushing: NodeJS.Timeout;
  #detach: () => void = () => {};
  #hasEnded = false;
  /** Machines whose charts were sent. */
  readonly #drawn = new Set<string>();
  #urgent: string[] = [];
  #behindSince: number | null = null;
  #isPinged = false;

  constructor(
    webSocket: WebSocket,
    source: InspectionSource,
    limits: PageLimits = DEFAULT_PAGE_LIMITS,
  ) {
    this.#webSocket = webSocket;
    this.#limits = limits;
    const nameOf = (logic: unknown) =>
      source.nameOf?.(logic, (chart) => this.#queueChart(chart)) ?? '';
    this.#recorder = new EventRecorder({
      now: epochMs,
      weigh: source.weigh,
      nameOf: source.nameOf && nameOf,
    });
    // Malformed frames and broken connections are followed by `close`.
    webSocket.on('error', () => {});
    webSocket.on('message', (data) => {
      this.#isPinged ||= data.toString() === 'ping';
    });
    webSocket.once('close', () => this.#end());
    this.#flushing = setInterval(() => this.#guarded(() => this.#flush()), limits.flushMs);
    this.#guarded(() => {
      const hello = { format: INSPECTION_FORMAT, version: INSPECTION_VERSION } as const;
      this.#queue({ type: 'hello', ...hello, atMs: epochMs(), ...source.hello() });
      this.#detach = source.attach({
        next: (event) => this.#record(event),
        failed: (message) => this.#queue({ type: 'failed', atMs: epochMs(), actor: null, message }),
      });
      this.#flush();
    });
    if (this.#hasEnded) this.#detach();
  }

  /** Sends what is left, and why it ends. */
  finish(why: string): void {
    this.#guarded(() => {
      this.#flush(true);
      this.#send([recordText({ type: 'ended', atMs: epochMs(), why })]);
    });
    this.#close(GOING_AWAY, why);
  }

  /** Called from within the actors' own work, and often: must not throw, should not allocate. */
  #record(event: InspectionEvent): void {
    try {
      this.#recorder.record(event);
    } catch (error) {
      this.#fail(error);
    }
  }

  #queue(record: UntimedRecord): void {
    this.#urgent.push(recordText(record));
  }

  /** Once for all actors of the machine. */
  #queueChart(chart: ChartRecord): void {
    if (this.#drawn.has(chart.machine)) return;
    this.#drawn.add(chart.machine);
    this.#queue(chart);
  }

  #flush(isEnd = false): void {
    const { behindBytes, behindMsMax } = this.#limits;
    const isBehind = this.#webSocket.bufferedAmount > behindBytes;
    this.#behindSince = isBehind ? (this.#behindSince ?? performance.now()) : null;
    const behindMs = performance.now() - (this.#behindSince ?? performance.now());
    if (behindMs > behindMsMax || (isBehind && this.#isTooMuch())) {
      this.#close(POLICY, 'this page does not read what it is sent; reload it');
      return;
    }
    this.#recorder.isPaused = isBehind;
    if (this.#isPinged) this.#queue({ type: 'pong', atMs: epochMs() });
    this.#isPinged = false;
    const urgent = this.#urgent;
    this.#urgent = [];
    this.#send([...urgent, ...this.#recorder.lines(isEnd)]);
  }

  /** Landmarks are kept for a page that is behind, but not without limit. */
  #isTooMuch(): boolean {
    const { waitingRecordsMax, waitingCharactersMax } = this.#limits;
    const { records, characters } = this.#recorder.waiting;
    return records > waitingRecordsMax || characters > waitingCharactersMax;
  }

  #send(lines: readonly string[]): void {
    const isOpen = this.#webSocket.readyState === this.#webSocket.OPEN;
    if (isOpen && lines.length > 0) this.#webSocket.send(lines.join('\n'));
  }

  /** An error in here costs the page its connection, and does not harm the server. */
  #guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.#close(INTERNAL, `the inspector has failed: ${reason}`);
  }

  #close(code: number, reason: string): void {
    this.#end();
    // A close frame has room for 123 bytes of UTF-8.
    this.#webSocket.close(code, Buffer.from(reason).subarray(0, 120).toString().replace(/�$/, ''));
  }

  #end(): void {
    this.#hasEnded = true;
    clearInterval(this.#flushing);
    this.#detach();
  }
}

/** A larger difference means that the computer has slept or its clock was set: the finer clock is wrong. */
const DRIFT_MAX_MS = 20;

/** Milliseconds since 1970 with fractions, so that what happened on two servers can be put in order. */
function epochMs(): number {
  const coarse = Date.now();
  const fine = performance.timeOrigin + performance.now();
  const isFine = Math.abs(fine - coarse) < DRIFT_MAX_MS;
  return isFine ? Math.round(fine * 100) / 100 : coarse;
}

/**
 * Requests of one connection take effect in the order in which they were sent (RFC 9112 §9.3.2).
 * Node.js emits each as soon as its head has been parsed, however many of the same connection are not
 * answered yet. Only safe ones run side by side; another waits until all before it have been
 * answered, and so do those behind it. While any waits, nothing more is read.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { REQUESTS_PER_CONNECTION_MAX } from './budget.ts';
import type { RequestsInFlight } from './in-flight.ts';
import { intercept } from './intercept.ts';

/** RFC 9110 §9.2.1. */
const SAFE = new Set<string | undefined>(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

interface Turn {
  readonly isSafe: boolean;
  /** Null for what is not, or no longer, a request of HTTP: it has the connection to itself. */
  readonly exchange: {
    readonly request: IncomingMessage;
    readonly response: ServerResponse;
  } | null;
  readonly start: () => void;
}

export type RequestOrder = ReturnType<typeof requestOrder>;

/** @param inFlight - counts the requests that wait */
export function requestOrder(inFlight: RequestsInFlight) {
  const queues = new WeakMap<Socket, ConnectionQueue>();
  const queueOf = (socket: Socket) => {
    const known = queues.get(socket);
    if (known !== undefined) return known;
    const queue = new ConnectionQueue(socket, inFlight);
    queues.set(socket, queue);
    return queue;
  };
  return {
    /** Call it once everything that answers requests listens to the server. */
    watch(server: Server): void {
      intercept<[IncomingMessage, ServerResponse]>(
        server,
        'request',
        (start, request, response) => {
          queueOf(request.socket).take(request, response, start);
        },
      );
      intercept<[IncomingMessage, Socket]>(server, 'upgrade', (start, _request, socket) => {
        // Node.js no longer handles errors of this socket, and its next owner does not yet.
        socket.on('error', () => socket.destroy());
        queueOf(socket).end(start);
      });
    },
    /**
     * What came next over that connection is not a valid request, or broke off: `answer` is called
     * when it is its turn, and is the last answer there. If the answer to the request that broke off
     * is already being sent, there is no such turn, and the connection is closed.
     */
    end: (socket: Socket, answer: () => void) => queueOf(socket).fail(answer),
  };
}

/** The requests of one connection. */
class ConnectionQueue {
  readonly #socket: Socket;
  readonly #inFlight: RequestsInFlight;
  #waiting: Turn[] = [];
  #running = 0;
  /** Whether all that run are safe. */
  #isSafe = true;
  /** The one whose body is still arriving, or may be. */
  #latest: Turn | null = null;
  /** Requests for which there was no room to wait; only the first of them is answered. */
  #turnedAway = 0;
  /** Nothing more is taken. */
  #hasEnded = false;
  #isWatched = false;

  constructor(socket: Socket, inFlight: RequestsInFlight) {
    this.#socket = socket;
    this.#inFlight = inFlight;
  }

  take(request: IncomingMessage, response: ServerResponse, start: () => void): void {
    if (this.#hasEnded) return;
    const isSafe = SAFE.has(request.method);
    const turn = { isSafe, exchange: { request, response }, start };
    if (this.#waiting.length === 0 && this.#mayStart(isSafe)) {
      this.#start(turn);
      return;
    }
    if (this.#turnedAway > 0 || !this.#inFlight.enter(request)) {
      this.#turnedAway += 1;
      if (this.#turnedAway > REQUESTS_PER_CONNECTION_MAX) this.#socket.destroy();
      if (this.#turnedAway > 1) return;
      this.#inFlight.turnAway(request);
      response.shouldKeepAlive = false;
    }
    this.#wait(turn);
  }

  /** The connection is for `start` alone once everything before has been answered. */
  end(start: () => void): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    const turn = { isSafe: false, exchange: null, start };
    if (this.#running === 0 && this.#waiting.length === 0) this.#start(turn);
    else this.#wait(turn);
  }

  fail(answer: () => void): void {
    if (this.#hasEnded) {
      // It was told so, and keeps sending.
      if (this.#waiting.length === 0) this.#socket.destroy();
      return;
    }
    const broken = this.#latest?.exchange ?? null;
    if (broken === null || broken.request.complete) {
      this.end(answer);
      return;
    }
    if (this.#waiting.at(-1) === this.#latest) {
      this.#waiting.pop();
      this.#inFlight.leave(broken.request);
      this.end(answer);
      return;
    }
    // It runs, but has done nothing yet, since its body has not arrived.
    this.#hasEnded = true;
    if (this.#running > 1 || broken.response.headersSent) this.#socket.destroy();
    else answer();
  }

  #mayStart(isSafe: boolean): boolean {
    if (this.#running === 0) return true;
    return isSafe && this.#isSafe && this.#running < REQUESTS_PER_CONNECTION_MAX;
  }

  #start(turn: Turn): void {
    this.#running += 1;
    this.#isSafe = turn.isSafe;
    if (turn.exchange !== null) {
      this.#latest = turn;
      turn.exchange.response.once('finish', () => this.#finished(turn));
    }
    turn.start();
  }

  #finished(turn: Turn): void {
    this.#running -= 1;
    if (this.#latest === turn && turn.exchange?.request.complete) this.#latest = null;
    // Other connections get a turn in between, however fast the answers are.
    if (this.#waiting.length > 0) setImmediate(() => this.#next());
  }

  #next(): void {
    if (this.#waiting.length === 0) return;
    // The client was told that the last answer closes the connection: what is behind it is ignored.
    if (!this.#socket.writable) {
      this.#abandon();
      return;
    }
    for (;;) {
      const [first] = this.#waiting;
      if (first === undefined || !this.#mayStart(first.isSafe)) break;
      this.#waiting.shift();
      this.#start(first);
    }
    if (this.#waiting.length === 0) this.#socket.resume();
  }

  #wait(turn: Turn): void {
    this.#waiting.push(turn);
    if (turn.exchange !== null) this.#latest = turn;
    this.#socket.pause();
    if (this.#isWatched) return;
    this.#isWatched = true;
    // Reading the body of an earlier request resumes the connection, and so does Node.js.
    this.#socket.on('resume', () => {
      if (this.#waiting.length > 0) this.#socket.pause();
    });
    this.#socket.once('close', () => this.#abandon());
  }

  #abandon(): void {
    this.#hasEnded = true;
    this.#waiting = [];
  }
}

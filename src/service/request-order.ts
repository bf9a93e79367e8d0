/**
 * Requests of one connection take effect in the order in which they were sent (RFC 9112 §9.3.2).
 * Node.js hands out each as soon as its head has been parsed, however many of the same connection
 * are not answered yet. Only safe ones run side by side; another waits until all before it have
 * been answered, and whatever is behind it waits as well. While any waits, nothing more is read.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { before } from './before.ts';
import { REQUESTS_PER_CONNECTION_MAX } from './bounds.ts';

/** RFC 9110 §9.2.1. */
const SAFE = new Set<string | undefined>(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

/** Where waiting requests are counted, until they begin or their connection is closed. */
export interface WaitingRoom {
  /** False when it is full. */
  enter(request: IncomingMessage): boolean;
  leave(request: IncomingMessage): void;
  /** That request is answered 429, when it is its turn, and its connection closed. */
  turnAway(request: IncomingMessage): void;
}

interface Turn {
  readonly isSafe: boolean;
  /** Null for what is no request of HTTP, or no longer one: it has the connection to itself. */
  readonly exchange: {
    readonly request: IncomingMessage;
    readonly response: ServerResponse;
  } | null;
  readonly go: () => void;
}

export class RequestOrder {
  readonly #lanes = new WeakMap<Socket, Lane>();
  readonly #room: WaitingRoom;

  constructor(room: WaitingRoom) {
    this.#room = room;
  }

  /** Call it when everybody who answers requests listens to the server. */
  watch(server: Server): void {
    before<[IncomingMessage, ServerResponse]>(server, 'request', (go, request, response) => {
      this.#laneOf(request.socket).take(request, response, go);
    });
    before<[IncomingMessage, Socket]>(server, 'upgrade', (go, _request, socket) => {
      // Node.js listens no more, and whoever takes the connection over does not yet.
      socket.on('error', () => socket.destroy());
      this.#laneOf(socket).end(go);
    });
  }

  /**
   * What came next over that connection cannot be read as a request, or broke off: `answer` says
   * so when it is its turn, as the last thing that is said there. If the answer to the request that
   * broke off is already being sent, there is no such turn, and the connection is cut.
   */
  end(socket: Socket, answer: () => void): void {
    this.#laneOf(socket).fail(answer);
  }

  #laneOf(socket: Socket): Lane {
    const known = this.#lanes.get(socket);
    if (known !== undefined) return known;
    const lane = new Lane(socket, this.#room);
    this.#lanes.set(socket, lane);
    return lane;
  }
}

/** The requests of one connection. */
class Lane {
  readonly #socket: Socket;
  readonly #room: WaitingRoom;
  #waiting: Turn[] = [];
  #running = 0;
  /** Whether all that run are safe. */
  #isSafe = true;
  /** The one whose body is still arriving, or may be. */
  #latest: Turn | null = null;
  /** Requests that came when the waiting room was full; only the first of them is answered. */
  #turnedAway = 0;
  /** Nothing more is taken. */
  #hasEnded = false;
  #isWatched = false;

  constructor(socket: Socket, room: WaitingRoom) {
    this.#socket = socket;
    this.#room = room;
  }

  take(request: IncomingMessage, response: ServerResponse, go: () => void): void {
    if (this.#hasEnded) return;
    const isSafe = SAFE.has(request.method);
    const turn = { isSafe, exchange: { request, response }, go };
    if (this.#waiting.length === 0 && this.#mayStart(isSafe)) {
      this.#start(turn);
      return;
    }
    if (this.#turnedAway > 0 || !this.#room.enter(request)) {
      this.#turnedAway += 1;
      if (this.#turnedAway > REQUESTS_PER_CONNECTION_MAX) this.#socket.destroy();
      if (this.#turnedAway > 1) return;
      this.#room.turnAway(request);
      response.shouldKeepAlive = false;
    }
    this.#wait(turn);
  }

  /** The connection is for `go` alone once everything before has been answered. */
  end(go: () => void): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    const turn = { isSafe: false, exchange: null, go };
    if (this.#running === 0 && this.#waiting.length === 0) this.#start(turn);
    else this.#wait(turn);
  }

  fail(answer: () => void): void {
    if (this.#hasEnded) {
      // It was told so, and goes on sending.
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
      this.#room.leave(broken.request);
      this.end(answer);
      return;
    }
    // It runs. Nothing was done yet that its answer would tell of, since its body was to come.
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
    turn.go();
  }

  #finished(turn: Turn): void {
    this.#running -= 1;
    if (this.#latest === turn && turn.exchange?.request.complete) this.#latest = null;
    // Other connections have their turn in between, however fast the answers are.
    if (this.#waiting.length > 0) setImmediate(() => this.#next());
  }

  #next(): void {
    if (this.#waiting.length === 0) return;
    // What was sent behind the last request is not for us: the client was told that it is the last.
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
    this.#watch();
    this.#socket.pause();
  }

  #watch(): void {
    if (this.#isWatched) return;
    this.#isWatched = true;
    // Whoever reads the body of an earlier request resumes the connection, and so does Node.js.
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

/**
 * What requests hold while they are under way, counted against the server's bounds. A request is
 * refused before it costs anything: its body is not read, its answer is not made.
 */
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from '../vendor/fastify.ts';
import type { ServiceBounds } from './bounds.ts';
import { Budget } from './budget.ts';
import { type Connection, Connections, type Holding } from './connections.ts';
import { Fault } from './errors.ts';
import type { WaitingRoom } from './request-order.ts';

const CLOSE_INTERVAL_MS = 5_000;
const SOON = { 'retry-after': '1' };

/** What one request holds. */
class Share implements Holding {
  readonly connection: Connection;
  startedAt = performance.now();
  readonly #connections: Connections;
  readonly #taken = new Map<Budget, number>();
  #isOver: boolean;

  constructor(connections: Connections, connection: Connection, isOver: boolean) {
    this.#connections = connections;
    this.connection = connection;
    this.#isOver = isOver;
    if (!isOver) connections.begin(connection, this);
  }

  /** Of a request whose connection is gone nothing is counted: nothing more comes of it. */
  take(budget: Budget, amount: number): boolean {
    if (this.#isOver) return true;
    if (!budget.take(this.connection.address, amount)) return false;
    this.#taken.set(budget, (this.#taken.get(budget) ?? 0) + amount);
    return true;
  }

  /** It turned out to be less. */
  shrink(budget: Budget, amount: number): void {
    const taken = this.#taken.get(budget) ?? 0;
    if (amount >= taken) return;
    this.#taken.set(budget, amount);
    budget.giveBack(this.connection.address, taken - amount);
  }

  release(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const [budget, amount] of this.#taken) budget.giveBack(this.connection.address, amount);
    this.#connections.end(this.connection, this);
  }
}

interface Shared extends IncomingMessage {
  [SHARE]?: Share;
}

const SHARE = Symbol('what this request holds');

export class UnderWay implements WaitingRoom {
  readonly connections: Connections;
  readonly requests: Budget;
  readonly bodyBytes: Budget;
  readonly answerBytes: Budget;
  readonly #id: string;
  readonly #turnedAway = new WeakSet<IncomingMessage>();

  constructor(id: string, bounds: ServiceBounds) {
    this.#id = id;
    this.connections = new Connections(bounds.connections);
    this.requests = new Budget(bounds.requests);
    this.bodyBytes = new Budget(bounds.bodyBytes);
    this.answerBytes = new Budget(bounds.answerBytes);
  }

  /**
   * Behind everything that may refuse a request by its head alone.
   * @param requestMsMax - from the head of a request until its answer has been taken
   */
  watch(app: FastifyInstance, requestMsMax: number): void {
    app.addHook('preParsing', (request, _reply, payload, done) => {
      const fault = this.#begin(request.raw);
      if (fault === null) done(null, payload);
      else done(fault);
    });
    const closing = setInterval(() => this.closeOlderThan(requestMsMax), CLOSE_INTERVAL_MS);
    closing.unref();
    app.addHook('onClose', async () => clearInterval(closing));
    app.addHook('onResponse', (request, _reply, done) => {
      (request.raw as Shared)[SHARE]?.release();
      done();
    });
  }

  /** Whoever takes an answer a byte at a time holds it no longer than that. */
  closeOlderThan(ms: number): void {
    const startedBy = performance.now() - ms;
    this.connections.closeWhere(({ holdings }) =>
      [...holdings].some(({ startedAt }) => startedAt <= startedBy),
    );
  }

  #begin(request: Shared): Fault | null {
    const waiting = request[SHARE];
    if (waiting !== undefined) {
      waiting.startedAt = performance.now();
      return null;
    }
    const { connection } = this.#share(request);
    if (!this.#turnedAway.has(request)) return this.#hold(request, this.requests, 1, 'requests');
    return this.#noRoom(this.requests, connection.address, 1, 'requests');
  }

  #share(request: Shared): Share {
    const connection = this.connections.of(request.socket);
    const share = new Share(this.connections, connection, request.socket.destroyed);
    request[SHARE] = share;
    return share;
  }

  /** It waits for those before it on its connection, and counts as under way. */
  enter(request: Shared): boolean {
    const share = this.#share(request);
    share.startedAt = Number.POSITIVE_INFINITY;
    if (share.take(this.requests, 1)) return true;
    this.leave(request);
    return false;
  }

  leave(request: Shared): void {
    request[SHARE]?.release();
    delete request[SHARE];
  }

  turnAway(request: IncomingMessage): void {
    this.#turnedAway.add(request);
  }

  /** Another `bytes` of its body. */
  holdBody(request: Shared, bytes: number): Fault | null {
    return this.#hold(request, this.bodyBytes, bytes, 'bytes of request bodies');
  }

  /** @throws Fault `overloaded` when an answer of that many bytes is too much just now */
  holdAnswer(request: Shared, bytes: number): void {
    const fault = this.#hold(request, this.answerBytes, bytes, 'bytes of answers');
    if (fault !== null) throw fault;
  }

  /** The answer has only so many. */
  shrinkAnswer(request: Shared, bytes: number): void {
    request[SHARE]?.shrink(this.answerBytes, bytes);
  }

  #hold(request: Shared, budget: Budget, amount: number, what: string): Fault | null {
    const share = request[SHARE];
    if (share === undefined || share.take(budget, amount)) return null;
    return this.#noRoom(budget, share.connection.address, amount, what);
  }

  #noRoom(budget: Budget, address: string, amount: number, what: string): Fault {
    const { max, perAddressMax } = budget.limit;
    const isShare = budget.obstacle(address, amount) === 'share';
    const [most, whom] = isShare ? [perAddressMax, address] : [max, 'all clients together'];
    const sentence =
      `server ${this.#id} takes ${most} ${what} at a time from ${whom}, and this would be more; ` +
      'nothing was changed, try again in a moment';
    return new Fault('overloaded', sentence, { headers: SOON });
  }
}

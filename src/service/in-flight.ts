/**
 * What requests hold while they are in flight, counted against the server's bounds. A request is
 * refused before it costs anything: its body is not read, its answer is not built.
 */
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from '../vendor/fastify.ts';
import { MemoryBudget, type ServiceBounds } from './budget.ts';
import { Connections, type Holding } from './connections.ts';
import { HttpError } from './errors.ts';

const CLOSE_INTERVAL_MS = 5_000;

/** On the request itself: a weak map of all requests has to be gone through with each collection. */
const HOLDING = Symbol('holding');

interface CountedRequest extends IncomingMessage {
  [HOLDING]?: Holding;
}

export class RequestsInFlight {
  readonly connections: Connections;
  readonly requests: MemoryBudget;
  readonly bodyBytes: MemoryBudget;
  readonly answerBytes: MemoryBudget;
  readonly #id: string;
  readonly #turnedAway = new WeakSet<IncomingMessage>();

  constructor(id: string, bounds: ServiceBounds) {
    this.#id = id;
    this.connections = new Connections(bounds.connections);
    this.requests = new MemoryBudget(bounds.requests, 'requests');
    this.bodyBytes = new MemoryBudget(bounds.bodyBytes, 'bytes of request bodies');
    this.answerBytes = new MemoryBudget(bounds.answerBytes, 'bytes of answers');
  }

  /**
   * Behind everything that may refuse a request by its head alone.
   * @param requestMsMax - from the head of a request until its answer has been taken
   */
  watch(app: FastifyInstance, requestMsMax: number): void {
    app.addHook('preParsing', ({ raw }, _reply, payload, done) => {
      const error = this.#begin(raw);
      if (error === null) done(null, payload);
      else done(error);
    });
    // A client that takes its answer a byte at a time holds it no longer than that.
    const closing = setInterval(
      () => this.connections.closeOlderThan(requestMsMax),
      CLOSE_INTERVAL_MS,
    ).unref();
    app.addHook('onClose', async () => clearInterval(closing));
    app.addHook('onResponse', ({ raw }, _reply, done) => {
      holdingOf(raw)?.release();
      done();
    });
  }

  #begin(request: IncomingMessage): HttpError | null {
    const waiting = holdingOf(request);
    if (waiting !== undefined) {
      waiting.startedAt = performance.now();
      return null;
    }
    const { address } = this.#add(request);
    if (!this.#turnedAway.has(request)) return this.#hold(request, this.requests, 1);
    return this.full(this.requests, address, 1);
  }

  #add(request: IncomingMessage): Holding {
    const holding = this.connections.hold(request.socket);
    (request as CountedRequest)[HOLDING] = holding;
    return holding;
  }

  /** It waits for those before it on its connection, and is counted. False when there is no room. */
  enter(request: IncomingMessage): boolean {
    const holding = this.#add(request);
    holding.startedAt = Number.POSITIVE_INFINITY;
    if (holding.take(this.requests, 1)) return true;
    this.leave(request);
    return false;
  }

  leave(request: IncomingMessage): void {
    holdingOf(request)?.release();
    delete (request as CountedRequest)[HOLDING];
  }

  /** It is answered 429 when it is its turn. */
  turnAway(request: IncomingMessage): void {
    this.#turnedAway.add(request);
  }

  /** Another `bytes` of its body; why not, or null. */
  holdBody(request: IncomingMessage, bytes: number): HttpError | null {
    return this.#hold(request, this.bodyBytes, bytes);
  }

  /** @throws HttpError `overloaded` when an answer of that many bytes is too much just now */
  holdAnswer(request: IncomingMessage, bytes: number): void {
    const error = this.#hold(request, this.answerBytes, bytes);
    if (error !== null) throw error;
  }

  /** The answer has only so many. */
  shrinkAnswer(request: IncomingMessage, bytes: number): void {
    holdingOf(request)?.shrink(this.answerBytes, bytes);
  }

  #hold(request: IncomingMessage, budget: MemoryBudget, amount: number): HttpError | null {
    const holding = holdingOf(request);
    if (holding === undefined || holding.take(budget, amount)) return null;
    return this.full(budget, holding.address, amount);
  }

  /** Why that much more is too much. */
  full(budget: MemoryBudget, address: string, amount: number): HttpError {
    const { max, perAddressMax } = budget.limit;
    const isShare = budget.obstacle(address, amount) === 'share';
    const [most, whom] = isShare ? [perAddressMax, address] : [max, 'all clients together'];
    const message =
      `server ${this.#id} takes ${most} ${budget.unit} at a time from ${whom}, and this would be more; ` +
      'nothing was changed, try again in a moment';
    return new HttpError('overloaded', message);
  }
}

function holdingOf(request: IncomingMessage): Holding | undefined {
  return (request as CountedRequest)[HOLDING];
}

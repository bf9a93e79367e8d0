/**
 * Requests a second of one caller, off unless asked for: a token bucket that holds what comes in one
 * second. A caller is a token's name or, without tokens, a remote address.
 */
import type { FastifyInstance, FastifyRequest } from '../vendor/fastify.ts';
import { Fault } from './errors.ts';
import { isHealth } from './health-routes.ts';
import { addressKey } from './remote-address.ts';

/** Callers that are remembered; a caller that was quiet for a second is as good as forgotten. */
const CALLERS_MAX = 10_000;
const SECOND_MS = 1_000;

/**
 * One number for each caller: when its bucket would be full again. That is the bucket: as far as it
 * lies ahead, so much has been taken out.
 */
export class RequestRate {
  readonly #intervalMs: number;
  /** Least recently used first. */
  readonly #fullAt = new Map<string, number>();

  constructor(perSecond: number) {
    this.#intervalMs = SECOND_MS / perSecond;
  }

  get callers(): number {
    return this.#fullAt.size;
  }

  /** 0 when a request of that caller may pass now, else after how many milliseconds one may. */
  waitMs(caller: string, now: number): number {
    const fullAt = Math.max(now, this.#fullAt.get(caller) ?? 0) + this.#intervalMs;
    const waitMs = fullAt - now - Math.max(SECOND_MS, this.#intervalMs);
    if (waitMs > 0) return waitMs;
    this.#fullAt.delete(caller);
    this.#fullAt.set(caller, fullAt);
    if (this.#fullAt.size > CALLERS_MAX) this.#forget(now);
    return 0;
  }

  /** Whoever's bucket is full again, and in any case one. */
  #forget(now: number): void {
    let isFirst = true;
    for (const [caller, fullAt] of this.#fullAt) {
      if (fullAt > now && !isFirst) return;
      this.#fullAt.delete(caller);
      isFirst = false;
    }
  }
}

export interface RateOptions {
  readonly id: string;
  readonly perSecond: number;
}

/** Behind everything that may refuse a request by its head alone, as who asks is known by then. */
export function limitRate(app: FastifyInstance, { id, perSecond }: RateOptions): void {
  const rate = new RequestRate(perSecond);
  app.addHook('preParsing', (request, _reply, payload, done) => {
    if (isHealth(request.raw)) {
      done(null, payload);
      return;
    }
    const caller = callerOf(request);
    const waitMs = rate.waitMs(caller, performance.now());
    if (waitMs === 0) done(null, payload);
    else done(tooOften(id, perSecond, caller, waitMs));
  });
}

/** Set by whoever has checked the token. */
interface Called {
  readonly caller?: string;
}

function callerOf(request: FastifyRequest): string {
  const { caller } = request as Called;
  if (caller !== undefined) return `token ${caller}`;
  return `address ${addressKey(request.raw.socket.remoteAddress)}`;
}

function tooOften(id: string, perSecond: number, caller: string, waitMs: number): Fault {
  const sentence =
    `server ${id} takes ${perSecond} requests a second from one caller (${caller}), and this is ` +
    `one too many; nothing was changed, try again in ${Math.ceil(waitMs)} ms`;
  const headers = { 'retry-after': String(Math.ceil(waitMs / SECOND_MS)) };
  return new Fault('overloaded', sentence, { headers });
}

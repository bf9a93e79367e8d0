/**
 * Requests per second, of each token, or of each address where there are no tokens: a token bucket
 * that holds one second's worth and refills steadily.
 */
import { HttpError } from './errors.ts';

interface Bucket {
  requests: number;
  atMs: number;
}

/** A caller that was forgotten has a full bucket again: at most one second's worth more. */
const CALLERS_MAX = 10_000;

export class RequestRate {
  readonly #perSecondMax: number;
  readonly #now: () => number;
  /** The most recent caller is the last. */
  readonly #buckets = new Map<string, Bucket>();

  constructor(perSecondMax: number, now: () => number = () => performance.now()) {
    this.#perSecondMax = perSecondMax;
    this.#now = now;
  }

  /** @throws HttpError `overloaded` when that caller sends too many requests */
  assertAllowed(caller: string): void {
    const max = this.#perSecondMax;
    const now = this.#now();
    const { requests, atMs } = this.#buckets.get(caller) ?? { requests: max, atMs: now };
    const filled = Math.min(max, requests + ((now - atMs) / 1_000) * max);
    this.#buckets.delete(caller);
    this.#buckets.set(caller, { requests: filled < 1 ? filled : filled - 1, atMs: now });
    const [first = ''] = this.#buckets.keys();
    if (this.#buckets.size > CALLERS_MAX) this.#buckets.delete(first);
    if (filled >= 1) return;
    const message = `${caller} sends more than ${max} requests a second; nothing was changed, try again more slowly`;
    throw new HttpError('overloaded', message);
  }
}

/**
 * Requests a second, of each token, or of each address where there are no tokens: a bucket that holds
 * one second's worth and fills up steadily.
 */
import { Fault } from './errors.ts';

interface Bucket {
  requests: number;
  atMs: number;
}

/** A caller who was forgotten has a full bucket again: at most one second's worth more. */
const CALLERS_MAX = 10_000;

export class RequestRate {
  readonly #perSecondMax: number;
  readonly #now: () => number;
  /** The one that asked last is the last. */
  readonly #buckets = new Map<string, Bucket>();

  constructor(perSecondMax: number, now: () => number = () => performance.now()) {
    this.#perSecondMax = perSecondMax;
    this.#now = now;
  }

  /** @throws Fault `overloaded` when that caller has asked too often */
  assertAllowed(caller: string): void {
    const now = this.#now();
    const bucket = this.#buckets.get(caller) ?? { requests: this.#perSecondMax, atMs: now };
    const filled = bucket.requests + ((now - bucket.atMs) / 1_000) * this.#perSecondMax;
    bucket.requests = Math.min(this.#perSecondMax, filled);
    bucket.atMs = now;
    this.#buckets.delete(caller);
    this.#buckets.set(caller, bucket);
    this.#forgetFirst();
    if (bucket.requests < 1) throw tooOften(caller, this.#perSecondMax);
    bucket.requests -= 1;
  }

  #forgetFirst(): void {
    if (this.#buckets.size <= CALLERS_MAX) return;
    const [first = ''] = this.#buckets.keys();
    this.#buckets.delete(first);
  }
}

function tooOften(caller: string, perSecondMax: number): Fault {
  return new Fault(
    'overloaded',
    `${caller} asks more than ${perSecondMax} times a second; nothing was changed, try again more slowly`,
    { headers: { 'retry-after': '1' } },
  );
}

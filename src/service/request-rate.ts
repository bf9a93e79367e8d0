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

/**
 * Counts a request of the caller that is given.
 * @returns what throws HttpError `overloaded` when that caller sends too many requests
 */
export function requestRate(
  perSecondMax: number,
  now: () => number = () => performance.now(),
): (caller: string) => void {
  /** The most recent caller is the last. */
  const buckets = new Map<string, Bucket>();
  return (caller) => {
    const nowMs = now();
    const { requests, atMs } = buckets.get(caller) ?? { requests: perSecondMax, atMs: nowMs };
    const filled = Math.min(perSecondMax, requests + ((nowMs - atMs) / 1_000) * perSecondMax);
    buckets.delete(caller);
    buckets.set(caller, { requests: filled < 1 ? filled : filled - 1, atMs: nowMs });
    const [first = ''] = buckets.keys();
    if (buckets.size > CALLERS_MAX) buckets.delete(first);
    if (filled >= 1) return;
    const message = `${caller} sends more than ${perSecondMax} requests a second; nothing was changed, try again more slowly`;
    throw new HttpError('overloaded', message);
  };
}

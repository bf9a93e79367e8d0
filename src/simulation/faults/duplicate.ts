/** Delivers some messages a second time, a while after the first. */
import { type MonoTypeOperatorFunction, Observable } from 'rxjs';
import type { DurationRange, FaultContext } from './fault-context.ts';

/**
 * Delivers each message a second time, later, with the given probability, 0 to 1.
 *
 * @example simulate({ link: (from, to, context) => duplicate(0.2, context) })
 */
export function duplicate<Item>(
  probability: number,
  { clock, random }: FaultContext,
  { minMs, maxMs }: DurationRange = { minMs: 0, maxMs: 100 },
): MonoTypeOperatorFunction<Item> {
  return (source) =>
    new Observable((subscriber) =>
      source.subscribe({
        next: (item) => {
          subscriber.next(item);
          if (!random.chance(probability)) return;
          clock.setTimeout(() => subscriber.next(item), random.between(minMs, maxMs));
        },
        error: (error) => subscriber.error(error),
        complete: () => subscriber.complete(),
      }),
    );
}

/** Holds some messages back, so that later ones overtake them. */
import { type MonoTypeOperatorFunction, Observable } from 'rxjs';
import type { DurationRange, FaultContext } from './fault-context.ts';

/**
 * Holds each message back with the given probability, 0 to 1, so that later ones overtake it.
 *
 * @example simulate({ link: (from, to, context) => reorder(0.1, context, { minMs: 200, maxMs: 2000 }) })
 */
export function reorder<Item>(
  probability: number,
  { clock, random }: FaultContext,
  { minMs, maxMs }: DurationRange = { minMs: 1, maxMs: 200 },
): MonoTypeOperatorFunction<Item> {
  return (source) =>
    new Observable((subscriber) =>
      source.subscribe({
        next: (item) => {
          if (!random.chance(probability)) subscriber.next(item);
          else clock.setTimeout(() => subscriber.next(item), random.between(minMs, maxMs));
        },
        error: (error) => subscriber.error(error),
        complete: () => subscriber.complete(),
      }),
    );
}

/**
 * Delivers each message later, in the order they were sent, as a connection does.
 *
 * RxJS's own `delay` does the same on the virtual scheduler at some twenty times the cost.
 */
import { type MonoTypeOperatorFunction, Observable } from 'rxjs';
import type { DurationRange, FaultContext } from './fault-context.ts';

/**
 * Delivers each message later by a random duration, in the order in which they were sent.
 *
 * @param onDue told for each item, as it sets out, when it will be delivered
 * @example simulate({ link: (from, to, context) => delay({ minMs: 5, maxMs: 15 }, context) })
 */
export function delay<Item>(
  { minMs, maxMs }: DurationRange,
  { clock, random }: FaultContext,
  onDue?: (item: Item, dueAtMs: number) => void,
): MonoTypeOperatorFunction<Item> {
  return (source) =>
    new Observable((subscriber) => {
      let latest = 0;
      const later = (deliver: () => void, durationMs: number) => {
        latest = Math.max(latest, clock.now() + durationMs);
        return clock.setTimeout(deliver, latest - clock.now()).deadline;
      };
      return source.subscribe({
        next: (item) => {
          const dueAtMs = later(() => subscriber.next(item), random.between(minMs, maxMs));
          onDue?.(item, dueAtMs);
        },
        error: (error) => subscriber.error(error),
        complete: () => later(() => subscriber.complete(), 0),
      });
    });
}

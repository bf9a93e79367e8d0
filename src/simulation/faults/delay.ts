/**
 * Delivers each message later, in the order they were sent, as a connection does.
 *
 * RxJS's own `delay` does the same on the virtual scheduler at some twenty times the cost.
 */
import { type MonoTypeOperatorFunction, Observable } from 'rxjs';
import type { DurationRange, Surroundings } from './surroundings.ts';

/**
 * @example simulate({ link: (from, to, world) => delay({ minMs: 5, maxMs: 15 }, world) })
 */
export function delay<Item>(
  { minMs, maxMs }: DurationRange,
  { clock, random }: Surroundings,
): MonoTypeOperatorFunction<Item> {
  return (source) =>
    new Observable((subscriber) => {
      let latest = 0;
      const later = (deliver: () => void, durationMs: number) => {
        latest = Math.max(latest, clock.now() + durationMs);
        clock.setTimeout(deliver, latest - clock.now());
      };
      return source.subscribe({
        next: (item) => later(() => subscriber.next(item), random.between(minMs, maxMs)),
        error: (error) => subscriber.error(error),
        complete: () => later(() => subscriber.complete(), 0),
      });
    });
}

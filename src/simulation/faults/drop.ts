/** Loses messages, each with the same probability. */
import { filter, type MonoTypeOperatorFunction } from 'rxjs';
import type { FaultContext } from './fault-context.ts';

/**
 * Loses each message with the given probability, 0 to 1.
 *
 * @example simulate({ link: (from, to, context) => drop(0.1, context) })
 */
export function drop<Item>(
  probability: number,
  { random }: Pick<FaultContext, 'random'>,
): MonoTypeOperatorFunction<Item> {
  return filter(() => !random.chance(probability));
}

/** Loses messages, each with the same probability. */
import { filter, type MonoTypeOperatorFunction } from 'rxjs';
import type { Surroundings } from './surroundings.ts';

/**
 * Loses each message with the given probability, 0 to 1.
 *
 * @example simulate({ link: (from, to, world) => drop(0.1, world) })
 */
export function drop<Item>(
  probability: number,
  { random }: Pick<Surroundings, 'random'>,
): MonoTypeOperatorFunction<Item> {
  return filter(() => !random.chance(probability));
}

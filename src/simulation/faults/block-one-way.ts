/** Cuts single directions: one server is not heard by another, and still hears it. */
import { filter, type MonoTypeOperatorFunction } from 'rxjs';
import type { ServerId } from '../../../machines/rules/entries.ts';
import type { Envelope } from '../../../machines/rules/messages.ts';

/** From which server to which. */
export type Direction = readonly [from: ServerId, to: ServerId];

/**
 * Loses what is sent in the blocked directions; what is sent the other way arrives.
 *
 * @param blocked the directions that are cut just now
 * @example simulate({ link: () => blockOneWay(() => [['a', 'b']]) })
 */
export function blockOneWay<Item extends Envelope>(
  blocked: () => readonly Direction[],
): MonoTypeOperatorFunction<Item> {
  return filter(({ from, to }) => !isBlocked(blocked(), from, to));
}

export function isBlocked(blocked: readonly Direction[], from: ServerId, to: ServerId): boolean {
  return blocked.some(([blockedFrom, blockedTo]) => blockedFrom === from && blockedTo === to);
}

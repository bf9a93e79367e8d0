/** Cuts single directions: one server is not heard by another, and still hears it. */
import { filter, type MonoTypeOperatorFunction } from 'rxjs';
import type { ServerId } from '../../../machines/rules/entries.ts';
import type { Envelope } from '../../../machines/rules/messages.ts';

export type Direction = readonly [from: ServerId, to: ServerId];

/**
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

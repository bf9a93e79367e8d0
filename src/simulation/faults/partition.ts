/** Cuts the servers into groups that do not hear each other; asked anew for each message. */
import { filter, type MonoTypeOperatorFunction } from 'rxjs';
import type { ServerId } from '../../../machines/rules/entries.ts';
import type { Envelope } from '../../../machines/rules/messages.ts';

/** Servers named in no group are a group of their own, together. */
export type Groups = readonly (readonly ServerId[])[];

/**
 * Loses what is sent from one group of servers to another one; groups are asked for anew each time.
 *
 * @param groups the present groups; null or none while everybody hears everybody
 * @example simulate({ link: () => partition(() => (isNight ? [['a', 'b'], ['c']] : null)) })
 */
export function partition<Item extends Envelope>(
  groups: () => Groups | null,
): MonoTypeOperatorFunction<Item> {
  return filter(({ from, to }) => !areApart(groups(), from, to));
}

export function areApart(groups: Groups | null, from: ServerId, to: ServerId): boolean {
  if (groups === null) return false;
  const groupOf = (id: ServerId) => groups.findIndex((group) => group.includes(id));
  return groupOf(from) !== groupOf(to);
}

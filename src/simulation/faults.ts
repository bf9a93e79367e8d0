/** The faults a link can have, one operator each; they compose with RxJS's `pipe`. */
import { filter, type MonoTypeOperatorFunction, Observable } from 'rxjs';
import type { ServerId } from '../../machines/rules/entries.ts';
import type { Envelope } from '../../machines/rules/messages.ts';
import type { SeededRandom } from './random.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** The virtual time and the seeded chance that a fault draws from, so that a seed repeats it. */
export interface FaultContext {
  readonly clock: VirtualClock;
  readonly random: SeededRandom;
}

/** A duration, drawn uniformly for each message. */
export interface DurationRange {
  readonly minMs: number;
  readonly maxMs: number;
}

/** Servers that are named in no group form one more group. */
export type Groups = readonly (readonly ServerId[])[];

/** What the first sends does not reach the second. */
export type Direction = readonly [from: ServerId, to: ServerId];

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

/**
 * Delivers each message later by a random duration, in the order in which they were sent. RxJS's
 * own `delay` on a virtual scheduler costs some twenty times as much.
 *
 * @param onDue called for each item as it sets out, with the time at which it will be delivered
 * @example simulate({ link: (from, to, context) => delay({ minMs: 5, maxMs: 15 }, context) })
 */
export function delay<Item>(
  { minMs, maxMs }: DurationRange,
  { clock, random }: FaultContext,
  onDue?: (item: Item, dueAtMs: number) => void,
): MonoTypeOperatorFunction<Item> {
  return delivering(() => {
    let latest = 0;
    return (item, deliver) => {
      latest = Math.max(latest, clock.now() + random.between(minMs, maxMs));
      const { deadline } = clock.setTimeout(() => deliver(item), latest - clock.now());
      onDue?.(item, deadline);
    };
  });
}

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
  return delivering(() => (item, deliver) => {
    deliver(item);
    if (!random.chance(probability)) return;
    clock.setTimeout(() => deliver(item), random.between(minMs, maxMs));
  });
}

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
  return delivering(() => (item, deliver) => {
    if (!random.chance(probability)) deliver(item);
    else clock.setTimeout(() => deliver(item), random.between(minMs, maxMs));
  });
}

/**
 * Loses what is sent from one group of servers to another; the groups are read for each message.
 *
 * @param groups the present groups; null or none while everybody hears everybody
 * @example simulate({ link: () => partition(() => (isNight ? [['a', 'b'], ['c']] : null)) })
 */
export function partition<Item extends Envelope>(
  groups: () => Groups | null,
): MonoTypeOperatorFunction<Item> {
  return filter(({ from, to }) => !areApart(groups(), from, to));
}

/**
 * Loses what is sent in the blocked directions only; they are read for each message.
 *
 * @example simulate({ link: () => blockOneWay(() => [['a', 'b']]) })
 */
export function blockOneWay<Item extends Envelope>(
  blocked: () => readonly Direction[],
): MonoTypeOperatorFunction<Item> {
  return filter(({ from, to }) => !isBlocked(blocked(), from, to));
}

export function areApart(groups: Groups | null, from: ServerId, to: ServerId): boolean {
  if (groups === null) return false;
  const groupOf = (id: ServerId) => groups.findIndex((group) => group.includes(id));
  return groupOf(from) !== groupOf(to);
}

export function isBlocked(blocked: readonly Direction[], from: ServerId, to: ServerId): boolean {
  return blocked.some(([blockedFrom, blockedTo]) => blockedFrom === from && blockedTo === to);
}

type Delivery<Item> = (item: Item, deliver: (item: Item) => void) => void;

/** An operator that decides when, and how often, each item is delivered. */
export function delivering<Item>(begin: () => Delivery<Item>): MonoTypeOperatorFunction<Item> {
  return (source) =>
    new Observable((subscriber) => {
      const next = begin();
      const deliver = (item: Item) => subscriber.next(item);
      return source.subscribe({
        next: (item) => next(item, deliver),
        error: (error) => subscriber.error(error),
        complete: () => subscriber.complete(),
      });
    });
}

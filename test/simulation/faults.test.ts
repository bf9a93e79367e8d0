import { type MonoTypeOperatorFunction, Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import {
  blockOneWay,
  type Direction,
  delay,
  drop,
  duplicate,
  type Groups,
  partition,
  reorder,
  SeededRandom,
  VirtualClock,
} from '../../src/simulation/index.ts';

const world = () => ({ clock: new VirtualClock(), random: new SeededRandom('faults') });

/** Sends 0, 1, 2 … a millisecond apart, and tells what comes out, and when. */
function through(
  { clock }: { clock: VirtualClock },
  operator: MonoTypeOperatorFunction<number>,
  count = 1_000,
) {
  const link = new Subject<number>();
  const arrivals: { item: number; at: number }[] = [];
  link.pipe(operator).subscribe((item) => arrivals.push({ item, at: clock.now() }));
  for (let item = 0; item < count; item += 1) clock.setTimeout(() => link.next(item), item);
  while (clock.fireNext());
  return arrivals;
}

describe('faults of a link', () => {
  it('drop loses its share, and keeps the order of the rest', () => {
    const here = world();
    const items = through(here, drop(0.3, here)).map(({ item }) => item);
    expect(items.length).toBeGreaterThan(640);
    expect(items.length).toBeLessThan(760);
    expect(items).toEqual([...items].sort((a, b) => a - b));
  });

  it('delay delivers everything later, within its range, in the order it was sent', () => {
    const here = world();
    const arrivals = through(here, delay({ minMs: 5, maxMs: 15 }, here));
    expect(arrivals.map(({ item }) => item)).toEqual(Array.from({ length: 1_000 }, (_, at) => at));
    const waits = arrivals.map(({ item, at }) => at - item);
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(5);
    expect(Math.max(...waits)).toBeLessThanOrEqual(15);
    expect(new Set(waits).size).toBeGreaterThan(100);
  });

  it('duplicate delivers its share twice', () => {
    const here = world();
    const items = through(here, duplicate(0.2, here)).map(({ item }) => item);
    expect(new Set(items).size).toBe(1_000);
    expect(items.length).toBeGreaterThan(1_140);
    expect(items.length).toBeLessThan(1_260);
  });

  it('reorder loses nothing, and lets later ones overtake', () => {
    const here = world();
    const items = through(here, reorder(0.2, here, { minMs: 1, maxMs: 50 })).map(
      ({ item }) => item,
    );
    expect([...items].sort((a, b) => a - b)).toEqual(Array.from({ length: 1_000 }, (_, at) => at));
    expect(items).not.toEqual([...items].sort((a, b) => a - b));
  });

  it('partition cuts between groups only; who is in none is with the others in none', () => {
    let groups: Groups | null = [['a', 'b'], ['c']];
    const passes = (from: string, to: string) => {
      const link = new Subject<{ from: string; to: string }>();
      let hasPassed = false;
      link.pipe(partition(() => groups)).subscribe(() => {
        hasPassed = true;
      });
      link.next({ from, to });
      return hasPassed;
    };
    expect([passes('a', 'b'), passes('a', 'c'), passes('c', 'b')]).toEqual([true, false, false]);
    expect([passes('d', 'e'), passes('d', 'a')]).toEqual([true, false]);
    groups = null;
    expect(passes('a', 'c')).toBe(true);
  });

  it('blockOneWay cuts one direction and leaves the other', () => {
    const blocked: Direction[] = [['a', 'b']];
    const seen: string[] = [];
    const link = new Subject<{ from: string; to: string }>();
    link.pipe(blockOneWay(() => blocked)).subscribe(({ from, to }) => seen.push(from + to));
    link.next({ from: 'a', to: 'b' });
    link.next({ from: 'b', to: 'a' });
    blocked.length = 0;
    link.next({ from: 'a', to: 'b' });
    expect(seen).toEqual(['ba', 'ab']);
  });
});

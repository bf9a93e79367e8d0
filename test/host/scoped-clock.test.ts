/** A server that has ended leaves no timer behind, and touches none of others' on the same clock. */
import { expect, test } from 'vitest';
import { ScopedClock } from '../../src/host/scoped-clock.ts';
import { VirtualClock } from '../../src/simulation/virtual-clock.ts';

test('dropping a share silences its timers, those that are set later too, and nobody else’s', () => {
  const clock = new VirtualClock();
  const [one, other] = [new ScopedClock(clock), new ScopedClock(clock)];
  const fired: string[] = [];
  one.setTimeout(() => fired.push('one'), 100);
  const others = other.setTimeout(() => fired.push('other'), 100);
  one.clearTimeout(others);
  one.drop();
  one.setTimeout(() => fired.push('after the drop'), 50);
  while (clock.fireNext());
  expect(fired).toEqual(['other']);
  expect(clock.now()).toBe(100);
});

test('a timer that has fired or was cleared is not kept: a server sets millions', () => {
  const cleared: unknown[] = [];
  const clock = new VirtualClock();
  const scoped = new ScopedClock({
    now: () => clock.now(),
    setTimeout: (callback, delayMs) => clock.setTimeout(callback, delayMs),
    clearTimeout: (id) => {
      cleared.push(id);
      clock.clearTimeout(id);
    },
  });
  scoped.setTimeout(() => undefined, 1);
  while (clock.fireNext());
  const id = scoped.setTimeout(() => undefined, 1);
  scoped.clearTimeout(id);
  scoped.clearTimeout(id);
  scoped.drop();
  expect(cleared).toEqual([id]);
});

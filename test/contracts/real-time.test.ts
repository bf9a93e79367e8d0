/** The clock of a real server (design: cluster time is never a wall clock's). */
import { afterEach, expect, it, vi } from 'vitest';
import { realClock } from '../../src/node/real-time.ts';

afterEach(() => void vi.useRealTimers());

it('does not care what the wall clock says', () => {
  const before = realClock.now();
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('1999-12-31') });
  const after = realClock.now();
  expect(after).toBeGreaterThanOrEqual(before);
  expect(after - before).toBeLessThan(60_000);
});

import { expect, it } from 'vitest';
import { RateLimitedLog } from '../../src/node/rate-limited-log.ts';

it('what repeats itself is said once a minute, another one at once', () => {
  let now = 0;
  const log = new RateLimitedLog(() => now);
  expect(log.isNews('b is refused')).toBe(true);
  now = 59_999;
  expect(log.isNews('b is refused')).toBe(false);
  expect(log.isNews('c is refused')).toBe(true);
  now = 60_000;
  expect(log.isNews('b is refused')).toBe(true);
});

it('the log of a minute is bounded, however many have something to say in it', () => {
  let now = 0;
  const log = new RateLimitedLog(() => now);
  const said = Array.from({ length: 10_000 }, (_, at) => log.isNews(`stranger ${at}`));
  expect(said.filter(Boolean).length).toBe(101);
  expect(log.isNews('stranger 0')).toBe(false);
  now = 60_000;
  expect(log.isNews('stranger 9999')).toBe(true);
});

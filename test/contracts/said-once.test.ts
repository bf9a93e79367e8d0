import { expect, it } from 'vitest';
import { SaidOnce } from '../../src/cli/said-once.ts';

it('a sentence that repeats itself is said once a minute, another one at once', () => {
  let now = 0;
  const said = new SaidOnce(() => now);
  expect(said.isNews('b is refused')).toBe(true);
  now = 59_999;
  expect(said.isNews('b is refused')).toBe(false);
  expect(said.isNews('c is refused')).toBe(true);
  now = 60_000;
  expect(said.isNews('b is refused')).toBe(true);
});

import { describe, expect, it } from 'vitest';
import { Kept } from '../../src/inspector/kept.ts';

function keptOf(max: number, count: number): Kept<number> {
  const kept = new Kept<number>(max);
  for (let item = 0; item < count; item += 1) kept.push(item * 10);
  return kept;
}

describe('the last so many', () => {
  it('everything is kept under its number until there are too many', () => {
    const kept = keptOf(5, 5);
    expect([kept.first, kept.total]).toEqual([0, 5]);
    expect([0, 1, 2, 3, 4].map((number) => kept.at(number))).toEqual([0, 10, 20, 30, 40]);
  });

  it('the oldest go first, and numbers stay what they were', () => {
    for (const count of [6, 9, 10, 11, 14, 15, 16, 99]) {
      const kept = keptOf(5, count);
      expect([kept.first, kept.total, kept.last]).toEqual([count - 5, count, (count - 1) * 10]);
      expect(kept.at(count - 6)).toBeUndefined();
      expect(kept.at(count - 5)).toBe((count - 5) * 10);
      expect(kept.at(count)).toBeUndefined();
    }
  });

  it('more can be kept for a while', () => {
    const kept = keptOf(5, 7);
    kept.max = 8;
    for (let item = 7; item < 10; item += 1) kept.push(item * 10);
    expect([kept.first, kept.total]).toEqual([2, 10]);
    kept.max = 5;
    kept.push(100);
    expect([kept.first, kept.total, kept.at(6)]).toEqual([6, 11, 60]);
  });

  it('is searched from a number on, back and forth, within what is kept', () => {
    const kept = keptOf(5, 9);
    expect(kept.findLast((item) => item < 60)).toBe(5);
    expect(kept.findLast((item) => item < 60, 4)).toBe(4);
    expect(kept.findLast((item) => item < 40)).toBe(-1);
    expect(kept.findNext((item) => item > 50, 0)).toBe(6);
    expect(kept.findNext((item) => item > 80, 0)).toBe(-1);
  });

  it('the end of a prefix is found among what is kept', () => {
    const kept = keptOf(5, 9);
    expect(kept.endOf((item) => item <= 60)).toBe(7);
    expect(kept.endOf(() => false)).toBe(4);
    expect(kept.endOf(() => true)).toBe(9);
  });
});

import { describe, expect, it } from 'vitest';
import { LASTING_MAX, RingBuffer } from '../../src/inspector/ring-buffer.ts';

function keptOf(max: number, count: number): RingBuffer<number> {
  const kept = new RingBuffer<number>(max);
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

  it('what is lasting is there under its number when all around it is gone', () => {
    const kept = new RingBuffer<number>(5, (item) => item % 30 === 0);
    for (let item = 0; item < 20; item += 1) kept.push(item * 10);
    expect(kept.lasting.map(({ number }) => number)).toEqual([0, 3, 6, 9, 12]);
    expect([kept.first, kept.total]).toEqual([15, 20]);
    expect([2, 3, 4, 12, 14, 15].map((number) => kept.at(number))).toEqual([
      ...[undefined, 30, undefined, 120, undefined, 150],
    ]);
  });

  it('a search looks only where nothing is missing, and at the very one it begins with', () => {
    const kept = new RingBuffer<number>(5, (item) => item % 30 === 0);
    for (let item = 0; item < 20; item += 1) kept.push(item * 10);
    expect(kept.findLast(() => true, 12)).toBe(12);
    expect(kept.findLast(() => true, 13)).toBe(-1);
    expect(kept.findNext(() => true, 3)).toBe(15);
    expect(kept.endOf((item) => item < 100)).toBe(15);
  });

  it('what is lasting has an end, too', () => {
    const kept = new RingBuffer<number>(1, () => true);
    for (let item = 0; item < LASTING_MAX + 10; item += 1) kept.push(item);
    expect([kept.lasting.length, kept.lasting[0]?.number]).toEqual([LASTING_MAX, 9]);
  });

  it('the end of a prefix is found among what is kept', () => {
    const kept = keptOf(5, 9);
    expect(kept.endOf((item) => item <= 60)).toBe(7);
    expect(kept.endOf(() => false)).toBe(4);
    expect(kept.endOf(() => true)).toBe(9);
  });
});

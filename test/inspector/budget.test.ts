/** The purse that what is told is paid from. */
import { describe, expect, it } from 'vitest';
import { DEFAULT_BUDGET, RecordBudget } from '../../src/inspector/budget.ts';

const LIMITS = {
  ...{ windowMs: 100, recordsPerWindow: 2 },
  ...{ windowsWhenShort: 1, recordsWhenShort: 2 },
  ...{ recordsMax: 5, recordsForOrdinary: 1 },
  ...{ charactersPerWindow: 20, charactersMax: 50 },
};

/** How many are told of a hundred that come at once, each that long. */
function told(budget: RecordBudget, nowMs: number, isRepeat = true, characters = 1): number {
  for (let count = 0; count < 100; count += 1) {
    if (!budget.admits(nowMs, isRepeat)) return count;
    budget.spend(characters);
  }
  return 100;
}

describe('the budget', () => {
  it('begins full, keeps the last records for what is no repeat, and fills with each window', () => {
    const budget = new RecordBudget(LIMITS);
    expect([told(budget, 1_000), told(budget, 1_000, false)]).toEqual([4, 1]);
    expect([told(budget, 1_099), told(budget, 1_099, false)]).toEqual([0, 0]);
    expect([told(budget, 1_100), told(budget, 1_100, false)]).toEqual([1, 1]);
    expect([told(budget, 1_300), told(budget, 1_300, false)]).toEqual([3, 1]);
  });

  it('fills less after a window in which it was not enough', () => {
    const budget = new RecordBudget({ ...LIMITS, recordsPerWindow: 3, recordsWhenShort: 1 });
    expect([told(budget, 1_000, false), told(budget, 1_100, false)]).toEqual([5, 1]);
    const thrifty = new RecordBudget({ ...LIMITS, recordsPerWindow: 3, recordsWhenShort: 1 });
    for (let i = 0; i < 3; i += 1) {
      expect(thrifty.admits(1_000, false)).toBe(true);
      thrifty.spend(1);
    }
    expect(told(thrifty, 1_100, false)).toBe(5);
  });

  it('is filled seldom once it was not enough, and then for a whole run', () => {
    const limits = { ...LIMITS, windowsWhenShort: 10, recordsWhenShort: 4, recordsMax: 9 };
    const budget = new RecordBudget(limits);
    const runs = [];
    for (let nowMs = 0; nowMs < 3_000; nowMs += 100) runs.push(told(budget, nowMs));
    const pause = Array.from({ length: 9 }, () => 0);
    expect(runs).toEqual([8, ...pause, 4, ...pause, 4, ...pause]);
    expect(told(budget, 2_999, false)).toBe(1);
  });

  it('is filled in each window again when it is enough', () => {
    const budget = new RecordBudget({ ...LIMITS, windowsWhenShort: 10, recordsWhenShort: 4 });
    expect([told(budget, 0), told(budget, 900)]).toEqual([4, 0]);
    expect(budget.admits(1_000, true)).toBe(true);
    budget.spend(4);
    expect(told(budget, 1_100)).toBe(4);
  });

  it('holds no more than its most, however long nothing came', () => {
    const budget = new RecordBudget(LIMITS);
    expect([told(budget, 1_000, false), told(budget, 1_000_000, false)]).toEqual([5, 5]);
  });

  it('is paid in characters, too', () => {
    const budget = new RecordBudget(LIMITS);
    expect([told(budget, 1_000, false, 30), told(budget, 1_100, false, 30)]).toEqual([2, 1]);
  });

  it('outlives a clock that is set back', () => {
    const budget = new RecordBudget(LIMITS);
    told(budget, 1_000_000, false);
    expect(told(budget, 1_000, false)).toBe(2);
  });

  it('has room for the heartbeats of a leader with four followers, ten seconds long', () => {
    const budget = new RecordBudget(DEFAULT_BUDGET);
    // Timer, request, sending, answer, acceptance: five events a beat, 900 characters each.
    for (let nowMs = 0; nowMs < 10_000; nowMs += 50) {
      for (let event = 0; event < 4 * 5; event += 1) {
        expect(budget.admits(nowMs, true)).toBe(true);
        budget.spend(900);
      }
    }
  });
});

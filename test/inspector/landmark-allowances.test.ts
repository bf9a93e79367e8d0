/** How many landmarks of a kind are told. */
import { describe, expect, it } from 'vitest';
import { LandmarkAllowances } from '../../src/inspector/budget.ts';

const LIMITS = { recordsAtOnce: 4, recordsPerSecond: 1, kindsMax: 2 };

/** How many of ten are told. */
function told(allowances: LandmarkAllowances, kind: string, nowMs: number): number {
  return Array.from({ length: 10 }, () => allowances.admits(kind, nowMs)).filter(Boolean).length;
}

describe('the allowance of a kind', () => {
  it('is so many at once, and few more with each second', () => {
    const allowances = new LandmarkAllowances(LIMITS);
    expect(told(allowances, 'vote', 1_000)).toBe(4);
    expect(told(allowances, 'vote', 1_999)).toBe(0);
    expect(told(allowances, 'vote', 2_000)).toBe(1);
    expect(told(allowances, 'vote', 4_000)).toBe(2);
    expect(told(allowances, 'vote', 1_000_000)).toBe(4);
  });

  it('is nobody else’s', () => {
    const allowances = new LandmarkAllowances(LIMITS);
    expect([told(allowances, 'refusal', 0), told(allowances, 'vote', 0)]).toEqual([4, 4]);
  });

  it('is shared by all kinds that are too many', () => {
    const allowances = new LandmarkAllowances(LIMITS);
    for (const kind of ['one', 'two']) told(allowances, kind, 0);
    expect([told(allowances, 'three', 0), told(allowances, 'four', 0)]).toEqual([4, 0]);
  });

  it('makes room when its kind has not come for long', () => {
    const allowances = new LandmarkAllowances(LIMITS);
    for (const kind of ['one', 'two']) told(allowances, kind, 0);
    const kinds = ['three', 'four'].map((kind) => told(allowances, kind, 10_000));
    expect(kinds).toEqual([4, 4]);
  });

  it('outlives a clock that is set back', () => {
    const allowances = new LandmarkAllowances(LIMITS);
    told(allowances, 'vote', 1_000_000);
    expect(told(allowances, 'vote', 1_000)).toBe(1);
  });
});

/**
 * The course's tests of the key/value service (MIT 6.824, lab 3) in virtual time: one seed with
 * shorter rounds, or, once seeds are asked for, that many at the course's own length.
 */
import { describe, expect, it } from 'vitest';
import { courseSeeds } from './course-test.ts';
import { lab3 } from './lab-3.ts';
import { LAB_3 } from './lab-3-bounds.ts';

const seeds = courseSeeds(1);
const isShort = process.env.STATECRAFT_SEEDS === undefined;

describe('lab 3', () => {
  it('has all 23 tests of the edition of 2023, each with its numbers', () => {
    expect(new Set(lab3.map(({ name }) => name)).size).toBe(23);
    for (const { bounds } of lab3) {
      expect(Object.values(bounds).every(Number.isFinite)).toBe(true);
      expect(bounds).toMatchObject({ testMs: 120_000, servers: expect.any(Number) });
    }
  });

  for (const test of lab3) {
    for (const seed of seeds) {
      it(`${test.name} · seed ${seed}`, () => test.run(seed, { isShort }), LAB_3.testMs);
    }
  }
});

/** The course's tests of Raft itself (MIT 6.824, lab 2), each over several seeds, in virtual time. */
import { describe, expect, it } from 'vitest';
import { inTier } from '../tiers/tier.ts';
import { LAB_2 } from './bounds-lab-2.ts';
import { courseSeeds } from './course-test.ts';
import { lab2 } from './lab-2.ts';

const seeds = courseSeeds(inTier({ quick: 1, full: 5 }));

describe('lab 2', () => {
  it('has all 28 tests of the edition of 2023, each with its numbers', () => {
    const names = lab2.map(({ name }) => name);
    expect(names).toHaveLength(28);
    expect([...names].sort()).toEqual(Object.keys(LAB_2).sort());
  });

  for (const test of lab2) {
    for (const seed of seeds) it(`${test.name} · seed ${seed}`, () => test.run(seed));
  }
});

/** What did nobody think of? Seeded histories under faults, with the referee after every event. */
import { describe, expect, it } from 'vitest';
import { type Counts, sumOf } from '../../src/simulation/search/counter.ts';
import { inTier } from '../tiers/tier.ts';
import { FLOORS_PER_HUNDRED } from './floors.ts';
import { search } from './search.ts';

/** Of the few seeds of the quick tier those in which the most happens. */
const FIRST = inTier({ quick: 33, full: 1 });
const SEEDS = inTier({ quick: 30, full: 150 });
/** So many per test that a failure is named within seconds. */
const PER_TEST = inTier({ quick: 10, full: 15 });

describe('random faults break nothing: no invariant at any event, and when they end', () => {
  const counted: Counts[] = [];

  it.each(Array.from({ length: SEEDS / PER_TEST }, (_, at) => FIRST + at * PER_TEST))(
    'the majority converges and answers, and every history is linearizable · seeds from %i on',
    async (first) => {
      for (let seed = first; seed < first + PER_TEST; seed += 1) {
        counted.push((await search(seed)).counts);
      }
    },
    120_000,
  );

  it.each(Object.keys(FLOORS_PER_HUNDRED))(
    'enough happened in these histories to mean something: %s',
    (name) => {
      const counts = sumOf(counted);
      expect(counted).toHaveLength(SEEDS);
      expect(counts[name]).toBeGreaterThanOrEqual(((FLOORS_PER_HUNDRED[name] ?? 0) * SEEDS) / 100);
    },
  );

  it('the checker has decided about every one of them', () => {
    expect(sumOf(counted).undecided).toBeUndefined();
  });
});

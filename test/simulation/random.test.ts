import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../src/simulation/random.ts';

const draw = (random: SeededRandom, count: number) =>
  Array.from({ length: count }, () => random.next());

describe('seeded chance', () => {
  it('gives the same numbers for the same seed, and others for another', () => {
    expect(draw(new SeededRandom(7), 20)).toEqual(draw(new SeededRandom(7), 20));
    expect(draw(new SeededRandom(7), 20)).not.toEqual(draw(new SeededRandom(8), 20));
  });

  it('gives each purpose a stream that does not depend on what others have drawn', () => {
    const untouched = new SeededRandom(7);
    const used = new SeededRandom(7);
    draw(used, 1_000);
    expect(draw(used.fork('disk'), 5)).toEqual(draw(untouched.fork('disk'), 5));
    expect(draw(used.fork('network'), 5)).not.toEqual(draw(untouched.fork('disk'), 5));
  });

  it('is uniform in [0, 1) as far as a thousand bins can tell', () => {
    const random = new SeededRandom('uniform');
    const bins = new Array<number>(1_000).fill(0);
    for (let turn = 0; turn < 100_000; turn += 1) {
      bins[Math.floor(random.next() * 1_000)]! += 1;
    }
    expect(bins).toHaveLength(1_000);
    const chiSquare = bins.reduce((sum, count) => sum + (count - 100) ** 2 / 100, 0);
    // 999 degrees of freedom: a mean of 999 and a deviation of 45.
    expect(chiSquare).toBeGreaterThan(800);
    expect(chiSquare).toBeLessThan(1_200);
  });

  it('stays as it is: a seed in an old report means the same run for ever', () => {
    const random = new SeededRandom(1);
    const first = Array.from({ length: 4 }, () => random.below(1_000_000));
    expect(first).toMatchInlineSnapshot(`
      [
        310572,
        831209,
        592343,
        417764,
      ]
    `);
  });
});

/** What did nobody think of? Seeded histories under faults, with the referee after every event. */
import { describe, expect, it } from 'vitest';
import { type SwarmReport, swarm } from './swarm.ts';

const SEEDS = Array.from({ length: 60 }, (_, i) => i + 1);

/** Seeds that once found something; what they found stays fixed. */
const KEPT: readonly (readonly [number, string])[] = [
  [488, 'a late acknowledgement of what its sender has since replaced is no violation'],
];

describe('random faults break nothing', () => {
  const reports: SwarmReport[] = [];

  it('and when they end, the cluster converges, with every append once (§5.4.3, §8)', async () => {
    for (const seed of SEEDS) {
      const report = await swarm(seed);
      expect({ seed, contradictions: report.contradictions }).toEqual({ seed, contradictions: [] });
      reports.push(report);
    }
  }, 180_000);

  it('enough happened in these histories to mean something', () => {
    const sum = (of: (report: SwarmReport) => number) =>
      reports.reduce((total, report) => total + of(report), 0);
    expect(sum((report) => report.crashes)).toBeGreaterThan(200);
    expect(sum((report) => report.terms)).toBeGreaterThan(150);
    expect(sum((report) => report.acknowledged)).toBeGreaterThan(3_000);
    expect(sum((report) => report.unknown)).toBeGreaterThan(200);
    expect(sum((report) => report.snapshots)).toBeGreaterThan(100);
  });

  it.each(KEPT)('seed %i: %s', async (seed) => {
    expect((await swarm(seed)).contradictions).toEqual([]);
  });
});

/**
 * Real processes, real disks, real signals, one round of each fault; the quick tier has time for one
 * fault, the proof asks for more rounds.
 */
import { afterAll, describe, expect, it } from 'vitest';
import { isQuick } from '../tiers/tier.ts';
import { REAL_FAULTS } from './real-faults.ts';
import { runRound } from './round.ts';
import { killServerProcesses } from './server-life.ts';

const MINUTES = 60_000;
const SEED = 1;
const QUICK_FAULT = 'all killed at one instant';

afterAll(killServerProcesses);

describe('three processes lose nothing acknowledged, repeat nothing, and answer from the present', () => {
  it.each(Object.keys(REAL_FAULTS).filter((fault) => !isQuick || fault === QUICK_FAULT))(
    '%s · seed 1',
    async (fault) => {
      const { operations, throughputs } = await runRound(fault, SEED);
      expect(throughputs.length).toBeGreaterThanOrEqual(2);
      expect(operations).toBeGreaterThan(0);
    },
    5 * MINUTES,
  );
});

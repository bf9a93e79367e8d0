/** The interpreter against XState's own, on machines that nobody would write. */
import { isDeepStrictEqual } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { compiled } from '../../src/interpreter/index.ts';
import { inTier } from '../tiers/tier.ts';
import { randomMachine } from './random-machine.ts';
import { recordedRun } from './recorded-run.ts';

const MACHINES = inTier({ quick: 80, full: 600 });

beforeEach(() => {
  // XState warns of what makes no sense in them.
  vi.spyOn(console, 'warn').mockReturnValue(undefined);
  vi.useFakeTimers();
});

afterEach(() => {
  vi.clearAllTimers();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('a compiled machine', () => {
  it(`does what XState does, on ${MACHINES} machines by chance`, () => {
    for (let seed = 1; seed <= MACHINES; seed += 1) {
      const ofXState = recordedRun(randomMachine(`${seed}`), `${seed}`);
      const ours = recordedRun(compiled(randomMachine(`${seed}`)), `${seed}`);
      const at = ours.findIndex((each, index) => !isDeepStrictEqual(each, ofXState[index]));
      expect(ours[at], `machine ${seed}, record ${at}`).toStrictEqual(ofXState[at]);
      expect(ours.length, `machine ${seed}`).toBe(ofXState.length);
    }
  });
});

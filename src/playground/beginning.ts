/** What a run begins with: servers, disks, timing. All that is not in a script is fixed here. */
import type { Timing } from '../../machines/rules/parameters.ts';
import type { SimulationOptions } from '../simulation/index.ts';
import type { Beginning } from './scenarios/scenario.ts';

/** Slow enough that at a tenth of the speed messages are seen to travel. */
export const TIMING: Timing = {
  heartbeatIntervalMs: 100,
  electionTimeoutMinMs: 300,
  electionTimeoutMaxMs: 600,
  lostLeaderWaitMaxMs: 80,
};

const LATENCY = { minMs: 20, maxMs: 40 };
const DISK = { writeMs: { minMs: 2, maxMs: 5 }, readMs: { minMs: 0.5, maxMs: 1 } };
/** Few entries, so that one sees that a log is cut at all. */
const TRAILING_ENTRIES = 2;
/** Few lines are ever read, to tell of an error; the hash covers all. */
const TRACE_LINES_MAX = 100;

/** Where it differs from an empty cluster with the playground's own timing. */
export type Setting = Omit<Beginning, 'seed' | 'servers'>;

export function simulationOf(setting: Setting) {
  const { timing, latency = LATENCY, parameters, disks, areCrashesNoticed = true } = setting;
  return {
    timing: { ...TIMING, ...timing },
    latency,
    parameters: { trailingEntries: TRAILING_ENTRIES, ...parameters },
    ...(disks && { disks }),
    areCrashesNoticed,
    disk: DISK,
    followsTimers: true,
    traceLinesMax: TRACE_LINES_MAX,
  } satisfies Partial<SimulationOptions>;
}

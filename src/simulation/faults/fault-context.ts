/** What a fault needs of the simulation it happens in. */
import type { SeededRandom } from '../random.ts';
import type { VirtualClock } from '../virtual-clock.ts';

/** The virtual time and the seeded chance that a fault draws from, so that a seed repeats it. */
export interface FaultContext {
  readonly clock: VirtualClock;
  readonly random: SeededRandom;
}

/** A duration, drawn uniformly for each message. */
export interface DurationRange {
  readonly minMs: number;
  readonly maxMs: number;
}

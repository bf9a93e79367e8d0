/** Real time and real chance, as ports. */
import { randomInt } from 'node:crypto';
import type { Clock } from '../ports/clock.ts';
import type { Random } from '../ports/random.ts';

const RESOLUTION = 2 ** 32;

/** The time of this process, in milliseconds since it began; it never jumps. */
export const realClock: Clock = {
  now: () => performance.now(),
  setTimeout: (callback, delayMs) => setTimeout(callback, delayMs),
  clearTimeout: (id: NodeJS.Timeout) => clearTimeout(id),
};

/** Nobody should be able to guess when a server will campaign. */
export const realRandom: Random = { next: () => randomInt(RESOLUTION) / RESOLUTION };

/** One test of the course, as the test runner, the control runs and the proof run it. */

import type { ServerMachine } from '../../machines/server.ts';
import type { Persister } from '../../src/lab/index.ts';
import type { Adversity } from './network.ts';
import type { LabTime } from './virtual-time.ts';

/** What the course prints of each test of lab 2, beside the time that it took. */
export interface CourseFigures {
  /** The greatest index that was applied anywhere. */
  readonly agreements: number;
  /** Calls made, whatever became of them. */
  readonly calls: number;
  /** Of requests, and of replies that were delivered. */
  readonly bytes: number;
}

export interface CourseTest {
  /** The course's own name, `TestBackup2B`. */
  readonly name: string;
  /** Its numbers: servers, rounds, counts, bytes, sizes, milliseconds of virtual time. */
  readonly bounds: Readonly<Record<string, number>>;
  /** Rejects with a `CourseFailure` that says what was wrong; the same seed does the same. */
  run(seed: number, options?: CourseOptions): Promise<CourseFigures | undefined>;
}

/** What a run may change; nothing is the course's own test, at its full length. */
export interface CourseOptions {
  /** Fewer rounds, where a test has many. */
  readonly isShort?: boolean;
  /** Another server machine than ours: a broken one, which the test must notice. */
  readonly machine?: ServerMachine;
  /** Another stable storage for each server. */
  readonly persister?: () => Persister;
  /** A worse network than the course's. */
  readonly adversity?: Adversity;
  /** Other than virtual time: real time, for a measurement. */
  readonly time?: LabTime;
}

/** The course's tests ask this much, and no server may do otherwise. */
export class CourseFailure extends Error {
  override readonly name = 'CourseFailure';
}

export function claim(condition: boolean, message: string): asserts condition {
  if (!condition) throw new CourseFailure(message);
}

/** The seeds of one run, from 1; `STATECRAFT_SEEDS=20` asks for twenty. */
export function courseSeeds(usually: number): readonly number[] {
  const count = Number(process.env.STATECRAFT_SEEDS ?? usually);
  return Array.from({ length: count }, (_, i) => i + 1);
}

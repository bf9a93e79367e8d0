/** One test of the course, as the test runner and the proof both run it. */

export interface CourseTest {
  /** The course's own name, `TestBackup2B`. */
  readonly name: string;
  /** Its numbers: counts, bytes, sizes, milliseconds of virtual time. */
  readonly bounds: Readonly<Record<string, number>>;
  /** Rejects with what was wrong; the same seed does the same. */
  run(seed: number, options?: CourseOptions): Promise<void>;
}

/** How much of a test is run; the course's own length when nothing is said. */
export interface CourseOptions {
  /** Fewer rounds or shorter ones, where a test has any. */
  readonly isShort?: boolean;
}

/** The seeds of one run; `STATECRAFT_SEEDS=20` asks for twenty. */
export function courseSeeds(usually: number): readonly number[] {
  const count = Number(process.env.STATECRAFT_SEEDS ?? usually);
  return Array.from({ length: count }, (_, i) => i + 1);
}

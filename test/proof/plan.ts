/** What one proof consists of: units that can be done in any order, and done again by their name. */
import type { CourseTest } from '../lab/course-test.ts';

export const SUITES = ['lab 3', 'lab 2', 'search', 'mutants', 'real faults'] as const;

export type Suite = (typeof SUITES)[number];

/** One thing to do; the same unit with the same seed does the same, but for real processes. */
export interface Unit {
  readonly suite: Suite;
  readonly name: string;
  readonly seed: number;
}

/** How much of each there is. */
export interface Extent {
  readonly courseSeeds: number;
  readonly searchSeeds: number;
  readonly faultRounds: number;
}

export const WHOLE: Extent = { courseSeeds: 20, searchSeeds: 2_000, faultRounds: 10 };

/** How many seeds one unit of the search tries. */
export const SEARCH_STEP = 20;

export interface Parts {
  readonly lab2: readonly CourseTest[];
  readonly lab3: readonly CourseTest[];
  readonly faults: readonly string[];
}

/** Everything but the mutants, which have a harness of their own; real faults come last. */
export function unitsOf(parts: Parts, extent: Extent, seed: number): readonly Unit[] {
  const seeds = (count: number, step = 1) =>
    Array.from({ length: count }, (_, i) => seed + i * step);
  const ofEach = (suite: Suite, names: readonly string[], count: number) =>
    seeds(count).flatMap((each) => names.map((name) => ({ suite, name, seed: each })));
  const searches = seeds(Math.ceil(extent.searchSeeds / SEARCH_STEP), SEARCH_STEP);
  return [
    ...ofEach(
      'lab 3',
      parts.lab3.map(({ name }) => name),
      extent.courseSeeds,
    ),
    ...ofEach(
      'lab 2',
      parts.lab2.map(({ name }) => name),
      extent.courseSeeds,
    ),
    ...searches.map((first) => ({
      suite: 'search' as const,
      name: `${SEARCH_STEP} seeds`,
      seed: first,
    })),
    ...ofEach('real faults', parts.faults, extent.faultRounds),
  ];
}

export function keyOf({ suite, name, seed }: Unit): string {
  return `${suite} · ${name} · seed ${seed}`;
}

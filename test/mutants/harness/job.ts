/** What the harness asks of a worker, and what it is told. */
import type { Change } from '../mutant.ts';

/** Run one file of tests against the changed source; null is the control, nothing changed. */
export interface Job {
  readonly change: Change | null;
  /** From the root of the repository. */
  readonly test: string;
  /** The full title of the one test to run, or a part of it; null for the whole file. */
  readonly name: string | null;
}

export type Outcome =
  /** An assertion failed. */
  | { readonly verdict: 'killed'; readonly title: string; readonly message: string }
  | {
      readonly verdict: 'survived';
      readonly tests: number;
      /** What the tests have loaded of the source: a change elsewhere cannot reach them. */
      readonly loaded: readonly string[];
    }
  /** Something else went wrong, which proves nothing. */
  | { readonly verdict: 'accident'; readonly message: string };

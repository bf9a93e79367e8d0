/** A rule that must hold, the smallest change that breaks it, and the test that notices. */
export interface Must {
  /** The rule, in a sentence. */
  readonly must: string;
  /** Where it is kept, from the root of the repository. */
  readonly file: string;
  /** What is changed there: occurs exactly once. */
  readonly find: string;
  readonly replace: string;
  /** The file of tests that turns red. */
  readonly test: string;
  /** A part of the title of the one that does; else the first of the file. */
  readonly name?: string;
}

/** The rules of one section of the design. */
export interface MustSection {
  readonly title: string;
  readonly musts: readonly Must[];
}

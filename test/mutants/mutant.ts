/**
 * A mutant: one small change that breaks one rule, and the test that must notice.
 *
 * To add one, put an object of this shape into a list under `mutants/`, and the list into
 * `mutants.ts` if it is new there:
 *
 *     {
 *       id: 'votes-twice',
 *       rule: 'A server votes at most once per term.',
 *       section: '§5.2',
 *       change: {
 *         file: 'machines/rules/request-vote.ts',
 *         find: 'state.votedFor === null',          // occurs exactly once in that file
 *         replace: 'state.votedFor !== request.to', // plain text; types do not matter
 *       },
 *       killer: { test: 'test/rules/request-vote.test.ts' },
 *     }
 *
 * (`rows.ts` spares the repetition for many of one file.)
 *
 * Then `npm run mutants -- votes-twice` says what became of it. If no test comes to mind, name any:
 * `npm run mutants -- --all votes-twice` looks for one in all suites. `npm run mutants` examines all
 * of them and writes what it saw into `kills.json` and docs/mutants.md; `npm run test:full`
 * compares, `npm test` only where something was changed.
 *
 * Killed means that an assertion failed (`expect`, `node:assert`), or that the referee named the
 * invariant that fell. A crash, a time-out, a TypeError or a test that did not run is no kill.
 */
export interface Mutant {
  /** Unique, in kebab-case. */
  readonly id: string;
  /** What no longer holds, in a sentence that is true of the unchanged code. */
  readonly rule: string;
  /** Where it stands: `§5.4.2` (extended paper), `Figure 2`, `thesis §9.6`, `design §5`. */
  readonly section: string;
  /** Where others have had this bug. */
  readonly bug?: string;
  readonly change: Change;
  readonly killer: Killer;
}

/** Text that stands in the file exactly once, and what stands there instead. */
export interface Change {
  /** From the root of the repository. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

export interface Killer {
  /** A file of tests, from the root of the repository. */
  readonly test: string;
  /** A part of the test's title; without it, the first test of the file that notices. */
  readonly name?: string;
}

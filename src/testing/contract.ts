/** What the suites of all ports are made of: clauses, a test runner, and chance that repeats. */

/** One promise of a port, by name. */
export interface Clause {
  readonly name: string;
  /** Rejects, or throws, when the promise is not kept. */
  check(): void | Promise<void>;
}

/** The two functions that a suite asks of a test runner; vitest, `node:test`, jest and mocha have them. */
export interface TestRunner {
  /** Groups the tests of a contract under its name. */
  describe(name: string, body: () => void): unknown;
  /** Declares one test; it fails when its promise rejects. */
  it(name: string, body: () => Promise<void>): unknown;
}

/** Registers a test for each clause. */
export function register(
  { describe, it }: TestRunner,
  contract: string,
  clauses: readonly Clause[],
): void {
  describe(contract, () => {
    for (const { name, check } of clauses) it(name, async () => check());
  });
}

/** Numbers in [0, 1) that repeat for the same seed on every engine: good enough for samples. */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

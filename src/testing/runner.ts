/** The two functions that a suite asks of a test runner; vitest, `node:test`, jest and mocha have them. */
export interface TestRunner {
  /** Groups the tests of a contract under its name. */
  describe(name: string, body: () => void): unknown;
  /** Declares one test; it fails when its promise rejects. */
  it(name: string, body: () => Promise<void>): unknown;
}

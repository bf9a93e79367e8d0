/** The two functions that a suite asks of a test runner; vitest, `node:test`, jest and mocha have them. */
export interface TestRunner {
  describe(name: string, body: () => void): unknown;
  it(name: string, body: () => Promise<void>): unknown;
}

/** One seed of the search, for whoever counts seeds: a report, or an error that says everything. */
import type { ServerMachine } from '../../machines/server.ts';
import { type Failure, isFailure, SeedSearch } from '../../src/simulation/search/failure.ts';
import type { RunReport } from '../../src/simulation/search/run.ts';
import { keyValueSubject } from './subject.ts';

/** Something fell: the message holds the seed, the shortest script, the trace and the states. */
export class SearchFailure extends Error {
  override readonly name = 'SearchFailure';
  readonly seed: number;
  /** What fell. */
  readonly violation: string;
  /** As it is kept in `test/traces/found`. */
  readonly script: string;

  constructor({ seed, violation, script, message }: Failure) {
    super(message);
    this.seed = seed;
    this.violation = violation;
    this.script = script;
  }
}

/** Whoever waits for a test wants to read the seed before the test's own time is over. */
const SHRINKING_MS = 60_000;

/** @throws SearchFailure */
export async function search(seed: number, machine?: ServerMachine): Promise<RunReport> {
  const signal = AbortSignal.timeout(SHRINKING_MS);
  const result = await new SeedSearch(keyValueSubject(machine), { signal }).search(seed);
  if (isFailure(result)) throw new SearchFailure(result);
  return result;
}

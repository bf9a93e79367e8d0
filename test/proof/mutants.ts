/** Every mutant against all suites and the search; one that none of them notices is a failure. */
import { examineAgainstAllSuites, type Sighting } from '../mutants/harness/all-suites.ts';
import { mutants } from '../mutants/mutants.ts';
import type { Done } from './journal.ts';

/** @param into the file that remembers which were examined, so that this can go on. */
export async function examineMutants(
  into: string,
  seed: number,
  say: (line: string) => void,
): Promise<readonly Done[]> {
  const sightings = await examineAgainstAllSuites({ mutants, into, onProgress: say });
  return sightings.map((sighting) => doneOf(sighting, seed));
}

function doneOf({ id, killedBy, seconds }: Sighting, seed: number): Done {
  const suites = Object.keys(killedBy);
  return {
    unit: { suite: 'mutants', name: id, seed },
    ms: seconds * 1_000,
    error: suites.length === 0 ? 'no suite notices it' : null,
    counts: Object.fromEntries(suites.map((suite) => [`killed by ${suite}`, 1])),
  };
}

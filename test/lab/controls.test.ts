/**
 * Control runs: the course's tests notice a server that breaks the rule which they are about, and
 * pass with ours in the very same run. Each must fail by the claim named here, and by no other.
 */
import { describe, expect, it } from 'vitest';
import {
  backsUpOneEntryAtATime,
  countsOldTerms,
  ForgetfulPersister,
  sendsAgainWithHeartbeats,
} from './broken.ts';
import { CourseFailure, type CourseOptions } from './course-test.ts';
import { lab2 } from './lab-2.ts';

/**
 * Figure 8 needs a leader that dies before anybody has its newest entry. On the course's own network
 * that hardly happens: what a dead leader has sent still arrives, a millisecond later, and in 120
 * seeds nobody noticed the broken rule. So here a hop takes as long as the pauses of the test, and a
 * crash takes along what was on its way; then more than half of all seeds notice it.
 */
const DYING_WORDS_ARE_LOST = { hopMs: { from: 5, until: 15 }, cutLosesRequests: true };

interface Control {
  readonly broken: string;
  readonly test: string;
  readonly seeds: readonly number[];
  readonly options: CourseOptions;
  /** The same run without the fault. */
  readonly sound: CourseOptions;
  readonly claim: RegExp;
}

const controls: readonly Control[] = [
  {
    broken: 'nothing is persisted (§5.1)',
    test: 'TestPersist12C',
    seeds: [1, 2, 3],
    options: { persister: () => new ForgetfulPersister() },
    sound: {},
    claim: /commit index 1: server \d applies 12, server \d had 11/,
  },
  {
    broken: 'the leader backs up by one entry at a time (§5.3)',
    test: 'TestBackup2B',
    seeds: [1, 2, 3],
    options: { machine: backsUpOneEntryAtATime },
    sound: {},
    claim: /is backed up too slowly: 5\d requests, and 20 may be/,
  },
  {
    broken: 'replicas of entries of older terms are counted (§5.4.2, Figure 8)',
    test: 'TestFigure82C',
    seeds: [1, 3, 4],
    options: { machine: countsOldTerms, adversity: DYING_WORDS_ARE_LOST },
    sound: { adversity: DYING_WORDS_ARE_LOST },
    claim: /commit index \d+: server \d applies \d+, server \d had \d+/,
  },
  {
    broken: 'every heartbeat carries the log again (§5.3)',
    test: 'TestRPCBytes2B',
    seeds: [1, 2, 3],
    options: { machine: sendsAgainWithHeartbeats },
    sound: {},
    claim: /too many bytes on the wire: \d+, and 200000 may be/,
  },
];

/** How a run ended: null when it passed. */
async function failureOf(name: string, seed: number, options: CourseOptions) {
  const test = lab2.find((each) => each.name === name);
  if (test === undefined) throw new Error(`lab 2 has no test named ${name}`);
  return test.run(seed, options).then(
    () => null,
    (error: Error) => error,
  );
}

describe('control runs of lab 2', () => {
  for (const { broken, test, seeds, options, sound, claim } of controls) {
    it(`${test} fails when ${broken}, and only then`, async () => {
      for (const seed of seeds) {
        const failure = await failureOf(test, seed, options);
        expect(failure).toBeInstanceOf(CourseFailure);
        expect(failure?.message).toMatch(claim);
        expect(await failureOf(test, seed, sound)).toBeNull();
      }
    });
  }
});

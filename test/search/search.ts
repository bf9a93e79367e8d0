/** One seed of the search, for whoever counts seeds: a report, or an error that says everything. */
import type { ServerMachine } from '../../machines/server.ts';
import { drawPlan } from './draw.ts';
import type { Plan } from './plan.ts';
import { run, type SearchReport, type Violation } from './run.ts';
import { printPlan } from './script.ts';
import { shrink } from './shrink.ts';

/** Something fell: the message holds the seed, the shortest script, the trace and the states. */
export class SearchFailure extends Error {
  override readonly name = 'SearchFailure';
  readonly seed: number;
  /** What fell. */
  readonly violation: string;
  /** As it is kept in `test/traces/found`. */
  readonly script: string;

  constructor(seed: number, plan: Plan, violation: Violation) {
    const script = printPlan(plan);
    super(
      `seed ${seed} of the search breaks a promise: ${violation.name}\n\n` +
        `the shortest script that still does:\n${script}\n${violation.message}`,
    );
    this.seed = seed;
    this.violation = violation.name;
    this.script = script;
  }
}

/** @throws SearchFailure */
export async function search(seed: number, machine?: ServerMachine): Promise<SearchReport> {
  const plan = drawPlan(seed);
  const result = await run(plan, machine);
  if (result.kind === 'report') return result;
  const shrunk = await shrink(plan, result, machine === undefined ? {} : { machine });
  throw new SearchFailure(seed, shrunk.plan, shrunk.violation);
}

/** How one unit of a proof is done: what it counted, or an error that says what was wrong. */
import { OPERATIONS_PER_SECOND_MIN } from '../cluster/load.ts';
import { REAL_FAULTS } from '../cluster/real-faults.ts';
import { runRound } from '../cluster/round.ts';
import { lab2 } from '../lab/lab-2.ts';
import { lab3 } from '../lab/lab-3.ts';
import { search } from '../search/search.ts';
import type { Parts, Unit } from './plan.ts';
import { SEARCH_STEP } from './plan.ts';

type Counts = Readonly<Record<string, number>>;

export function partsOf(): Parts {
  return { lab2, lab3, faults: Object.keys(REAL_FAULTS) };
}

export async function performUnit(unit: Unit): Promise<Counts> {
  switch (unit.suite) {
    case 'lab 2':
    case 'lab 3':
      return await courseTest(unit);
    case 'search':
      return await searchSeeds(unit.seed);
    case 'real faults':
      return await realFault(unit);
    case 'mutants':
      throw new Error('mutants are examined by their own harness');
  }
}

async function courseTest({ name, seed }: Unit): Promise<Counts> {
  const test = [...lab2, ...lab3].find((each) => each.name === name);
  if (test === undefined) throw new Error(`the course has no test called ${name}`);
  await test.run(seed);
  return {};
}

async function searchSeeds(first: number): Promise<Counts> {
  const sum: Record<string, number> = { seeds: 0 };
  for (let seed = first; seed < first + SEARCH_STEP; seed += 1) {
    const { counts } = await search(seed);
    sum.seeds = (sum.seeds ?? 0) + 1;
    for (const [name, count] of Object.entries(counts)) sum[name] = (sum[name] ?? 0) + count;
  }
  return sum;
}

async function realFault({ name, seed }: Unit): Promise<Counts> {
  const { operations, throughputs } = await runRound(name, seed);
  for (const { when, perSecond } of throughputs) {
    if (perSecond >= OPERATIONS_PER_SECOND_MIN) continue;
    throw new Error(
      `the run did not count: ${when} ${perSecond} operations a second succeeded, and ` +
        `${OPERATIONS_PER_SECOND_MIN} are needed: let nothing else run beside a proof`,
    );
  }
  return { 'operations acknowledged': operations };
}

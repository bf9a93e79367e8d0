/**
 * A mutant against every suite: which of them would notice? Each suite runs until an assertion of
 * its own fails; files that are not green with nothing changed are left out, and named.
 */
import { appendFileSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Mutant } from '../mutant.ts';
import { root } from './changed-source.ts';
import { misplacement, openWorkers, told } from './examination.ts';
import type { Workers } from './workers.ts';

/** In the order of what they cost. `cluster` runs processes of its own, which no change reaches. */
export const SUITES = [
  'rules',
  'machines',
  'model',
  'host',
  'traces',
  'paper',
  'simulation',
  'architecture',
  'contracts',
  'lab',
  'search',
] as const;

const FILE_TIMEOUT_MS = 60_000;

export interface Sighting {
  readonly id: string;
  /** By the suite's name, the test of it that noticed. */
  readonly killedBy: Readonly<Record<string, string>>;
  readonly seconds: number;
}

export interface AllSuitesOptions {
  readonly mutants: readonly Mutant[];
  readonly suites?: readonly string[];
  /** A file that grows by a line for each mutant; those that are in it are not examined again. */
  readonly into?: string;
  readonly onProgress?: (line: string) => void;
}

export async function examineAgainstAllSuites(
  options: AllSuitesOptions,
): Promise<readonly Sighting[]> {
  const { mutants, suites = SUITES, into, onProgress = () => undefined } = options;
  const done = into === undefined ? [] : readSightings(into);
  const todo = mutants.filter(({ id }) => done.every((sighting) => sighting.id !== id));
  const workers = openWorkers(FILE_TIMEOUT_MS);
  try {
    const files = await soundFiles(workers, suites, onProgress);
    let count = done.length;
    const seen = await inTurns(todo, async (mutant) => {
      const sighting = await sight(workers, files, mutant);
      if (into !== undefined) appendFileSync(into, `${JSON.stringify(sighting)}\n`);
      count += 1;
      onProgress(`${count}/${mutants.length} ${sentence(sighting)}`);
      return sighting;
    });
    return [...done, ...seen];
  } finally {
    workers.close();
  }
}

type Files = ReadonlyMap<string, readonly string[]>;

/** The control: every file of every suite with nothing changed. */
async function soundFiles(
  workers: Workers,
  suites: readonly string[],
  onProgress: (line: string) => void,
): Promise<Files> {
  const files = new Map<string, string[]>(suites.map((suite) => [suite, []]));
  const all = suites.flatMap((suite) => testsIn(suite).map((test) => ({ suite, test })));
  await inTurns(all, async ({ suite, test }) => {
    const outcome = await workers.run({ change: null, test, name: null });
    if (outcome.verdict === 'survived') files.get(suite)?.push(test);
    else onProgress(`left out: ${test} with nothing changed is ${told(outcome)}`);
  });
  return files;
}

function testsIn(suite: string): readonly string[] {
  const folder = join('test', suite);
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.test.ts'))
    .sort()
    .map((name) => join(folder, name));
}

async function sight(workers: Workers, files: Files, mutant: Mutant): Promise<Sighting> {
  const startedAt = performance.now();
  const killedBy: Record<string, string> = {};
  const { id, change, killer } = mutant;
  const misplaced = misplacement(change);
  if (misplaced !== null) throw new Error(`${id}: ${misplaced}`);
  for (const [suite, tests] of files) {
    for (const test of named(tests, killer.test)) {
      const outcome = await workers.run({ change, test, name: null });
      if (outcome.verdict !== 'killed') continue;
      killedBy[suite] = `${test}: ${outcome.title}`;
      break;
    }
  }
  return { id, killedBy, seconds: Math.round((performance.now() - startedAt) / 1_000) };
}

/** The mutant's own killer first: then its suite is done soonest. */
function named(tests: readonly string[], killer: string): readonly string[] {
  return [...tests].sort((a, b) => Number(b === killer) - Number(a === killer));
}

function sentence({ id, killedBy, seconds }: Sighting): string {
  const suites = Object.keys(killedBy);
  const tests = Object.values(killedBy).map((test) => `\n       ${test}`);
  const told = suites.length === 0 ? 'SURVIVES ALL' : `killed by ${suites.join(', ')}`;
  return `${id} ${told} (${seconds} s)${tests.join('')}`;
}

function readSightings(path: string): readonly Sighting[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Sighting);
}

/** Two at a time, as many as there are workers, in their order. */
async function inTurns<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  const waiting = items.entries();
  const turn = async () => {
    for (const [place, item] of waiting) results[place] = await work(item);
  };
  await Promise.all([turn(), turn()]);
  return results;
}

/**
 * A mutant against every suite: which of them would notice? Each suite runs until an assertion of
 * its own fails: the files that load what is changed, the cheapest first. Files that are not green
 * with nothing changed are left out, and named.
 */
import { appendFileSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Mutant } from '../mutant.ts';
import { root } from './changed-source.ts';
import { misplacement, openWorkers, told } from './examination.ts';
import type { Workers } from './workers.ts';

/** Asked always. `cluster` is not among them: no change reaches processes of its own. */
export const SUITES = [
  'rules',
  'machines',
  'host',
  'interpreter',
  'traces',
  'architecture',
  'model',
  'paper',
  'search',
] as const;

/** Asked only about a mutant that nobody has noticed yet: they cost most. */
export const LAST_RESORTS = ['simulation', 'contracts', 'lab'] as const;

/** About servers that are broken on purpose, or compared with processes that have no change in them. */
const ABOUT_OTHERS = /broken|planted|wrong-parts|controls|determinism/;

/** Of the search, so many seeds as it takes to see what a seed can see. */
const PARTS: Readonly<Record<string, string>> = {
  'test/search/search.test.ts': 'seeds from 1 on',
};

const FILE_TIMEOUT_MS = 30_000;

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
  const {
    mutants,
    suites = [...SUITES, ...LAST_RESORTS],
    into,
    onProgress = () => undefined,
  } = options;
  const done = into === undefined ? [] : readSightings(into);
  const todo = mutants.filter(({ id }) => done.every((sighting) => sighting.id !== id));
  const workers = openWorkers(FILE_TIMEOUT_MS);
  try {
    const sound = await soundFiles(workers, suites, onProgress);
    let count = done.length;
    const seen = await inTurns(todo, async (mutant) => {
      const sighting = await sight(workers, suites, sound, mutant);
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

/** A file of tests that is green with nothing changed. */
interface Sound {
  readonly suite: string;
  readonly test: string;
  readonly loaded: ReadonlySet<string>;
  readonly costMs: number;
}

/** The control: every file of every suite with nothing changed. */
async function soundFiles(
  workers: Workers,
  suites: readonly string[],
  onProgress: (line: string) => void,
): Promise<readonly Sound[]> {
  const sound: Sound[] = [];
  const all = suites.flatMap((suite) => testsIn(suite).map((test) => ({ suite, test })));
  await inTurns(all, async ({ suite, test }) => {
    const startedAt = performance.now();
    const outcome = await workers.run({ change: null, test, name: PARTS[test] ?? null });
    const costMs = performance.now() - startedAt;
    if (outcome.verdict === 'survived') {
      sound.push({ suite, test, loaded: new Set(outcome.loaded), costMs });
    } else onProgress(`left out: ${test} with nothing changed: ${told(outcome)}`);
  });
  return sound;
}

function testsIn(suite: string): readonly string[] {
  const folder = join('test', suite);
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.test.ts') && !ABOUT_OTHERS.test(name))
    .map((name) => join(folder, name));
}

async function sight(
  workers: Workers,
  suites: readonly string[],
  sound: readonly Sound[],
  mutant: Mutant,
): Promise<Sighting> {
  const startedAt = performance.now();
  const killedBy: Record<string, string> = {};
  const { id, change } = mutant;
  const misplaced = misplacement(change);
  if (misplaced !== null) throw new Error(`${id}: ${misplaced}`);
  for (const suite of suites) {
    const isLastResort = LAST_RESORTS.some((last) => last === suite);
    if (isLastResort && Object.keys(killedBy).length > 0) continue;
    for (const test of inOrder(sound, suite, mutant)) {
      const outcome = await workers.run({ change, test, name: PARTS[test] ?? null });
      if (outcome.verdict !== 'killed') continue;
      killedBy[suite] = `${test}: ${outcome.title}`;
      break;
    }
  }
  return { id, killedBy, seconds: Math.round((performance.now() - startedAt) / 1_000) };
}

/** Those that load what is changed; the mutant's own killer first, then the cheapest. */
function inOrder(
  sound: readonly Sound[],
  suite: string,
  { change, killer }: Mutant,
): readonly string[] {
  return sound
    .filter((file) => file.suite === suite && file.loaded.has(change.file))
    .sort((a, b) => a.costMs - b.costMs)
    .sort((a, b) => Number(b.test === killer.test) - Number(a.test === killer.test))
    .map(({ test }) => test);
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

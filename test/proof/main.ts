/** `npm run proof -- --seed S`: everything that can be shown, at full length. Resumable. */
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Done, Journal } from './journal.ts';
import { examineMutants } from './mutants.ts';
import { type Options, optionsOf, USAGE } from './options.ts';
import { partsOf } from './perform.ts';
import { keyOf, type Suite, type Unit, unitsOf, WHOLE } from './plan.ts';
import { Progress, say } from './progress.ts';
import { type Provenance, type Summary, summaryOf, tableOf } from './summary.ts';
import { share } from './team.ts';

const ROOT = join(import.meta.dirname, '../..');
const PAGE = join(ROOT, 'docs/testing.md');
const CACHE = join(ROOT, 'node_modules/.cache/statecraft');
const REGION = /<!-- proof:start -->[\s\S]*<!-- proof:end -->/;

process.exitCode = await run(process.argv.slice(2));

async function run(argv: readonly string[]): Promise<number> {
  let options: Options | 'help';
  try {
    options = optionsOf(argv);
  } catch (error) {
    say(`proof: ${(error as Error).message}\n${USAGE}`);
    return 2;
  }
  if (options !== 'help') return await prove(options);
  process.stdout.write(`${USAGE}\n`);
  return 0;
}

async function prove({ seed, workers, only, isAfresh }: Options): Promise<number> {
  const provenance = provenanceOf(seed, only);
  const path = join(CACHE, `proof-${provenance.commit}-${seed}`);
  const journalPath = `${path}.jsonl`;
  const mutantsPath = `${path}-mutants.jsonl`;
  if (isAfresh) for (const each of [journalPath, mutantsPath]) rmSync(each, { force: true });
  const isWanted = (suite: Suite) => suite.includes(only);
  const units = unitsOf(partsOf(), WHOLE, seed).filter(({ suite }) => isWanted(suite));
  const done = await performAll(units, new Journal(journalPath), workers);
  const examined = isWanted('mutants') ? await examineMutants(mutantsPath, seed, say) : [];
  const summary = summaryOf(provenance, [...done, ...examined], ({ unit }) => keyOf(unit));
  return report(summary, `${path}.json`, only === '');
}

/** Real processes measure what they do in a second: they have the machine for themselves. */
async function performAll(
  units: readonly Unit[],
  journal: Journal,
  workers: number,
): Promise<readonly Done[]> {
  const left = units.filter((unit) => !journal.isDone(unit));
  const progress = new Progress(units.length, units.length - left.length);
  const perform = (some: readonly Unit[], many: number) =>
    share(some, many, (done) => {
      journal.add(done);
      progress.note(done);
    });
  const isReal = ({ suite }: Unit) => suite === 'real faults';
  await perform(
    left.filter((unit) => !isReal(unit)),
    workers,
  );
  await perform(left.filter(isReal), 1);
  progress.end();
  const keys = new Set(units.map(keyOf));
  return journal.done.filter(({ unit }) => keys.has(keyOf(unit)));
}

function report(summary: Summary, path: string, isWhole: boolean): number {
  const text = `${JSON.stringify(summary, null, 2)}\n`;
  writeFileSync(path, text);
  process.stdout.write(text);
  if (isWhole && summary.isGreen) {
    const region = `<!-- proof:start -->\n\n${tableOf(summary)}\n\n<!-- proof:end -->`;
    writeFileSync(
      PAGE,
      readFileSync(PAGE, 'utf8').replace(REGION, () => region),
    );
  }
  return summary.isGreen ? 0 : 1;
}

function provenanceOf(seed: number, only: string): Provenance {
  const git = (...argv: string[]) =>
    execFileSync('git', argv, { cwd: ROOT, encoding: 'utf8' }).trim();
  return {
    commit: git('rev-parse', '--short=12', 'HEAD'),
    isClean: git('status', '--porcelain') === '',
    command: `npm run proof -- --seed ${seed}${only === '' ? '' : ` --only '${only}'`}`,
    date: new Date().toISOString().slice(0, 10),
    node: process.versions.node,
  };
}

/**
 * `npm run mutants`: examines every mutant and every must, and writes what killed them. With words
 * behind it only those that hold one of them, and nothing is written.
 *
 * `npm run mutants -- --all` runs each mutant against all suites and says which of them notice.
 * `--into FILE` keeps what was seen, so that a run that was cut off goes on where it stopped.
 * `--suites rules,paper` looks at these only.
 *
 * `npm run mutants -- --quick` runs the killers as `npm test` runs them, and writes nothing: how many
 * rows does the quick tier notice?
 */
import { parseArgs } from 'node:util';
import { FULL_ONLY } from '../tiers/tier.ts';
import { examineAgainstAllSuites } from './harness/all-suites.ts';
import { examineMutants, type Kill, type Verdict } from './harness/examination.ts';
import { writeKills } from './kills.ts';
import type { Mutant } from './mutant.ts';
import { mustMutants, mutants } from './mutants.ts';

const { values, positionals: words } = parseArgs({
  allowPositionals: true,
  options: {
    all: { type: 'boolean', default: false },
    into: { type: 'string' },
    suites: { type: 'string' },
    quick: { type: 'boolean', default: false },
  },
});
const startedAt = performance.now();
process.exitCode = (await (values.all ? lookEverywhere() : examineNamed())) ? 0 : 1;
say(`in ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`);

/** Those with one of the words in them; all without words. */
function chosenOf(all: readonly Mutant[]): readonly Mutant[] {
  if (words.length === 0) return all;
  return all.filter((mutant) => words.some((word) => JSON.stringify(mutant).includes(word)));
}

async function examineNamed(): Promise<boolean> {
  const chosen = chosenOf([...mutants, ...mustMutants]);
  const tier = values.quick ? 'quick' : 'full';
  const isRun = ({ killer }: Mutant) => !values.quick || !FULL_ONLY.includes(killer.test);
  const run = chosen.filter(isRun);
  const verdicts = await examineMutants({ mutants: run, onVerdict: report, tier });
  const kills: Record<string, Kill> = {};
  for (const [id, verdict] of verdicts) if ('kill' in verdict) kills[id] = verdict.kill;
  const killed = Object.keys(kills).length;
  if (words.length === 0 && !values.quick) writeKills(kills);
  say(`${killed} of ${chosen.length} killed`);
  return killed === chosen.length;
}

function report({ id, rule, killer }: Mutant, verdict: Verdict): void {
  if ('kill' in verdict) say(`ok   ${id}: ${verdict.kill.title}\n       ${verdict.kill.message}`);
  else say(`BAD  ${id}: ${rule} [${killer.test}] ${verdict.failure}`);
}

async function lookEverywhere(): Promise<boolean> {
  const { into, suites } = values;
  const chosen = words.length === 0 ? mutants : chosenOf([...mutants, ...mustMutants]);
  const sightings = await examineAgainstAllSuites({
    mutants: chosen,
    onProgress: say,
    ...(into === undefined ? {} : { into }),
    ...(suites === undefined ? {} : { suites: suites.split(',') }),
  });
  const killed = sightings.filter(({ killedBy }) => Object.keys(killedBy).length > 0);
  say(`${killed.length} of ${sightings.length} killed by some suite`);
  return killed.length === sightings.length;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

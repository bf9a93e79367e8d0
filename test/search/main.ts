/**
 * Searches on all cores, for as long or for as many seeds as one likes:
 * `npm run search -- --minutes N --seed S`, `npm run search -- --seeds N --seed S`.
 *
 * It goes on after what it failures, counts each kind, and tells the first of each. Exits 0 when nothing
 * fell, 1 with a table of what did, 2 for bad flags.
 */
import { availableParallelism } from 'node:os';
import { optionsOf, type SearchOptions } from './options.ts';
import { progressOf, tableOf } from './report.ts';
import { Team } from './team.ts';

const PROGRESS_MS = 10_000;
const MISUSED = 2;

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function searchFor(options: SearchOptions): Promise<number> {
  const team = new Team(options, (failure) => say(`${failure.message}\n`));
  const progress = setInterval(() => say(progressOf(team, options.seed)), PROGRESS_MS);
  await team.done;
  clearInterval(progress);
  const { kinds } = team.failures;
  say(progressOf(team, options.seed));
  if (kinds.length > 0) say(tableOf(kinds));
  return kinds.length === 0 ? 0 : 1;
}

try {
  process.exitCode = await searchFor(optionsOf(process.argv.slice(2), availableParallelism()));
} catch (error) {
  if (!(error instanceof TypeError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = MISUSED;
}

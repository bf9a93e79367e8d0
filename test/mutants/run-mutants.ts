/**
 * `npm run mutants`: examines every mutant and every must, and writes what killed them. With words
 * behind it only those that hold one of them, and nothing is written.
 */
import { examineMutants, type Kill, type Verdict } from './harness/examination.ts';
import { writeKills } from './kills.ts';
import type { Mutant } from './mutant.ts';
import { mustMutants, mutants } from './mutants.ts';

const words = process.argv.slice(2);
const startedAt = performance.now();
const chosen = [...mutants, ...mustMutants].filter(
  (mutant) => words.length === 0 || words.some((word) => JSON.stringify(mutant).includes(word)),
);
const verdicts = await examineMutants({ mutants: chosen, onVerdict: report });
const kills: Record<string, Kill> = {};
for (const [id, verdict] of verdicts) if ('kill' in verdict) kills[id] = verdict.kill;
const killed = Object.keys(kills).length;
if (words.length === 0) writeKills(kills);
const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
say(`${killed} of ${chosen.length} killed, in ${seconds} s`);
process.exitCode = killed === chosen.length ? 0 : 1;

function report({ id, rule, killer }: Mutant, verdict: Verdict): void {
  if ('kill' in verdict) say(`ok   ${id}: ${verdict.kill.title}\n       ${verdict.kill.message}`);
  else say(`BAD  ${id}: ${rule} [${killer.test}] ${verdict.failure}`);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** What killed each mutant, as it was last seen: `kills.json`, and docs/mutants.md made of it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Kill } from './harness/examination.ts';
import { code, differing, link } from './must-table.ts';
import type { Mutant } from './mutant.ts';
import { mustMutants, mutants } from './mutants.ts';

const root = join(import.meta.dirname, '../..');
const recordPath = join(import.meta.dirname, 'kills.json');
const pagePath = join(root, 'docs/mutants.md');

/** By the mutants' ids. */
export type Kills = Readonly<Record<string, Kill>>;

export function readKills(): Kills {
  return JSON.parse(readFileSync(recordPath, 'utf8')) as Kills;
}

export function writeKills(kills: Kills): void {
  writeFileSync(recordPath, `${JSON.stringify(kills, null, 2)}\n`);
  writeFileSync(pagePath, pageOf(kills));
}

export function readPage(): string {
  return readFileSync(pagePath, 'utf8');
}

export function pageOf(kills: Kills): string {
  return `# Mutants

Would we notice if a rule were missing? Each row has the smallest change that breaks one rule, the
test that then fails, and what its assertion says; in parentheses the section of the rule, and which
system has had the bug. Written by \`npm run mutants\`; \`npm run test:full\` tries every row again and
compares. [mutant.ts](../test/mutants/mutant.ts) explains how to add one.

## Mutants

${tableOf(mutants, kills)}
## Musts

The rules that must hold ([architecture.md](architecture.md)), with what their tests say.

${tableOf(mustMutants, kills)}`;
}

function tableOf(rows: readonly Mutant[], kills: Kills): string {
  const head = '| Mutant | Rule | Killer | Message |\n| --- | --- | --- | --- |\n';
  return head + rows.map((mutant) => `${rowOf(mutant, kills[mutant.id])}\n`).join('');
}

function rowOf({ id, rule, section, bug, change }: Mutant, kill: Kill | undefined): string {
  const { file, find, replace } = change;
  const where = bug === undefined ? section : `${section}; ${bug}`;
  const mutant = `**${id}** ${link(file)}: ${differing(find, replace)}`;
  const killer = kill === undefined ? '—' : `${link(kill.test)}: ${cell(kill.title)}`;
  const message = kill === undefined ? '**survives**' : code(kill.message);
  return `| ${mutant} | ${cell(rule)} (${cell(where)}) | ${killer} | ${message} |`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
}

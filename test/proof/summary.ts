/** What a proof has shown, as JSON and as a table for docs/testing.md. */
import type { Done } from './journal.ts';
import type { Suite } from './plan.ts';

export interface Provenance {
  readonly commit: string;
  /** Whether the files were exactly those of the commit. */
  readonly isClean: boolean;
  readonly command: string;
  readonly date: string;
  readonly node: string;
}

export interface SuiteSummary {
  readonly suite: Suite;
  readonly units: number;
  readonly failed: number;
  readonly minutes: number;
  readonly counts: Readonly<Record<string, number>>;
}

export interface Summary extends Provenance {
  readonly isGreen: boolean;
  readonly suites: readonly SuiteSummary[];
  readonly failures: readonly { readonly unit: string; readonly error: string }[];
}

export function summaryOf(
  provenance: Provenance,
  done: readonly Done[],
  nameOf: (done: Done) => string,
): Summary {
  const suites = [...new Set(done.map(({ unit }) => unit.suite))];
  const failed = done.filter(({ error }) => error !== null);
  return {
    ...provenance,
    isGreen: failed.length === 0,
    suites: suites.map((suite) => suiteSummary(suite, done)),
    failures: failed.map((each) => ({ unit: nameOf(each), error: each.error ?? '' })),
  };
}

function suiteSummary(suite: Suite, done: readonly Done[]): SuiteSummary {
  const own = done.filter(({ unit }) => unit.suite === suite);
  const counts: Record<string, number> = {};
  for (const each of own) {
    for (const [name, count] of Object.entries(each.counts)) {
      counts[name] = (counts[name] ?? 0) + count;
    }
  }
  const ms = own.reduce((sum, each) => sum + each.ms, 0);
  const failed = own.filter(({ error }) => error !== null).length;
  return { suite, units: own.length, failed, minutes: Math.round(ms / 6_000) / 10, counts };
}

/** Markdown: the provenance in a line, a row for each suite. */
export function tableOf(summary: Summary): string {
  const { commit, isClean, command, date, node, isGreen } = summary;
  const rows = summary.suites.map(
    ({ suite, units, failed, minutes, counts }) =>
      `| ${suite} | ${grouped(units)} | ${failed} | ${minutes} | ${countsOf(counts)} |`,
  );
  return [
    `Commit \`${commit}\`${isClean ? '' : ' with changes'}, \`${command}\`, ${date}, Node.js ${node}: ` +
      `${isGreen ? 'green' : '**not green**'}.`,
    '',
    '| Suite | Runs | Failed | Minutes of one core | What happened |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}

function countsOf(counts: Readonly<Record<string, number>>): string {
  const texts = Object.entries(counts).map(([name, count]) => `${grouped(count)} ${inWords(name)}`);
  return texts.length === 0 ? '–' : texts.join(', ');
}

/** `snapshotsInstalled` as it is said. */
function inWords(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function grouped(count: number): string {
  return Math.round(count).toLocaleString('en-US');
}

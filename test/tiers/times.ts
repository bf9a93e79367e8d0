/** How long each suite takes in each tier, as it was last seen on this machine. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
const PATH = join(ROOT, 'node_modules/.cache/statecraft/test-times.json');

export type Tier = 'quick' | 'full';

/** What one file of tests took: loading it, and its tests. */
export interface FileTime {
  readonly tests: number;
  readonly ms: number;
}

/** By the files' paths from the root of the repository. */
export type TierTimes = Readonly<Record<string, FileTime>>;

export type Times = Readonly<Record<Tier, TierTimes>>;

export function readTimes(path = PATH): Times {
  const none = { quick: {}, full: {} };
  return existsSync(path) ? { ...none, ...JSON.parse(readFileSync(path, 'utf8')) } : none;
}

/** Files that were not run this time keep what they took before. */
export function keepTimes(tier: Tier, seen: TierTimes, path = PATH): void {
  const times = readTimes(path);
  mkdirSync(dirname(path), { recursive: true });
  const kept = { ...times, [tier]: { ...times[tier], ...seen } };
  writeFileSync(path, `${JSON.stringify(kept, null, 2)}\n`);
}

interface Sum {
  readonly files: number;
  readonly tests: number;
  readonly ms: number;
}

/** Markdown: a row for each folder, the slowest in the full tier first, and one for all of them. */
export function tableOf(times: Times): string {
  const suites = [...new Set([times.quick, times.full].flatMap(Object.keys).map(suiteOf))];
  const rows = suites
    .map((suite) => ({
      suite,
      quick: sumOf(times.quick, suite),
      full: sumOf(times.full, suite),
    }))
    .sort((one, other) => other.full.ms - one.full.ms || one.suite.localeCompare(other.suite));
  const all = { suite: 'all', quick: sumOf(times.quick), full: sumOf(times.full) };
  return [
    '| Suite | Quick: tests | Seconds | Full: tests | Seconds |',
    '| --- | --- | --- | --- | --- |',
    ...[...rows, all].map(
      ({ suite, quick, full }) => `| ${suite} | ${cellsOf(quick)} | ${cellsOf(full)} |`,
    ),
  ].join('\n');
}

/** `test/rules` of `test/rules/log.test.ts`. */
function suiteOf(file: string): string {
  return file.split('/').slice(0, 2).join('/');
}

function sumOf(tier: TierTimes, suite?: string): Sum {
  const own = Object.entries(tier).filter(
    ([file]) => suite === undefined || suiteOf(file) === suite,
  );
  return {
    files: own.length,
    tests: own.reduce((sum, [, { tests }]) => sum + tests, 0),
    ms: own.reduce((sum, [, { ms }]) => sum + ms, 0),
  };
}

function cellsOf({ files, tests, ms }: Sum): string {
  return files === 0 ? '– | –' : `${tests.toLocaleString('en')} | ${(ms / 1_000).toFixed(1)}`;
}

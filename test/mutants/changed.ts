/** Which mutants a change concerns: what the quick tier examines. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { Kills } from './kills.ts';
import type { Mutant } from './mutant.ts';

const ROOT = join(import.meta.dirname, '../..');
const KILLS = 'test/mutants/kills.json';
/** Of a clone the one that others have seen, so that its own commits count as changes, too. */
const MAINS = ['origin/main', 'main'];

/** What is different from where this branch left `main`, uncommitted and new files included. */
export interface Difference {
  /** Paths from the root of the repository. */
  readonly files: ReadonlySet<string>;
  /** What had killed the mutants there. */
  readonly kills: Kills;
}

/** Null where nobody can tell: without git, or without a `main`. */
export function differenceFromMain(root = ROOT): Difference | null {
  const git = (...words: readonly string[]) =>
    execFileSync('git', words, { cwd: root, encoding: 'utf8', stdio: 'pipe' }).trim();
  try {
    const main = MAINS.find((name) => git('branch', '--all', '--list', name) !== '');
    if (main === undefined) return null;
    const base = git('merge-base', 'HEAD', main);
    const changed = git('diff', '--name-only', base);
    const added = git('ls-files', '--others', '--exclude-standard');
    const files = new Set(`${changed}\n${added}`.split('\n').filter((path) => path !== ''));
    return { files, kills: JSON.parse(git('show', `${base}:${KILLS}`)) as Kills };
  } catch {
    return null;
  }
}

/**
 * Those whose source or whose killer is another than on `main`, and those that are new or were
 * killed otherwise there. All of them when nobody can tell.
 */
export function concernedBy(
  difference: Difference | null,
  mutants: readonly Mutant[],
  kills: Kills,
): readonly Mutant[] {
  if (difference === null) return mutants;
  const { files, kills: before } = difference;
  return mutants.filter(
    ({ id, change, killer }) =>
      files.has(change.file) ||
      files.has(killer.test) ||
      JSON.stringify(before[id]) !== JSON.stringify(kills[id]),
  );
}

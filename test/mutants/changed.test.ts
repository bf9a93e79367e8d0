/** What the quick tier examines of the mutants. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { concernedBy, differenceFromMain } from './changed.ts';
import { readKills } from './kills.ts';
import { mutants } from './mutants.ts';

const kills = readKills();
const [one, other] = [mutants[0]!, mutants.at(-1)!];
const idsOf = (some: typeof mutants) => some.map(({ id }) => id);

describe('a change concerns', () => {
  it('nothing when there is none', () => {
    expect(concernedBy({ files: new Set(), kills }, mutants, kills)).toEqual([]);
  });

  it('the mutants of a file that was changed', () => {
    const concerned = concernedBy({ files: new Set([one.change.file]), kills }, mutants, kills);
    const ofFile = mutants.filter(({ change }) => change.file === one.change.file);
    expect(idsOf(concerned)).toEqual(expect.arrayContaining(idsOf(ofFile)));
  });

  it('those whose killer was changed', () => {
    const concerned = concernedBy({ files: new Set([one.killer.test]), kills }, mutants, kills);
    const ofTest = mutants.filter(({ killer }) => killer.test === one.killer.test);
    expect(idsOf(concerned)).toEqual(idsOf(ofTest));
  });

  it('a mutant that is new, or was killed otherwise before', () => {
    const { [one.id]: _, ...before } = kills;
    const killedOtherwise = { ...before[other.id]!, message: 'something else' };
    const difference = {
      files: new Set<string>(),
      kills: { ...before, [other.id]: killedOtherwise },
    };
    expect(idsOf(concernedBy(difference, mutants, kills))).toEqual([one.id, other.id]);
  });

  it('all of them when nobody can tell what has changed', () => {
    expect(concernedBy(null, mutants, kills)).toBe(mutants);
  });
});

describe('the difference from main', () => {
  let folder = '';
  const git = (...words: readonly string[]) =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@localhost', ...words], {
      cwd: folder,
      stdio: 'pipe',
    });
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'statecraft-changed-'));
    git('init', '--quiet', '--initial-branch', 'main');
    mkdirSync(join(folder, 'test/mutants'), { recursive: true });
    write('test/mutants/kills.json', '{"old":{"test":"t","title":"t","message":"m"}}');
    write('untouched', '1');
    write('edited', '1');
    git('add', '.');
    git('commit', '--quiet', '--message', 'first');
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  it('is what a branch has committed, what is not committed, and what is new', () => {
    git('switch', '--quiet', '--create', 'branch');
    write('committed', '1');
    write('test/mutants/kills.json', '{}');
    git('add', '.');
    git('commit', '--quiet', '--message', 'second');
    write('edited', '2');
    write('new', '1');
    const difference = differenceFromMain(folder);
    const files = ['committed', 'edited', 'new', 'test/mutants/kills.json'];
    expect([...(difference?.files ?? [])].sort()).toEqual(files);
    expect(difference?.kills).toEqual({ old: { test: 't', title: 't', message: 'm' } });
  });

  it('is nothing on main itself, with nothing changed', () => {
    expect(differenceFromMain(folder)?.files.size).toBe(0);
  });

  it('is not known where there is no main', () => {
    git('branch', '--move', 'trunk');
    expect(differenceFromMain(folder)).toBeNull();
  });
});

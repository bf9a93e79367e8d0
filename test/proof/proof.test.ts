/** `npm run proof`: what it consists of, that it goes on where it stopped, and what it says at the end. */
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Done, Journal } from './journal.ts';
import { optionsOf } from './options.ts';
import { partsOf } from './perform.ts';
import { keyOf, type Suite, type Unit, unitsOf, WHOLE } from './plan.ts';
import { summaryOf, tableOf } from './summary.ts';

const unit: Unit = { suite: 'lab 2', name: 'TestBackup2B', seed: 7 };
const other: Unit = { suite: 'search', name: '20 seeds', seed: 1 };
const doneOf = (of: Unit, error: string | null = null, counts = {}): Done => ({
  unit: of,
  ms: 60_000,
  error,
  counts,
});

describe('the command line', () => {
  it('takes a seed, and two workers unless told otherwise', () => {
    const options = { seed: 7, workers: 2, only: '', isAfresh: false };
    expect(optionsOf(['--seed', '7'])).toEqual(options);
    expect(optionsOf(['--seed', '7', '--only', 'search', '--afresh', '--workers', '1'])).toEqual({
      ...options,
      ...{ workers: 1, only: 'search', isAfresh: true },
    });
    expect(optionsOf(['--help'])).toBe('help');
  });

  it.each([
    ['', '--seed is missing'],
    ['--seed soon', '--seed soon is no whole number'],
    ['--seed 1 --only everything', '--only everything is none of the suites: lab 3, lab 2,'],
    ['--seed 1 --workers -1', 'argument is ambiguous'],
    ['--seed 1 --fast', "Unknown option '--fast'"],
  ])('refuses "%s"', (line, complaint) => {
    expect(() => optionsOf(line === '' ? [] : line.split(' '))).toThrow(complaint);
  });
});

describe('a whole proof', () => {
  const units = unitsOf(partsOf(), WHOLE, 1);
  const count = (suite: Suite) => units.filter((each) => each.suite === suite).length;

  it('has every test of the course 20 times, 2,000 seeds of the search, every fault 10 times', () => {
    expect([count('lab 2'), count('lab 3')]).toEqual([28 * 20, 23 * 20]);
    expect(count('search') * 20).toBe(2_000);
    expect(count('real faults')).toBe(11 * 10);
  });

  it('asks for nothing twice', () => {
    expect(new Set(units.map(keyOf)).size).toBe(units.length);
  });
});

describe('the journal', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'statecraft-proof-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('knows after an interruption what was done; what was being written is done again', () => {
    const path = join(folder, 'made/journal.jsonl');
    new Journal(path).add(doneOf(unit));
    appendFileSync(path, JSON.stringify(doneOf(other)).slice(0, 30));
    const journal = new Journal(path);
    expect([journal.isDone(unit), journal.isDone(other)]).toEqual([true, false]);
    expect(journal.isDone({ ...unit, seed: 8 })).toBe(false);
    expect(journal.done).toEqual([doneOf(unit)]);
  });
});

describe('the summary', () => {
  const provenance = { commit: 'abc', isClean: true, command: 'c', date: 'today', node: '20' };
  const of = (...done: readonly Done[]) => summaryOf(provenance, done, (each) => keyOf(each.unit));

  it('adds up what happened in each suite', () => {
    const one = doneOf(unit, null, { snapshotsInstalled: 600 });
    const two = doneOf({ ...unit, seed: 8 }, null, { snapshotsInstalled: 634 });
    const summary = of(one, two, doneOf(other));
    expect(summary).toMatchObject({ isGreen: true, failures: [] });
    expect(tableOf(summary)).toContain('| lab 2 | 2 | 0 | 2 | 1,234 snapshots installed |');
    expect(tableOf(summary)).toContain('| search | 1 | 0 | 1 | – |');
    expect(tableOf(summary)).toMatch(/^Commit `abc`, `c`, today, Node.js 20: green\.$/m);
  });

  it('is not green after one failure, and names it', () => {
    const summary = of(doneOf(unit), doneOf(other, 'it fell'));
    expect(summary.isGreen).toBe(false);
    expect(summary.failures).toEqual([{ unit: 'search · 20 seeds · seed 1', error: 'it fell' }]);
    expect(tableOf(summary)).toContain('**not green**');
    expect(tableOf({ ...summary, isClean: false })).toContain('Commit `abc` with changes');
  });
});

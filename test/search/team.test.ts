/** A long search goes on after a failure: one false alarm must not end a night's work. */
import { describe, expect, it } from 'vitest';
import { sumOf } from '../../src/simulation/search/counter.ts';
import { Failures } from '../../src/simulation/search/failure.ts';
import { progressOf, tableOf } from './report.ts';
import { Team } from './team.ts';

const FALSE_WORKER = new URL('./false-worker.ts', import.meta.url);
const usual = { minutes: 5, seed: 1, seeds: 50, workers: 2, stopsAtFirst: false };

async function searched(options: Partial<typeof usual>) {
  const shown: string[] = [];
  const team = new Team(
    { ...usual, ...options },
    ({ message }) => shown.push(message),
    FALSE_WORKER,
  );
  await team.done;
  const kinds = team.failures.kinds.map(({ count, seed, signature }) => [count, seed, signature]);
  return { shown, kinds, team };
}

describe('a search of many seeds', () => {
  it('tries all of them, counts each kind of failure, and shows the first of each', async () => {
    const { shown, kinds, team } = await searched({ workers: 1 });
    expect(team.tried).toBe(50);
    expect(kinds).toEqual([
      [3, 3, 'One · crash'],
      [2, 13, 'Other · crash'],
    ]);
    expect(shown).toEqual(['seed 3 falls', 'seed 13 falls']);
    expect(progressOf(team, 1)).toBe(
      '50 seeds from 1: 45 elections, 90 crashes, 135 messages, 180 appends; 5 failures of 2 kinds',
    );
    expect(tableOf(team.failures.kinds)).toBe(
      [
        'failures  first seed  what fell, and what it takes',
        '       3           3  One · crash',
        '       2          13  Other · crash',
      ].join('\n'),
    );
  }, 60_000);

  it('keeps the earliest seed of a kind, in whatever order its workers find it', async () => {
    const { kinds, team } = await searched({ workers: 3 });
    expect(team.tried).toBe(50);
    expect(kinds.map(([, seed]) => seed)).toEqual([3, 13]);
    const failures = new Failures();
    const failure = { violation: 'One', signature: 'One', script: '', message: '' };
    expect([9, 4, 7].map((seed) => failures.add({ ...failure, seed }))).toEqual([
      true,
      false,
      false,
    ]);
    expect(failures.kinds).toEqual([{ ...failure, seed: 4, count: 3 }]);
  }, 60_000);

  it('ends at the first failure when it is told to', async () => {
    const { kinds, team } = await searched({ stopsAtFirst: true, workers: 1 });
    expect(kinds).toEqual([[1, 3, 'One · crash']]);
    expect(team.tried).toBe(3);
  }, 60_000);

  it('says what is being shrunk, and loses no failure when the time is over', async () => {
    const lines: string[] = [];
    const options = { ...usual, seed: 999, seeds: 3, workers: 1, minutes: 1 / 20 };
    const team = new Team(options, () => {}, FALSE_WORKER);
    const asking = setInterval(() => lines.push(progressOf(team, 999)), 20);
    await team.done;
    clearInterval(asking);
    const counts = '1 elections, 2 crashes, 3 messages, 4 appends';
    expect(lines).toContain(`1 seed from 999: ${counts}; shrinking seed 1000: One`);
    expect(progressOf(team, 999)).toBe(`2 seeds from 999: ${counts}; 1 failure of 1 kind`);
  }, 60_000);

  it('says that nothing has fallen only when nothing has', () => {
    const nothing = { tried: 1, counts: sumOf([]), failures: new Failures(), shrinking: [] };
    expect(progressOf(nothing, 7)).toMatch(/^1 seed from 7: .*; nothing has fallen$/);
    const undecided = { ...nothing, counts: sumOf([{ undecided: 2 }]) };
    expect(progressOf(undecided, 7)).toMatch(/; nothing has fallen; 2 undecided$/);
  });
});

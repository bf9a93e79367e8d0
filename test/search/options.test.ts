/** The command line of the search. */
import { describe, expect, it } from 'vitest';
import { optionsOf } from './options.ts';

const FOREVER = Number.POSITIVE_INFINITY;

describe('npm run search', () => {
  it('searches a minute from seed 1 on all cores, unless told otherwise', () => {
    const usual = { workers: 2, stopsAtFirst: false };
    expect(optionsOf([], 2)).toEqual({ ...usual, minutes: 1, seed: 1, seeds: FOREVER });
    const args = ['--seed', '7', '--minutes', '0.5', '--workers', '1'];
    const given = { minutes: 0.5, seed: 7, seeds: FOREVER, workers: 1 };
    expect(optionsOf(args, 2)).toEqual({ ...usual, ...given });
  });

  it('tries as many seeds as it is told, however long they take', () => {
    const args = ['--seed', '7', '--seeds', '3'];
    const given = { minutes: FOREVER, seed: 7, seeds: 3, workers: 2, stopsAtFirst: false };
    expect(optionsOf(args, 2)).toEqual(given);
  });

  it.each([['--stop-at-first'], ['--seed 7 --stop-at-first --seeds 3']])(
    'ends at the first failure when it is told: %s',
    (line) => {
      expect(optionsOf(line.split(' '), 2)).toMatchObject({ stopsAtFirst: true });
    },
  );

  it.each([
    ['--minute 5', 'There is no --minute.'],
    ['--minutes', '--minutes takes a positive number, not nothing.'],
    ['--minutes 0', '--minutes takes a positive number, not 0.'],
    ['--minutes soon', '--minutes takes a positive number, not soon.'],
    ['--seed -1', '--seed takes a whole number from 0 on, not -1.'],
    ['--seed 1.5', '--seed takes a whole number from 0 on, not 1.5.'],
    ['--seed 1 --seed 2', '--seed is given twice.'],
    ['--seeds 0', '--seeds takes a whole number from 1 on, not 0.'],
    ['--seeds 2 --minutes 1', '--minutes and --seeds exclude each other.'],
    ['--workers 0', '--workers takes a whole number from 1 on, not 0.'],
  ])('refuses "%s", and says how it is done', (line, complaint) => {
    const call = () => optionsOf(line.split(' '), 2);
    expect(call).toThrow(TypeError);
    expect(call).toThrow(complaint);
    expect(call).toThrow('Usage: npm run search');
  });
});

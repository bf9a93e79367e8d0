/** The command line of the search. */
import { describe, expect, it } from 'vitest';
import { optionsOf } from './options.ts';

describe('npm run search', () => {
  it('searches a minute from seed 1 on all cores, unless told otherwise', () => {
    expect(optionsOf([], 2)).toEqual({ minutes: 1, seed: 1, workers: 2 });
    const args = ['--seed', '7', '--minutes', '0.5', '--workers', '1'];
    expect(optionsOf(args, 2)).toEqual({ minutes: 0.5, seed: 7, workers: 1 });
  });

  it.each([
    ['--minute 5', 'There is no --minute.'],
    ['--minutes', '--minutes takes a positive number, not nothing.'],
    ['--minutes 0', '--minutes takes a positive number, not 0.'],
    ['--minutes soon', '--minutes takes a positive number, not soon.'],
    ['--seed -1', '--seed takes a whole number from 0 on, not -1.'],
    ['--seed 1.5', '--seed takes a whole number from 0 on, not 1.5.'],
    ['--seed 1 --seed 2', '--seed is given twice.'],
    ['--workers 0', '--workers takes a whole number from 1 on, not 0.'],
  ])('refuses "%s", and says how it is done', (line, complaint) => {
    const call = () => optionsOf(line.split(' '), 2);
    expect(call).toThrow(TypeError);
    expect(call).toThrow(complaint);
    expect(call).toThrow('Usage: npm run search');
  });
});

/** `npm run proof -- --seed S`: what may be asked for. */
import { parseArgs } from 'node:util';
import { SUITES } from './plan.ts';

export interface Options {
  readonly seed: number;
  readonly workers: number;
  /** Only suites whose names hold this. */
  readonly only: string;
  /** Whether what was done before, of the same commit and seed, is done again. */
  readonly isAfresh: boolean;
}

export const USAGE = `npm run proof -- --seed <number> [--workers 2] [--only <suite>] [--afresh]

Runs the course's tests, the search, every mutant and the real faults at full length, and writes the
summary into docs/testing.md. Interrupted, it goes on where it stopped; --afresh begins again.
Suites: ${SUITES.join(', ')}.`;

/** @throws Error with one line that says what is wrong. */
export function optionsOf(argv: readonly string[]): Options | 'help' {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      seed: { type: 'string' },
      workers: { type: 'string', default: '2' },
      only: { type: 'string', default: '' },
      afresh: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  if (values.seed === undefined) throw new Error('--seed is missing: a proof is of one seed');
  if (!SUITES.some((suite) => suite.includes(values.only))) {
    throw new Error(`--only ${values.only} is none of the suites: ${SUITES.join(', ')}`);
  }
  return {
    seed: wholeNumber('--seed', values.seed),
    workers: Math.max(1, wholeNumber('--workers', values.workers)),
    only: values.only,
    isAfresh: values.afresh,
  };
}

function wholeNumber(flag: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new Error(`${flag} ${text} is no whole number from 0 to 999999999`);
}

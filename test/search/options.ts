/** What the search is asked on the command line. */

export interface SearchOptions {
  /** How long; Infinity when it was told how many seeds. */
  readonly minutes: number;
  /** The first one; the others follow it. */
  readonly seed: number;
  /** How many seeds; Infinity when it was told how long. */
  readonly seeds: number;
  readonly workers: number;
  /** Whether the first failure ends it. */
  readonly stopsAtFirst: boolean;
}

const USAGE =
  'Usage: npm run search -- [--minutes N | --seeds N] [--seed S] [--workers W] [--stop-at-first]\n' +
  'It tries seeds from S on: for N minutes (1 unless told otherwise), or N of them. It goes on after\n' +
  'what it finds, counts each kind, and tells the first script of each.';

const STOP_AT_FIRST = '--stop-at-first';

const RULES = {
  '--minutes': { isFit: (value: number) => value > 0, want: 'a positive number' },
  '--seed': { isFit: isNatural, want: 'a whole number from 0 on' },
  '--seeds': { isFit: isCount, want: 'a whole number from 1 on' },
  '--workers': { isFit: isCount, want: 'a whole number from 1 on' },
} as const;

/** @throws TypeError that says what is wrong, and how it is done. */
export function optionsOf(args: readonly string[], cores: number): SearchOptions {
  const given: Partial<Record<keyof typeof RULES, number>> = {};
  const valued = args.filter((word) => word !== STOP_AT_FIRST);
  for (let at = 0; at < valued.length; at += 2) {
    const [flag, text] = [valued[at] as keyof typeof RULES, valued[at + 1]];
    const rule = RULES[flag];
    if (rule === undefined) throw misuse(`There is no ${flag}.`);
    if (given[flag] !== undefined) throw misuse(`${flag} is given twice.`);
    const value = text === undefined || text.trim() === '' ? Number.NaN : Number(text);
    if (!Number.isFinite(value) || !rule.isFit(value)) {
      throw misuse(`${flag} takes ${rule.want}, not ${text ?? 'nothing'}.`);
    }
    given[flag] = value;
  }
  const { '--minutes': minutes, '--seeds': seeds, '--seed': seed, '--workers': workers } = given;
  if (minutes !== undefined && seeds !== undefined) {
    throw misuse('--minutes and --seeds exclude each other.');
  }
  return {
    minutes: minutes ?? (seeds === undefined ? 1 : Number.POSITIVE_INFINITY),
    seed: seed ?? 1,
    seeds: seeds ?? Number.POSITIVE_INFINITY,
    workers: workers ?? cores,
    stopsAtFirst: valued.length < args.length,
  };
}

function isNatural(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function isCount(value: number): boolean {
  return isNatural(value) && value > 0;
}

function misuse(what: string): TypeError {
  return new TypeError(`${what}\n${USAGE}`);
}

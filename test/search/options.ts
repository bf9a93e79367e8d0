/** What the search is asked on the command line. */

export interface SearchOptions {
  readonly minutes: number;
  /** The first one; the others follow it. */
  readonly seed: number;
  readonly workers: number;
}

const USAGE = 'Usage: npm run search -- [--minutes N] [--seed S] [--workers W]';

const RULES = {
  '--minutes': { isFit: (value: number) => value > 0, want: 'a positive number' },
  '--seed': { isFit: isNatural, want: 'a whole number from 0 on' },
  '--workers': {
    isFit: (value: number) => isNatural(value) && value > 0,
    want: 'a whole number from 1 on',
  },
} as const;

/** @throws TypeError that says what is wrong, and how it is done. */
export function optionsOf(args: readonly string[], cores: number): SearchOptions {
  const given: Partial<Record<keyof typeof RULES, number>> = {};
  for (let at = 0; at < args.length; at += 2) {
    const [flag, text] = [args[at] as keyof typeof RULES, args[at + 1]];
    const rule = RULES[flag];
    if (rule === undefined) throw misuse(`There is no ${flag}.`);
    if (given[flag] !== undefined) throw misuse(`${flag} is given twice.`);
    const value = text === undefined || text.trim() === '' ? Number.NaN : Number(text);
    if (!Number.isFinite(value) || !rule.isFit(value)) {
      throw misuse(`${flag} takes ${rule.want}, not ${text ?? 'nothing'}.`);
    }
    given[flag] = value;
  }
  return {
    minutes: given['--minutes'] ?? 1,
    seed: given['--seed'] ?? 1,
    workers: given['--workers'] ?? cores,
  };
}

function isNatural(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function misuse(what: string): TypeError {
  return new TypeError(`${what}\n${USAGE}`);
}

/** The log against plain arrays: whatever is done, in whatever order, every value stays what it was. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LogIndex, Term } from '../../machines/rules/entries.ts';
import { firstBase, Log } from '../../machines/rules/log.ts';
import { clusterOf, entry } from './states.ts';

/** A log as it should be: the base's position, and the terms behind it. */
interface Model {
  readonly base: { readonly index: LogIndex; readonly term: Term };
  readonly terms: readonly Term[];
}

type Step =
  | { readonly do: 'append'; readonly of: number; readonly rises: readonly number[] }
  | { readonly do: 'truncate' | 'compact'; readonly of: number; readonly at: number };

const aStep: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant('append' as const),
    of: fc.nat(),
    rises: fc.array(fc.constantFrom(0, 0, 0, 1, 2), { maxLength: 5 }),
  }),
  fc.record({
    do: fc.constantFrom('truncate' as const, 'compact' as const),
    of: fc.nat(),
    at: fc.nat(),
  }),
);

interface Pair {
  readonly log: Log;
  readonly model: Model;
}

function lastOf({ base, terms }: Model): { index: LogIndex; term: Term } {
  return { index: base.index + terms.length, term: terms.at(-1) ?? base.term };
}

function afterStep({ log, model }: Pair, step: Step): Pair {
  const { base, terms } = model;
  if (step.do === 'append') {
    let { index, term } = lastOf(model);
    const added = step.rises.map((rise) => {
      index += 1;
      term += rise;
      return entry(index, term);
    });
    return {
      log: log.append(added),
      model: { base, terms: [...terms, ...added.map((one) => one.term)] },
    };
  }
  if (terms.length === 0) return { log, model };
  const at = step.at % terms.length;
  const index = base.index + 1 + at;
  if (step.do === 'truncate') {
    return { log: log.truncateFrom(index), model: { base, terms: terms.slice(0, at) } };
  }
  const compacted = { index, term: terms[at] as Term };
  return { log: log.compactThrough(index), model: { base: compacted, terms: terms.slice(at + 1) } };
}

function expectAlike({ log, model }: Pair): void {
  const { base, terms } = model;
  expect({ index: log.base.index, term: log.base.term }).toEqual(base);
  expect(log.last).toEqual(lastOf(model));
  expect(log.slice(log.firstIndex).map(({ term }) => term)).toEqual(terms);
  expect(log.bytes).toBe(terms.length * 50);
  expect(log.termAt(lastOf(model).index + 1)).toBeUndefined();
}

test('every value stays what it was through appends, truncations and compactions of any other', () => {
  fc.assert(
    fc.property(fc.array(aStep, { maxLength: 25 }), (steps) => {
      const model: Model = { base: { index: 0, term: 0 }, terms: [] };
      const pairs: Pair[] = [{ log: Log.from(firstBase(clusterOf())), model }];
      for (const step of steps) {
        // Often the newest value, as a server does; sometimes any older one.
        const from = step.of % 3 === 0 ? step.of % pairs.length : pairs.length - 1;
        pairs.push(afterStep(pairs[from] as Pair, step));
      }
      for (const pair of pairs) expectAlike(pair);
    }),
    { numRuns: 500 },
  );
});

test('the greatest index of at most a term is what a plain search finds', () => {
  const rises = fc.array(fc.constantFrom(0, 0, 1, 3), { maxLength: 20 });
  fc.assert(
    fc.property(rises, fc.nat(25), fc.nat(12), fc.nat(20), (steps, index, term, compacted) => {
      const model: Model = { base: { index: 0, term: 0 }, terms: [] };
      const appended = afterStep(
        { log: Log.from(firstBase(clusterOf())), model },
        { do: 'append', of: 0, rises: steps },
      );
      const { log } =
        compacted < appended.log.lastIndex
          ? afterStep(appended, { do: 'compact', of: 0, at: compacted })
          : appended;
      let expected = log.base.index;
      for (let at = log.firstIndex; at <= Math.min(index, log.lastIndex); at += 1) {
        if ((log.termAt(at) as Term) <= term) expected = at;
      }
      expect(log.lastIndexAtMost({ index, term })).toBe(expected);
    }),
  );
});

test('a batch is the longest that keeps within both bounds, and at least one entry', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 30 }),
      fc.nat(),
      fc.integer({ min: 1, max: 12 }),
      fc.nat(700),
      (length, start, entriesMax, bytesMax) => {
        const from = 1 + (start % length);
        const log = Log.from(
          firstBase(clusterOf()),
          Array.from({ length }, (_, at) => entry(at + 1, 1)),
        );
        const fit = Math.max(1, Math.min(entriesMax, Math.floor(bytesMax / 50), length - from + 1));
        expect(log.batchThrough(from, entriesMax, bytesMax)).toBe(from + fit - 1);
      },
    ),
  );
});

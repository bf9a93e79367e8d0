import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isWellFormed } from '../../src/kv/index.ts';
import type { Action } from '../../src/playground/action.ts';
import { KEY_BYTES_MAX, SERVERS_MAX, VALUE_BYTES_MAX } from '../../src/playground/action.ts';
import {
  fragmentOf,
  LINK_LENGTH_MAX,
  type RunLink,
  readFragment,
} from '../../src/playground/link.ts';

const link: RunLink = {
  script: {
    seed: 7,
    servers: 5,
    scenario: null,
    actions: [
      { after: 70, action: { type: 'put', server: 'a', key: 'x', value: '1' } },
      { after: 89, action: { type: 'crash', server: 'e' } },
      { after: 120, action: { type: 'cut', from: 'a', to: 'b' } },
      {
        after: 150,
        action: {
          type: 'partition',
          groups: [
            ['a', 'b'],
            ['c', 'd', 'e'],
          ],
        },
      },
      { after: 151, action: { type: 'drop', flight: 34 } },
      { after: 160, action: { type: 'heal' } },
    ],
  },
  at: 123,
  selected: 'b',
  speed: 0.1,
};
const text =
  'v=1&seed=7&servers=5&deeds=70.put.a.x.1~89.crash.e~120.cut.a.b~150.partition.ab.cde~' +
  '151.drop.34~160.heal&selected=b&speed=0.1&at=123';

function errorOf(fragment: string): string {
  const read = readFragment(fragment);
  return read !== null && 'error' in read ? read.error : `no error: ${JSON.stringify(read)}`;
}

describe('a link', () => {
  it('is text that people can read', () => {
    expect(fragmentOf(link)).toBe(text);
    expect(readFragment(text)).toEqual(link);
    expect(readFragment(`#${text}`)).toEqual(link);
  });

  it('needs no more than a beginning', () => {
    const script = { seed: 7, servers: 5, scenario: null, actions: [] };
    const least = { script, at: 0, selected: null, speed: null };
    expect(readFragment('#v=1&seed=7&servers=5')).toEqual(least);
    expect(readFragment('')).toBeNull();
    expect(readFragment('#')).toBeNull();
  });

  it('carries the name of the scenario it begins as, with that scenario’s servers', () => {
    const begun = 'v=1&seed=1&servers=5&scenario=first-election&at=10';
    expect(readFragment(begun)).toMatchObject({ script: { scenario: 'first-election' } });
    expect(errorOf(begun.replace('first-election', 'last-election'))).toBe(
      'This link begins as scenario “last-election”, which this page does not know.',
    );
    expect(errorOf(begun.replace('servers=5', 'servers=3'))).toBe(
      'This link is damaged: the scenario first-election has 5 servers, not 3.',
    );
  });

  it.each([
    ['v=2&seed=7&servers=5', 'This link is of version “2”; this page reads version 1.'],
    ['seed=7&servers=5', 'This link says no version; this page reads version 1.'],
    [
      'v=1&servers=5',
      'This link needs “seed”, a whole number from 0 to 999999999: it does not say it.',
    ],
    [
      'v=1&seed=7&servers=12',
      'This link needs “servers”, a whole number from 1 to 9: it says “12”.',
    ],
    [
      'v=1&seed=07&servers=5',
      'This link needs “seed”, a whole number from 0 to 999999999: it says “07”.',
    ],
    ['v=1&seed=7&seed=7&servers=5', 'This link is damaged: it says “seed” twice.'],
    ['v=1&seed=7&servers=5&colour=red', 'This link is damaged: “colour=red” means nothing here.'],
    ['nonsense', 'This link is damaged: “nonsense” means nothing here.'],
    [
      'v=1&seed=7&servers=5&at=-1',
      'This link needs “at”, a whole number from 0 to 100000: it says “-1”.',
    ],
    [
      'v=1&seed=7&servers=5&at=1e3',
      'This link needs “at”, a whole number from 0 to 100000: it says “1e3”.',
    ],
    ['v=1&seed=7&servers=5&selected=f', 'This link selects “f”, and there is no such server.'],
    [
      'v=1&seed=7&servers=5&speed=0',
      'This link needs “speed”, a number from 0.001 to 10: it says “0”.',
    ],
    [
      'v=1&seed=7&servers=5&deeds=5.explode.a',
      'This link is damaged: “5.explode.a” is nothing that one can do.',
    ],
    [
      'v=1&seed=7&servers=5&deeds=5.crash',
      'This link is damaged: “5.crash” is nothing that one can do.',
    ],
    [
      'v=1&seed=7&servers=5&deeds=5.put.a.%FF.1',
      'This link is damaged: “5.put.a.%FF.1” is nothing that one can do.',
    ],
    [
      'v=1&seed=7&servers=5&deeds=5.%3Cb%3E.a',
      'This link is damaged: “5.<b>.a” is nothing that one can do.',
    ],
    [
      'v=1&seed=7&servers=5&deeds=5.%E2%80%AEb.a',
      'This link is damaged: “5.%E2%80%AEb.a” is nothing that one can do.',
    ],
    [
      'v=1&seed=7&servers=3&deeds=5.crash.d',
      'This link cannot be: in “5.crash.d”, there is no server “d”; there are a, b, c.',
    ],
    [
      'v=1&seed=7&servers=3&deeds=5.cut.a.a',
      'This link cannot be: in “5.cut.a.a”, there is no link from a to itself.',
    ],
    [
      'v=1&seed=7&servers=3&deeds=5.partition.ab.bc',
      'This link cannot be: in “5.partition.ab.bc”, server b is in two groups.',
    ],
    [
      'v=1&seed=7&servers=3&deeds=5.partition',
      'This link cannot be: in “5.partition”, a group has at least one server.',
    ],
    [
      'v=1&seed=7&servers=3&deeds=5.get.a.',
      'This link cannot be: in “5.get.a.”, a key here has 1 to 64 bytes, which “” has not.',
    ],
    [
      'v=1&seed=7&servers=3&deeds=9.heal~5.heal',
      'This link is damaged: actions follow each other and come before event 100000, and “5.heal” does not.',
    ],
    [
      'v=1&seed=7&servers=3&deeds=5.heal~5.heal',
      'This link is damaged: actions follow each other and come before event 100000, and “5.heal” does not.',
    ],
  ])('%s is refused in a sentence', (fragment, sentence) => {
    expect(errorOf(fragment)).toBe(sentence);
  });

  it('that is too much is refused, reading and writing', () => {
    const long = `v=1&seed=7&servers=5&deeds=5.put.a.x.${'1'.repeat(LINK_LENGTH_MAX)}`;
    expect(errorOf(long)).toContain('This link is too long: it has 32037 characters, 32000');
    const value = errorOf(
      `v=1&seed=7&servers=5&deeds=5.put.a.x.${'1'.repeat(VALUE_BYTES_MAX + 1)}`,
    );
    expect(value).toContain('a value here has at most 256 bytes');
    const many = Array.from({ length: 501 }, (_, after) => `${after}.heal`).join('~');
    expect(errorOf(`v=1&seed=7&servers=5&deeds=${many}`)).toBe(
      'This link has 501 actions; 500 are the limit.',
    );
    const deeds = Array.from({ length: 501 }, (_, after) => ({
      after,
      action: { type: 'heal' } as const,
    }));
    expect(fragmentOf({ ...link, script: { ...link.script, actions: deeds } })).toEqual({
      error: 'This link has 501 actions; 500 are the limit.',
    });
  });
});

const bytes = (text: string) => new TextEncoder().encode(text).byteLength;
const words = (min: number, max: number) =>
  fc
    .string({ minLength: min, maxLength: 20, unit: 'binary' })
    .filter((text) => isWellFormed(text) && bytes(text) <= max);

const arbitraryLink: fc.Arbitrary<RunLink> = fc
  .integer({ min: 2, max: SERVERS_MAX })
  .chain((servers) => {
    const ids = 'abcdefghi'.slice(0, servers).split('');
    const server = fc.constantFrom(...ids);
    const key = words(1, KEY_BYTES_MAX);
    const value = words(0, VALUE_BYTES_MAX);
    const ends = fc.shuffledSubarray(ids, { minLength: 2, maxLength: 2 });
    const action = fc.oneof(
      fc.record({ type: fc.constantFrom('put', 'append'), server, key, value }),
      fc.record({ type: fc.constant('get'), server, key }),
      fc.record({
        type: fc.constantFrom(
          'stop',
          'crash',
          'restart',
          'pause',
          'resume',
          'timeOut',
          'takeSnapshot',
        ),
        server,
      }),
      fc.record({ type: fc.constant('drop'), flight: fc.integer({ min: 1, max: 1e6 }) }),
      ends.map(([from, to]) => ({ type: 'cut', from, to })),
      ends.map(([from, to]) => ({ type: 'restore', from, to })),
      fc
        .tuple(fc.shuffledSubarray(ids, { minLength: 2 }), fc.nat())
        .map(([all, cut]) => [
          all.slice(0, 1 + (cut % (all.length - 1))),
          all.slice(1 + (cut % (all.length - 1))),
        ])
        .map((groups) => ({ type: 'partition', groups })),
      fc.constant({ type: 'heal' }),
    ) as fc.Arbitrary<Action>;
    const actions = fc
      .tuple(
        fc.uniqueArray(fc.integer({ min: 0, max: 99_999 }), { maxLength: 12 }),
        fc.array(action, { minLength: 12, maxLength: 12 }),
      )
      .map(([numbers, actions]) =>
        numbers.sort((a, b) => a - b).map((after, at) => ({ after, action: actions[at]! })),
      );
    return fc.record({
      script: fc.record({
        seed: fc.integer({ min: 0, max: 999_999_999 }),
        servers: fc.constant(servers),
        scenario: fc.constant(null),
        actions,
      }),
      at: fc.integer({ min: 0, max: 100_000 }),
      selected: fc.option(server),
      speed: fc.option(fc.constantFrom(0.001, 0.01, 0.1, 0.25, 1, 10)),
    });
  });

describe('any link', () => {
  it('is read as what was written, and survives being put into a URL', () => {
    fc.assert(
      fc.property(arbitraryLink, (given) => {
        const fragment = fragmentOf(given);
        expect(fragment).toBeTypeOf('string');
        expect(readFragment(fragment as string)).toEqual(given);
        const url = new URL(`https://example.org/#${fragment}`);
        expect(readFragment(url.hash)).toEqual(given);
      }),
    );
  });

  it('that was damaged is an error or another whole link, never an exception', () => {
    const damage = fc.tuple(
      fc.nat(),
      fc.nat({ max: 6 }),
      fc.string({ maxLength: 4, unit: 'binary' }),
    );
    fc.assert(
      fc.property(
        arbitraryLink,
        fc.array(damage, { minLength: 1, maxLength: 4 }),
        (given, damages) => {
          let fragment = fragmentOf(given) as string;
          for (const [place, gone, instead] of damages) {
            const at = place % (fragment.length + 1);
            fragment = fragment.slice(0, at) + instead + fragment.slice(at + gone);
          }
          expectWhole(fragment);
        },
      ),
    );
  });

  it('of whatever text is an error or a whole link', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), expectWhole));
    const pieces = fc.constantFrom(
      'v=1',
      '&',
      'seed=',
      'servers=',
      'deeds=',
      '1',
      '5',
      '.',
      '~',
      'put',
      'a',
      '%',
      '=',
    );
    const told = fc.array(pieces, { maxLength: 40 }).map((each) => each.join(''));
    fc.assert(fc.property(told, (tail) => expectWhole(`v=1&seed=1&servers=3&${tail}`)));
  });
});

/** What is read can be written and read again; what cannot is told in a sentence. */
function expectWhole(fragment: string): void {
  const read = readFragment(fragment);
  if (read === null) return;
  if ('error' in read) expect(read.error).toMatch(/^This link .+\.$/su);
  else expect(readFragment(fragmentOf(read) as string)).toEqual(read);
}

/** Values as people read them: bounded whatever they are, and said in a word where a word is better. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createActor, createMachine } from 'xstate';
import { bootstrapConfiguration } from '../../machines/rules/configuration.ts';
import { firstBase, Log } from '../../machines/rules/log.ts';
import { changedPreviewFields, toPreview, toPreviewFields } from '../../src/inspector/preview.ts';
import type { Readable } from '../../src/inspector/protocol.ts';

const base = firstBase(bootstrapConfiguration({ a: 'ws://127.0.0.1:7201' }));
const entry = (index: number, term: number) => ({
  ...{ index, term, time: 0, type: 'command' as const, bytes: new Uint8Array(3) },
});
const logOf = (terms: readonly number[]) =>
  Log.from(
    base,
    terms.map((term, at) => entry(at + 1, term)),
  );

function depthOf(value: Readable): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

describe('a readable value', () => {
  it.each([
    ['bytes', new Uint8Array(256), '256 bytes'],
    ['a date', new Date(0), '1970-01-01T00:00:00.000Z'],
    ['a date that is none', new Date(Number.NaN), 'no date'],
    ['an error', new RangeError('too far'), 'RangeError: too far'],
    ['a map', new Map([['one', { two: 3 }]]), { 'Map of 1': { one: { two: 3 } } }],
    [
      'a map whose keys are no texts',
      new Map<unknown, unknown>([
        [1, 'a'],
        ['1', 'b'],
      ]),
      {
        'Map of 2': [
          [1, 'a'],
          ['1', 'b'],
        ],
      },
    ],
    ['a set', new Set(['red', undefined]), { 'Set of 2': ['red', 'undefined'] }],
    [
      'a large set',
      new Set(Array.from({ length: 900 }, (_, at) => at)),
      {
        'Set of 900': { length: 900, first: [0, 1, 2, 3, 4, 5, 6, 7] },
      },
    ],
    ['an empty set', new Set(), '(Set of 0)'],
    ['a function', function leap() {}, '(function leap)'],
    ['a symbol', Symbol('sign'), 'Symbol(sign)'],
    ['a large integer', 7n, '7n'],
    ['no number', Number.NaN, 'NaN'],
    ['nothing', undefined, 'undefined'],
    ['null', null, null],
    ['a pattern', /a+/gi, '/a+/gi'],
    ['an address', new URL('http://a.example/b'), 'http://a.example/b'],
    ['what keeps everything to itself', new WeakMap(), '(WeakMap)'],
    ['of a class without fields', new (class Point {})(), '(Point)'],
    [
      'of a class with fields',
      new (class Money {
        amount = 3;
      })(),
      { amount: 3 },
    ],
    ['of no class', Object.create(null), {}],
    ['an actor', createActor(createMachine({}), { id: 'me' }), '(actor me)'],
    ['a short list', [1, [2]], [1, [2]]],
    [
      'a long list',
      Array.from({ length: 900 }, (_, at) => at),
      { length: 900, first: [0, 1, 2, 3, 4, 5, 6, 7] },
    ],
    ['a long text', 'x'.repeat(1_000), `${'x'.repeat(256)}… (1000 characters)`],
  ])('says %s so that it can be read', (_, value, said) => {
    expect(toPreview(value)).toEqual(said);
  });

  it('says a log by its ends and by who wrote which part, newest first', () => {
    const log = logOf([1, 1, 2, 5, 5, 5]);
    expect(toPreview(log)).toEqual({
      ...{ from: 1, through: 6, after: { index: 0, term: 0 } },
      terms: [
        { term: 5, from: 4, through: 6 },
        { term: 2, from: 3, through: 3 },
        { term: 1, from: 1, through: 2 },
      ],
    });
    expect(toPreview(log.compactThrough(5))).toEqual({
      ...{ from: 6, through: 6, after: { index: 5, term: 5 } },
      terms: [{ term: 5, from: 6, through: 6 }],
    });
    expect(toPreview(logOf([]))).toMatchObject({ from: 1, through: 0, terms: [] });
  });

  it('says a log of many terms by the last of them, and costs no more for its length', () => {
    const log = logOf(Array.from({ length: 5_000 }, (_, at) => at + 1));
    const { terms } = toPreview(log) as { terms: readonly unknown[] };
    expect(terms).toHaveLength(8);
    expect(terms[0]).toEqual({ term: 5_000, from: 5_000, through: 5_000 });
  });

  it('has an end where the value has none', () => {
    const ring: { next?: unknown } = {};
    ring.next = ring;
    expect(depthOf(toPreview(ring))).toBeLessThan(10);
  });

  it('goes on where a getter throws', () => {
    const trap = {
      whole: 1,
      get broken(): never {
        throw new Error('no');
      },
    };
    expect(toPreview(trap)).toEqual({ whole: 1, broken: '(unreadable: Error: no)' });
  });

  it('says how much of a large map is not there', () => {
    const large = new Map(Array.from({ length: 900 }, (_, at) => [`key ${at}`, at]));
    const said = toPreview(large) as { 'Map of 900': Readonly<Record<string, Readable>> };
    expect(Object.keys(said['Map of 900'])).toHaveLength(41);
    expect(said['Map of 900']).toMatchObject({ 'key 39': 39, '…': '860 more' });
  });

  it('makes nobody a prototype', () => {
    const fields = toPreview(JSON.parse('{"__proto__":{"isAdmin":true},"a":1}'));
    expect(fields).toEqual({ a: 1 });
    expect((fields as { isAdmin?: boolean }).isAdmin).toBeUndefined();
  });

  it('is bounded, whatever it is of', () => {
    const wide = Object.fromEntries(Array.from({ length: 5_000 }, (_, at) => [`key ${at}`, at]));
    const deep = Array.from({ length: 200 }).reduce<object>((inner) => [inner, inner], {});
    const mapped = new Map(Object.entries(wide));
    const nested = Array.from({ length: 200 }).reduce<object>(
      (inner, _, at) => (at % 2 === 0 ? new Map([['in', inner]]) : new Set([inner])),
      {},
    );
    const long = Array.from({ length: 20 }).reduce<object>((inner) => Array(9).fill(inner), {});
    const values = [wide, deep, long, [wide, wide, wide], Array.from({ length: 8 }, () => [deep])];
    for (const value of [...values, mapped, nested]) {
      expect(depthOf(toPreview(value))).toBeLessThan(10);
      expect(JSON.stringify(toPreview(value)).length).toBeLessThan(40_000);
    }
    fc.assert(
      fc.property(
        fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true }),
        (value) => {
          const said = toPreview(value);
          expect(depthOf(said)).toBeLessThan(10);
          expect(JSON.parse(JSON.stringify(said))).toEqual(said);
        },
      ),
    );
  });
});

describe('the fields of a context', () => {
  it('are its own, or one called value', () => {
    expect(toPreviewFields({ a: 1, b: [2] })).toEqual({ a: 1, b: [2] });
    expect(toPreviewFields([1])).toEqual({ value: [1] });
    expect(toPreviewFields(7)).toEqual({ value: 7 });
    expect(toPreviewFields(null)).toEqual({ value: null });
    expect(toPreviewFields(undefined)).toEqual({});
    expect(toPreviewFields(new Map())).toEqual({ value: '(Map of 0)' });
    expect(toPreviewFields({ none: undefined })).toEqual({ none: 'undefined' });
  });

  it('that have changed are those which are no longer the same', () => {
    const before = { same: { deep: 1 }, other: { deep: 1 }, number: 1 };
    const after = { ...before, other: { deep: 1 }, number: 2, more: true };
    expect(changedPreviewFields(before, after)).toEqual({
      other: { deep: 1 },
      number: 2,
      more: true,
    });
    expect(changedPreviewFields(after, after)).toEqual({});
    expect(changedPreviewFields(1, 2)).toEqual({ value: 2 });
    expect(changedPreviewFields(undefined, { a: 1 })).toEqual({ a: 1 });
  });
});

import { describe, expect, it } from 'vitest';
import { bootstrapConfiguration } from '../../machines/rules/configuration.ts';
import { type Entry, NO_BYTES } from '../../machines/rules/entries.ts';
import { firstBase, Log } from '../../machines/rules/log.ts';
import { hasOneLeaderPerTerm, isSameEntry, logsMatch } from '../../machines/rules/properties.ts';

const configuration = bootstrapConfiguration({ a: 'x', b: 'x', c: 'x' });
const base = firstBase(configuration);
const entry = (index: number, term: number, payload = 0): Entry => ({
  index,
  term,
  time: 0,
  type: 'command',
  bytes: payload === 0 ? NO_BYTES : Uint8Array.of(payload),
});
const entries = (terms: string) =>
  terms === '' ? [] : terms.split(' ').map((term, at) => entry(at + 1, Number(term)));
const log = (terms: string) => Log.from(base, entries(terms));

describe('Election Safety (§5.2)', () => {
  it.each([
    ['nobody has led', [], true],
    ['one leader in each of two terms', ['a1', 'b2'], true],
    ['the same leader told of twice', ['a1', 'a1'], true],
    ['two leaders of one term', ['a1', 'b2', 'b1'], false],
  ])('%s', (_, leaders, holds) => {
    const told = leaders.map((one) => ({ id: one[0]!, term: Number(one[1]) }));
    expect(hasOneLeaderPerTerm(told)).toBe(holds);
  });
});

describe('Log Matching (§5.3)', () => {
  it.each([
    ['equal logs', '1 1 2', '1 1 2', true],
    ['one is the beginning of the other', '1 1', '1 1 2', true],
    ['they part and never meet again', '1 1 2', '1 1 3 3', true],
    ['they part and share a later term', '1 1 3', '1 2 3', false],
  ])('%s', (_, a, b, holds) => {
    expect(logsMatch(log(a), log(b))).toBe(holds);
    expect(logsMatch(log(b), log(a))).toBe(holds);
  });

  it('the same index and term with other bytes do not match', () => {
    const other = Log.from(base, [entry(1, 1, 9)]);
    expect(logsMatch(log('1'), other)).toBe(false);
  });

  it('what one of them has compacted is not compared', () => {
    expect(logsMatch(log('1 1 2 2').compactThrough(3), log('1 1 2 2'))).toBe(true);
  });
});

describe('The same entry', () => {
  it.each([
    ['index', { index: 2 }],
    ['term', { term: 2 }],
    ['time', { time: 2 }],
    ['type', { type: 'empty' as const }],
    ['session', { session: 2 }],
    ['sequence', { sequence: 2 }],
    ['firstUnanswered', { firstUnanswered: 2 }],
    ['bytes', { bytes: Uint8Array.of(2) }],
  ])('entries that differ in %s are not the same', (_, change) => {
    expect(isSameEntry(entry(1, 1), { ...entry(1, 1), ...change })).toBe(false);
  });

  it('entries of as many bytes are the same only if each byte is', () => {
    const ending = (last: number) => ({ ...entry(1, 1), bytes: Uint8Array.of(7, last) });
    expect(isSameEntry(ending(1), ending(1))).toBe(true);
    expect(isSameEntry(ending(1), ending(2))).toBe(false);
  });
});

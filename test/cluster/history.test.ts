import { describe, expect, it } from 'vitest';
import { contradictions, type Operation } from './history.ts';

const put = (token: string, told: Operation['told']): Operation => ({
  client: 0,
  kind: 'put',
  key: `put/${token}`,
  token,
  told,
});
const append = (token: string, told: Operation['told']): Operation => ({
  client: 0,
  kind: 'append',
  key: 'appends/0',
  token,
  told,
});

describe('a history is explained by the final state, or the check says why not', () => {
  const history = [put('0.2', 'applied'), append('0.1', 'applied'), append('0.3', 'unknown')];
  const final = new Map([
    ['put/0.2', '0.2'],
    ['appends/0', '0.1 '],
  ]);

  it('accepts what was acknowledged once, and what is in doubt at most once', () => {
    expect(contradictions(history, final)).toEqual([]);
    expect(contradictions(history, new Map(final).set('appends/0', '0.1 0.3 '))).toEqual([]);
  });

  it.each([
    [
      'an acknowledged put that is missing',
      [put('0.4', 'applied')],
      final,
      /final value is missing/,
    ],
    ['a refused put that is there', [put('0.2', 'refused')], final, /never will be applied/],
    ['a put with another value', history, new Map(final).set('put/0.2', 'x'), /final value is x/],
    ['an append twice', history, new Map(final).set('appends/0', '0.1 0.1 '), /2 times/],
    [
      'an acknowledged append that is lost',
      history,
      new Map(final).set('appends/0', ''),
      /0 times/,
    ],
    ['one in doubt twice', history, new Map(final).set('appends/0', '0.1 0.3 0.3 '), /2 times/],
    [
      'an append of nobody',
      history,
      new Map(final).set('appends/0', '0.1 9.9 '),
      /nobody appended/,
    ],
    ['appends out of order', history, new Map(final).set('appends/0', '0.3 0.1 '), /out of order/],
  ])('finds %s in a doctored history', (_, operations, state, sentence) => {
    expect(contradictions(operations, state).join('\n')).toMatch(sentence);
  });
});

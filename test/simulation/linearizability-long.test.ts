/** Histories as long as real ones: what a checker must get through, and say when it does not. */
import { describe, expect, it } from 'vitest';
import { keyValueModel } from '../../src/kv/index.ts';
import { checkLinearizable } from '../../src/simulation/index.ts';
import { longHistory } from './long-history.ts';
import { told } from './told-history.ts';

const kinds = {
  'puts and gets': { append: 0, put: 0.5, delete: 0 },
  'appends and gets of the whole list': { append: 0.5, put: 0, delete: 0 },
  'all of them': { append: 0.3, put: 0.2, delete: 0.1 },
};

describe('10,000 operations by 10 clients over 10 keys', () => {
  const size = { operations: 10_000, clients: 10, keys: 10 };

  it.each(Object.entries(kinds))('%s', { timeout: 60_000 }, (_, chances) => {
    const history = longHistory({ ...size, chances, lost: 0.02, seed: 7 });
    expect(checkLinearizable(history, keyValueModel).verdict).toBe('ok');
    const at = history.findLastIndex(({ output }) => output?.type === 'found');
    const lie = { ...history[at]!, output: { type: 'found', value: 'a lie' } as const };
    const report = checkLinearizable(history.with(at, lie), keyValueModel);
    expect(report.verdict).toBe('violation');
    expect(report.counterexample).toContainEqual(lie);
    expect(
      report.counterexample.filter(({ returnedAt }) => returnedAt !== null).length,
    ).toBeLessThan(50);
  });

  it('every tenth write without an answer, and no revision or length told', {
    timeout: 60_000,
  }, () => {
    const chances = kinds['all of them'];
    const history = longHistory({ ...size, chances, lost: 0.1, seed: 7, tellsLittle: true });
    expect(checkLinearizable(history, keyValueModel).verdict).toBe('ok');
  });
});

describe('a budget', () => {
  it('that is too small gives no verdict, and says so', () => {
    const report = checkLinearizable(told('put 1; put 2; get 1'), keyValueModel, { stepsMax: 1 });
    expect(report).toMatchObject({
      verdict: 'not finished',
      key: null,
      counterexample: [],
      visited: 1,
    });
    expect(report.text).toContain('no proof');
  });

  it('is for all keys together', () => {
    const history = [...told('put 1; get 1', 'x'), ...told('put 1; get 1', 'y')];
    const { visited } = checkLinearizable(history, keyValueModel);
    const short = { stepsMax: visited - 1 };
    expect(checkLinearizable(history, keyValueModel, { stepsMax: visited }).verdict).toBe('ok');
    expect(checkLinearizable(history, keyValueModel, short).verdict).toBe('not finished');
  });
});

/** A history that the checker has not decided breaks no promise, and keeps none: it is counted. */
import { expect, test } from 'vitest';
import { keyValueModel } from '../../src/kv/index.ts';
import { Counter } from '../../src/simulation/search/counter.ts';
import { requireLinearizable } from '../../src/simulation/search/guarantees.ts';
import { told } from './told-history.ts';

const history = told('put 1; put 2; get 1');

test('one that there was no time for is undecided', () => {
  const counter = new Counter();
  requireLinearizable(history, keyValueModel, counter, 1);
  expect(counter.counts.undecided).toBe(1);
});

test('one that nothing explains is a broken promise', () => {
  const counter = new Counter();
  expect(() => requireLinearizable(history, keyValueModel, counter)).toThrow('get');
  expect(counter.counts.undecided).toBeUndefined();
});

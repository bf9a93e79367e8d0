/** Every step of the request machine is walked, and what must be true of each (§8; thesis §6.3). */
import { expect, test } from 'vitest';
import { requestMachine } from '../../machines/request.ts';
import type { RequestState } from '../../machines/rules/request.ts';
import { withoutTransition, withTransition } from './changed.ts';
import { checkRequest } from './check-request.ts';
import { requestInput, requestPaths } from './request-walk.ts';
import { Coverage, transitionsOf } from './transitions.ts';
import { walk } from './walk.ts';

const coverage = new Coverage('request', requestMachine);

test('the running request is its model, step by step', () => {
  walk<RequestState>({
    machine: requestMachine,
    input: requestInput,
    paths: requestPaths(),
    check: checkRequest,
    coverage,
  });
});

test('every transition of a request is taken by some path', () => {
  expect(coverage.untaken, coverage.report()).toEqual([]);
});

test('one transition more, and no path takes it', () => {
  const changed = withTransition(requestMachine, 'never.heard') as typeof requestMachine;
  const seen = new Coverage('request', changed);
  walk<RequestState>({
    machine: changed,
    running: changed,
    input: requestInput,
    paths: requestPaths(changed),
    coverage: seen,
  });
  expect(seen.untaken).toEqual(['request · never.heard']);
});

test.each(transitionsOf(requestMachine))('without %s the path that takes it shows it', (name) => {
  const walking = () =>
    walk<RequestState>({
      machine: requestMachine,
      running: withoutTransition(requestMachine, name),
      input: requestInput,
      paths: [coverage.firstPaths.get(name)?.events ?? []],
    });
  expect(walking).toThrow(/is not the model’s|jumps over a deadline/);
});

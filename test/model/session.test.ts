/** Every step of the session machine is walked, and what must be true of each (§8; thesis §6.3). */
import { expect, test } from 'vitest';
import { sessionMachine } from '#machines/session';
import type { ClientState } from '#rules/client';
import { sessionInput, sessionPaths } from './session-walk.ts';
import { Coverage } from './transitions.ts';
import { walk } from './walk.ts';

const coverage = new Coverage('session', sessionMachine);

test('the running session is its model, step by step', () => {
  walk<ClientState>({
    machine: sessionMachine,
    input: sessionInput,
    paths: sessionPaths(),
    coverage,
  });
});

test('every transition of a session is taken by some path', () => {
  expect(coverage.untaken, coverage.report()).toEqual([]);
});

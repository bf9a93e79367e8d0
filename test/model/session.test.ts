/** Every step of the session machine is walked, and what must be true of each (§8; thesis §6.3). */
import { expect, test } from 'vitest';
import type { ClientState } from '../../machines/rules/client.ts';
import { sessionMachine } from '../../machines/session.ts';
import { withoutTransition, withTransition } from './changed.ts';
import { checkSession } from './check-session.ts';
import { sessionInput, sessionPaths } from './session-walk.ts';
import { Coverage, transitionsOf } from './transitions.ts';
import { walk } from './walk.ts';

const coverage = new Coverage('session', sessionMachine);

test('the running session is its model, step by step', () => {
  walk<ClientState>({
    machine: sessionMachine,
    input: sessionInput,
    paths: sessionPaths(),
    check: checkSession,
    coverage,
  });
});

test('every transition of a session is taken by some path', () => {
  expect(coverage.untaken, coverage.report()).toEqual([]);
});

test('one transition more, and no path takes it', () => {
  const changed = withTransition(sessionMachine, 'never.heard') as typeof sessionMachine;
  const seen = new Coverage('session', changed);
  walk<ClientState>({
    machine: changed,
    running: changed,
    input: sessionInput,
    paths: sessionPaths(changed),
    coverage: seen,
  });
  expect(seen.untaken).toEqual(['session · never.heard']);
});

test.each(transitionsOf(sessionMachine))('without %s the path that takes it shows it', (name) => {
  const walking = () =>
    walk<ClientState>({
      machine: sessionMachine,
      running: withoutTransition(sessionMachine, name),
      input: sessionInput,
      paths: [coverage.firstPaths.get(name)?.events ?? []],
    });
  expect(walking).toThrow(/is not the model’s|jumps over a deadline/);
});

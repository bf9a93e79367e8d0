/** Every step of the server machine is walked: the model beside a running actor (Figure 2). */
import { describe, expect, test } from 'vitest';
import type { ServerState } from '../../machines/rules/state.ts';
import { type ServerMachine, serverMachine } from '../../machines/server.ts';
import { withoutTransition, withTransition } from './changed.ts';
import { checkServer } from './check-server.ts';
import { hardState, SERVER_WALKS, serverPaths } from './server-walks.ts';
import { Coverage, transitionsOf } from './transitions.ts';
import { walk } from './walk.ts';

const coverage = new Coverage('server', serverMachine);

const children = ['replication'];

describe('the running server is its model, step by step', () => {
  test.each(Object.entries(SERVER_WALKS))('on the paths %s', (_, { theme, input }) => {
    walk<ServerState>({
      machine: serverMachine,
      input,
      paths: serverPaths({ theme, input }),
      hardState,
      children,
      check: checkServer,
      coverage,
    });
  });
});

test('every transition of the server is taken by some path', () => {
  expect(coverage.untaken, coverage.report()).toEqual([]);
});

test('one transition more, and no path takes it', () => {
  const changed = withTransition(serverMachine, 'never.heard') as ServerMachine;
  const seen = new Coverage('server', changed);
  const { theme, input } = SERVER_WALKS['of a server without a vote'] ?? expect.fail();
  const found = serverPaths({ theme, input }, changed);
  walk<ServerState>({ machine: changed, input, paths: found, hardState, children, coverage: seen });
  expect(seen.untaken.filter((name) => !coverage.firstPaths.has(name))).toEqual([
    'server · never.heard',
  ]);
});

test.each(transitionsOf(serverMachine))('without %s the path that takes it shows it', (name) => {
  const first = coverage.firstPaths.get(name);
  const running = withoutTransition(serverMachine, name);
  const paths = [first?.events ?? []];
  const input = first?.input;
  expect(() =>
    walk<ServerState>({ machine: serverMachine, running, input, paths, hardState, children }),
  ).toThrow(/is not the model’s|jumps over a deadline/);
});

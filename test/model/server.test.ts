/** Every step of the server machine is walked: the model beside a running actor (Figure 2). */
import { describe, expect, test } from 'vitest';
import { serverMachine } from '#machines/server';
import type { ServerState } from '#rules/state';
import { checkServer } from './check-server.ts';
import { hardState, SERVER_WALKS, serverPaths } from './server-walks.ts';
import { Coverage } from './transitions.ts';
import { walk } from './walk.ts';

const coverage = new Coverage('server', serverMachine);

describe('the running server is its model, step by step', () => {
  test.each(Object.entries(SERVER_WALKS))('on the paths %s', (_, { theme, input }) => {
    walk<ServerState>({
      machine: serverMachine,
      input,
      paths: serverPaths({ theme, input }),
      hardState,
      children: ['replication'],
      check: checkServer,
      coverage,
    });
  });
});

test('every transition of the server is taken by some path', () => {
  expect(coverage.untaken, coverage.report()).toEqual([]);
});

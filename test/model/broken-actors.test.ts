/** The rules for replication actors and sessions notice broken ones, model and actor broken alike. */
import { expect, test } from 'vitest';
import { assign } from 'xstate';
import { replicationMachine } from '../../machines/replication.ts';
import type { ClientState } from '../../machines/rules/client.ts';
import type { Progress } from '../../machines/rules/progress.ts';
import { sessionMachine } from '../../machines/session.ts';
import { checkReplication } from './check-replication.ts';
import { checkSession } from './check-session.ts';
import { modelOf, replicationInput, replicationPaths } from './replication-walk.ts';
import { sessionInput, sessionPaths } from './session-walk.ts';
import { walk } from './walk.ts';

type Changes = readonly (readonly [rule: string, change: object])[];

const actors: Changes = [
  ['matchIndex < nextIndex', { actions: { decreaseNextIndex: assign({ nextIndex: 0 }) } }],
  ['where there is room', { guards: { canSend: () => true } }],
  [
    'what is known to match never falls',
    { actions: { recordAccepted: assign({ matchIndex: -1 }) } },
  ],
  ['holds nothing acknowledged', { actions: { recordSent: assign({ bytesInFlight: 7 }) } }],
  ['and of its snapshot', { actions: { recordOffer: () => {} } }],
];

test.each(actors)('a replication actor: %s', (rule, change) => {
  const running = replicationMachine.provide(change as never);
  const machine = modelOf(running);
  const paths = replicationPaths();
  const check = checkReplication;
  expect(() => walk<Progress>({ machine, running, input: replicationInput, paths, check })).toThrow(
    rule,
  );
});

const sessions: Changes = [
  ['never repeated in doubt', { guards: { mayRepeat: () => true } }],
  ['not called refused', { actions: { noteDoubt: assign({ isAwaited: false }) } }],
  ['a request is settled, or asked for', { actions: { settle: () => {} } }],
];

test.each(sessions)('a session: %s', (rule, change) => {
  const machine = sessionMachine.provide(change as never);
  const paths = sessionPaths();
  expect(() =>
    walk<ClientState>({ machine, input: sessionInput, paths, check: checkSession }),
  ).toThrow(rule);
});

/** The rules for replication actors and requests notice broken ones, model and actor broken alike. */
import { expect, test } from 'vitest';
import { assign } from 'xstate';
import { replicationMachine } from '../../machines/replication.ts';
import { requestMachine } from '../../machines/request.ts';
import type { Progress } from '../../machines/rules/progress.ts';
import type { RequestState } from '../../machines/rules/request.ts';
import { checkReplication } from './check-replication.ts';
import { checkRequest } from './check-request.ts';
import { modelOf, replicationInput, replicationPaths } from './replication-walk.ts';
import { requestInput, requestPaths } from './request-walk.ts';
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

const requests: Changes = [
  ['never repeated in doubt', { guards: { mayRepeat: () => true } }],
  ['not called refused', { actions: { recordUnknown: assign({ isAwaited: false }) } }],
  ['a request is settled, or asked for', { actions: { settle: () => {} } }],
];

test.each(requests)('a request: %s', (rule, change) => {
  const machine = requestMachine.provide(change as never);
  const paths = requestPaths();
  expect(() =>
    walk<RequestState>({ machine, input: requestInput, paths, check: checkRequest }),
  ).toThrow(rule);
});

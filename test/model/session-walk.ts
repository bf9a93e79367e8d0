/** The walk through the session machine (§8; thesis §6.3). */
import type { EventObject } from 'xstate';
import * as client from '../../machines/rules/client.ts';
import { type SessionEvent, sessionMachine } from '../../machines/session.ts';
import { paths } from '../../src/testing/paths.ts';

type Snapshot = ReturnType<(typeof sessionMachine)['getInitialSnapshot']>;

export const sessionInput = { endpoints: ['a', 'b'] };

/** A request of each kind that repeats differently, and every answer to the copy under way. */
function alphabet({ context }: Snapshot): readonly SessionEvent[] {
  const { attempt } = context;
  const isAsking = context.request !== null && context.verdict === null;
  const ofKind = (kind: client.RequestKind, leader: string | null): SessionEvent => ({
    type: 'request.submitted',
    request: { kind, timeoutMs: 5_000, attemptTimeoutMs: 500 },
    leader,
  });
  const answer = (status: number, leader: string | null = null, late = 0): SessionEvent => ({
    type: 'answer.received',
    attempt: attempt - late,
    status,
    code: null,
    leader,
  });
  const submissions = [
    ofKind('command', null),
    ofKind('sequencedCommand', 'b'),
    ofKind('read', null),
  ];
  return [
    { type: 'request.cancelled' },
    answer(200),
    answer(307, 'b'),
    answer(307),
    answer(429),
    answer(503),
    answer(410),
    answer(404),
    answer(504),
    answer(200, null, 1),
    { type: 'connection.refused', attempt },
    { type: 'connection.refused', attempt: attempt - 1 },
    { type: 'connection.lost', attempt },
    { type: 'connection.lost', attempt: attempt - 1 },
    // A second one stops the session, so it is the last thing that happens.
    ...(isAsking ? [ofKind('command', null)] : submissions),
  ];
}

/** Where it stands, and the answers of its rules to what they are asked. */
function keyOf({ value, context }: Snapshot): string {
  return JSON.stringify([
    value,
    context.request?.kind,
    client.knowsLeader(context),
    client.hasUntriedEndpoint(context),
    client.mayFollow(context),
    context.redirects,
    context.isInDoubt,
    context.isAwaited,
    context.verdict?.outcome,
  ]);
}

export function sessionPaths(
  machine: typeof sessionMachine = sessionMachine,
): readonly (readonly EventObject[])[] {
  return paths({
    machine,
    input: sessionInput,
    events: alphabet,
    stateKey: keyOf,
    cover: 'steps',
  }).map(({ steps }) => steps.slice(1).map(({ event }) => event));
}

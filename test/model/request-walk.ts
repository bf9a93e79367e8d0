/** The walk through the request machine (§8; thesis §6.3). */
import type { EventObject } from 'xstate';
import { type RequestEvent, requestMachine } from '../../machines/request.ts';
import * as client from '../../machines/rules/request.ts';
import { paths } from '../../src/testing/paths.ts';

type Snapshot = ReturnType<(typeof requestMachine)['getInitialSnapshot']>;

export const requestInput = { endpoints: ['a', 'b'] };

/** A request of each kind that repeats differently, and every end of the attempt under way. */
function alphabet({ context }: Snapshot): readonly RequestEvent[] {
  const isAsking = context.request !== null && context.result === null;
  const ofKind = (kind: client.RequestKind, leader: string | null): RequestEvent => ({
    type: 'request.submitted',
    request: { kind, timeoutMs: 5_000, attemptTimeoutMs: 500 },
    leader,
  });
  const ends = (result: client.AttemptResult, late = 0): RequestEvent => ({
    type: 'attempt.ended',
    attempt: context.attempt - late,
    result,
  });
  const submissions = [
    ofKind('command', null),
    ofKind('sequencedCommand', 'b'),
    ofKind('read', null),
  ];
  return [
    { type: 'request.cancelled' },
    ends({ type: 'answered' }),
    ends({ type: 'elsewhere', leader: 'b' }),
    ends({ type: 'unavailable', reason: 'overloaded' }),
    ends({ type: 'unavailable', reason: 'unreachable' }),
    ends({ type: 'untrusted' }),
    ends({ type: 'refused' }),
    ends({ type: 'unknown', reason: 'outcome-unknown' }),
    ends({ type: 'unknown', reason: 'connection-lost' }),
    ends({ type: 'answered' }, 1),
    ends({ type: 'unknown', reason: 'connection-lost' }, 1),
    // A second one stops the actor, so it is the last thing that happens.
    ...(isAsking ? [ofKind('command', null)] : submissions),
  ];
}

/** Where it stands, and the answers of its rules to what they are asked. */
function keyOf({ value, context }: Snapshot): string {
  return JSON.stringify([
    value,
    context.request?.kind,
    context.leader !== null,
    client.hasUntriedEndpoint(context),
    new Set(context.untrusted).size,
    context.redirects,
    context.mayHaveBeenApplied,
    context.isAwaited,
    context.result?.outcome,
  ]);
}

export function requestPaths(
  machine: typeof requestMachine = requestMachine,
): readonly (readonly EventObject[])[] {
  return paths({
    machine,
    input: requestInput,
    events: alphabet,
    stateKey: keyOf,
    cover: 'steps',
  }).map(({ steps }) => steps.slice(1).map(({ event }) => event));
}

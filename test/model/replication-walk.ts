/**
 * The walk through the replication machine (§5.3, §7). In the model it emits what it asks for, since
 * there is no parent to send it to; the machine that runs is the real one, below a leader that only
 * listens. Both say it to the outside.
 */
import { type EventObject, emit } from 'xstate';
import { replicationMachine } from '../../machines/replication.ts';
import * as progress from '../../machines/rules/progress.ts';
import type {
  ReplicationEvent,
  ReplicationInput,
} from '../../machines/rules/replication-events.ts';
import { paths } from '../../src/testing/paths.ts';

type Snapshot = ReturnType<(typeof replicationMachine)['getInitialSnapshot']>;
type Asks = (state: progress.Progress) => EventObject;

const asking = (asks: Asks) => emit(({ context }: { context: progress.Progress }) => asks(context));

export function modelOf(machine: typeof replicationMachine): typeof replicationMachine {
  const actions = {
    askForEntries: asking(progress.entriesWanted),
    askForHeartbeat: asking(progress.heartbeatWanted),
    askForChunk: asking(progress.chunkWanted),
  };
  return machine.provide({ actions: actions as never });
}

export const replicationInput: ReplicationInput = {
  follower: 'b',
  nextIndex: 3,
  lastLogIndex: 3,
  messagesInFlightMax: 2,
  bytesInFlightMax: 100,
  heartbeatIntervalMs: 50,
  chunkTimeoutMs: 300,
};

/** What its leader may tell it in a state; numbers before and from where it stands. */
function alphabet({ context }: Snapshot): readonly ReplicationEvent[] {
  const { nextIndex, matchIndex, lastLogIndex, since } = context;
  const number = since ?? 5;
  const stale = number - 1;
  const refusal = { type: 'append.refused', nextIndex: 1, agrees: false } as const;
  const offset = (context.transfer?.offset ?? 0) + 500;
  return [
    { type: 'log.extended', lastLogIndex: lastLogIndex + 1 },
    { type: 'append.sent', messages: [{ requestId: number, through: nextIndex, bytes: 50 }] },
    { type: 'append.sent', messages: [] },
    { type: 'append.accepted', requestId: number, matchIndex: nextIndex - 1 },
    { type: 'append.accepted', requestId: stale, matchIndex },
    {
      type: 'append.refused',
      requestId: number,
      prevLogIndex: nextIndex - 1,
      nextIndex: nextIndex - 1,
      agrees: false,
    },
    {
      type: 'append.refused',
      requestId: number,
      prevLogIndex: nextIndex - 1,
      nextIndex: nextIndex - 1,
      agrees: true,
    },
    { ...refusal, requestId: stale, prevLogIndex: nextIndex - 1 },
    { ...refusal, requestId: number, prevLogIndex: matchIndex },
    { type: 'acknowledgements.lost' },
    { type: 'acknowledgements.regained' },
    { type: 'heartbeat.sent', requestId: number },
    { type: 'round.begun' },
    { type: 'snapshot.offered', snapshot: { id: 's', index: 2, term: 1, sizeBytes: 1_000 } },
    { type: 'snapshot.offered', snapshot: { id: 't', index: 3, term: 1, sizeBytes: 1_000 } },
    { type: 'chunk.sent', requestId: number },
    { type: 'chunk.accepted', requestId: number, nextOffset: offset, isDone: false },
    { type: 'chunk.accepted', requestId: number, nextOffset: offset, isDone: true },
    { type: 'chunk.accepted', requestId: stale, nextOffset: 500, isDone: true },
  ];
}

/** Where it stands, and the answers of its rules to what they are asked. */
function keyOf({ value, context }: Snapshot): string {
  const { nextIndex, matchIndex, lastLogIndex, window, since, transfer } = context;
  return JSON.stringify([
    value,
    progress.canSend(context),
    nextIndex > lastLogIndex,
    matchIndex > 0,
    nextIndex > matchIndex + 1,
    window.length,
    since !== null,
    transfer && [transfer.snapshot.id, transfer.offset > 0],
  ]);
}

export function replicationPaths(
  machine: typeof replicationMachine = replicationMachine,
): readonly (readonly EventObject[])[] {
  return paths({
    machine: modelOf(machine),
    input: replicationInput,
    events: alphabet,
    stateKey: keyOf,
    cover: 'steps',
    limit: 20_000,
  }).map(({ steps }) => steps.slice(1).map(({ event }) => event));
}

/** Replication to one follower (Figure 2, Leaders; §5.3, §7): the actor alone, as its leader sees it. */
import { describe, expect, test } from 'vitest';
import { createActor, createMachine, type SnapshotFrom } from 'xstate';
import { replicationMachine } from '../../machines/replication.ts';
import type {
  ReplicationEvent,
  ReplicationInput,
  ReplicationRequest,
} from '../../machines/rules/replication-events.ts';
import { VirtualClock } from '../../src/simulation/virtual-clock.ts';

const input: ReplicationInput = {
  follower: 'b',
  nextIndex: 4,
  lastLogIndex: 4,
  messagesInFlightMax: 2,
  bytesInFlightMax: 100,
  heartbeatIntervalMs: 50,
  chunkTimeoutMs: 300,
};
const snapshot = { id: 's', index: 3, term: 1, sizeBytes: 1000 };

/** The actor below a leader that only remembers what it was asked. */
function replicating(some: Partial<ReplicationInput> = {}) {
  const clock = new VirtualClock();
  const asked: ReplicationRequest[] = [];
  const leader = createMachine({
    types: {} as { events: ReplicationRequest },
    invoke: { id: 'b', src: replicationMachine, input: { ...input, ...some } },
    on: { '*': { actions: ({ event }) => asked.push(event) } },
  });
  const actor = createActor(leader, { clock }).start();
  const child = actor.getSnapshot().children.b;
  if (child === undefined) throw new Error('the actor did not start');
  const snapshotNow = () => child.getSnapshot() as SnapshotFrom<typeof replicationMachine>;
  return {
    /** Tells it something; what it asks for then. */
    tell(...events: ReplicationEvent[]): ReplicationRequest[] {
      asked.length = 0;
      for (const event of events) child.send(event);
      return [...asked];
    },
    wait(ms: number): ReplicationRequest[] {
      asked.length = 0;
      const until = clock.now() + ms;
      while (clock.fireNext(until));
      clock.advanceTo(until);
      return [...asked];
    },
    first: () => [...asked],
    get mode(): string {
      const { progress } = snapshotNow().value as { progress: string | Record<string, string> };
      return typeof progress === 'string' ? progress : (Object.keys(progress)[0] ?? '');
    },
    get progress() {
      return snapshotNow().context;
    },
  };
}

const heartbeatSent = (number: number) => ({ type: 'heartbeat.sent', requestId: number }) as const;
const accepted = (number: number, matchIndex: number) =>
  ({ type: 'append.accepted', requestId: number, matchIndex }) as const;
const refused = (number: number, prevLogIndex: number, nextIndex: number) =>
  ({ type: 'append.refused', requestId: number, prevLogIndex, nextIndex, agrees: false }) as const;
/** By a follower whose log is ours as far as it goes: it says where the logs agree. */
const gap = (number: number, prevLogIndex: number, nextIndex: number) =>
  ({ ...refused(number, prevLogIndex, nextIndex), agrees: true }) as const;
const sent = (...messages: [number: number, through: number, bytes?: number][]) =>
  ({
    type: 'append.sent',
    messages: messages.map(([number, through, bytes = 10]) => ({
      requestId: number,
      through,
      bytes,
    })),
  }) as const;

/** In `replicate`, matched through 3, one entry behind it. */
function fed(some: Partial<ReplicationInput> = {}) {
  const actor = replicating(some);
  actor.tell(heartbeatSent(1), accepted(1, 3));
  return actor;
}

describe('probe: where do the logs agree?', () => {
  test('asks at once, at what was the last entry of its leader, and sends no entries', () => {
    const actor = replicating();
    expect(actor.mode).toBe('probe');
    expect(actor.first()).toEqual([{ type: 'heartbeat.wanted', follower: 'b', previous: 3 }]);
  });

  test('asks the same again with every heartbeat until it is answered', () => {
    const actor = replicating();
    expect(actor.wait(100).map((request) => request.type)).toEqual([
      'heartbeat.wanted',
      'heartbeat.wanted',
    ]);
    expect(actor.mode).toBe('probe');
  });

  test('goes back where its leader says, and asks there at once', () => {
    const actor = replicating();
    expect(actor.tell(heartbeatSent(5), refused(5, 3, 2))).toEqual([
      { type: 'heartbeat.wanted', follower: 'b', previous: 1 },
    ]);
    expect(actor.tell(heartbeatSent(6), accepted(6, 1))).toMatchObject([
      { type: 'append.wanted', from: 2 },
    ]);
    expect(actor.mode).toBe('replicate');
  });

  test('a refusal that says where the logs agree is answer enough (§5.3)', () => {
    const actor = replicating();
    expect(actor.tell(heartbeatSent(5), gap(5, 3, 2))).toMatchObject([
      { type: 'append.wanted', from: 2 },
    ]);
    expect(actor.mode).toBe('replicate');
  });

  test('one to an earlier question is none', () => {
    const actor = replicating();
    expect(actor.tell(heartbeatSent(5), gap(4, 3, 2))).toEqual([]);
    expect(actor.mode).toBe('probe');
  });

  test('only the answer to the outstanding question counts (Truxify #8669)', () => {
    const actor = replicating();
    actor.tell(heartbeatSent(5), refused(5, 3, 3), heartbeatSent(6));
    expect(actor.tell(refused(5, 3, 1), refused(5, 3, 1))).toEqual([]);
    expect(actor.progress.nextIndex).toBe(3);
    actor.tell(accepted(4, 0));
    expect(actor.mode).toBe('probe');
  });
});

describe('replicate: ahead of the answers, as far as the window allows', () => {
  test('asks for the next entries with the room that is left, until nothing is to send', () => {
    const actor = fed({ lastLogIndex: 9 });
    expect(actor.tell(sent([2, 6]))).toEqual([
      { type: 'append.wanted', follower: 'b', from: 7, messagesMax: 1, bytesMax: 90 },
    ]);
    expect(actor.tell(sent([3, 8]))).toEqual([]);
  });

  test('an answer makes room', () => {
    const actor = fed({ lastLogIndex: 9 });
    actor.tell(sent([2, 6], [3, 8]));
    expect(actor.tell(accepted(2, 6))).toMatchObject([{ from: 9, messagesMax: 1, bytesMax: 90 }]);
  });

  test('what does not fit into the bytes that are left waits for an answer', () => {
    const actor = fed({ lastLogIndex: 9 });
    actor.tell(sent([2, 6, 80]));
    expect(actor.tell(sent())).toEqual([]);
    expect(actor.tell({ type: 'log.extended', lastLogIndex: 10 })).toEqual([]);
    expect(actor.tell(accepted(2, 6))).toMatchObject([{ from: 7, bytesMax: 100 }]);
  });

  test('an extended log is asked for once, however often it was extended before the answer', () => {
    const actor = fed();
    actor.tell(sent([2, 4]));
    expect(actor.tell({ type: 'log.extended', lastLogIndex: 5 })).toHaveLength(1);
    expect(actor.tell({ type: 'log.extended', lastLogIndex: 6 })).toEqual([]);
  });

  test('heartbeats go behind what was sent, so that a loss is noticed', () => {
    const actor = fed();
    actor.tell(sent([2, 4]));
    expect(actor.wait(50)).toEqual([{ type: 'heartbeat.wanted', follower: 'b', previous: 4 }]);
  });

  test('a refusal that counts goes back to probe, with nothing in flight', () => {
    const actor = fed();
    actor.tell(sent([2, 4]), heartbeatSent(3));
    expect(actor.tell(refused(3, 4, 4))).toEqual([
      { type: 'heartbeat.wanted', follower: 'b', previous: 3 },
    ]);
    expect(actor).toMatchObject({
      mode: 'probe',
      progress: { nextIndex: 4, window: [], bytesInFlight: 0 },
    });
  });

  test('what was lost or overtaken is sent again at once, and only once', () => {
    const actor = fed({ lastLogIndex: 5 });
    actor.tell(sent([2, 4]), sent([3, 5]));
    expect(actor.tell(gap(3, 4, 4))).toMatchObject([{ type: 'append.wanted', from: 4 }]);
    expect(actor.mode).toBe('replicate');
    actor.tell(sent([4, 5]));
    expect(actor.tell(gap(3, 4, 4))).toEqual([]);
  });

  test('behind a gap, requests begin at what is not acknowledged: their order does not matter', () => {
    const actor = fed({ lastLogIndex: 5 });
    actor.tell(sent([2, 4]), sent([3, 5]), gap(3, 4, 4), sent([4, 5]));
    expect(actor.tell({ type: 'log.extended', lastLogIndex: 6 })).toMatchObject([{ from: 4 }]);
  });

  test('a refused heartbeat shows a loss, also of what was matched but never on disk (§5.3)', () => {
    const actor = replicating({ lastLogIndex: 3 });
    actor.tell(heartbeatSent(1), accepted(1, 2));
    expect(actor.mode).toBe('replicate');
    expect(actor.tell(heartbeatSent(2), refused(2, 3, 3))).toEqual([
      { type: 'heartbeat.wanted', follower: 'b', previous: 2 },
    ]);
    expect(actor.mode).toBe('probe');
  });

  test.each([
    ['from before this stint', refused(1, 4, 2)],
    ['from before this stint, though only a gap', gap(1, 4, 2)],
    ['at or below what matches (RATIS-1909)', refused(9, 3, 1)],
  ])('a refusal %s is ignored', (_, word) => {
    const actor = fed();
    actor.tell(sent([2, 4]));
    expect(actor.tell(word)).toEqual([]);
    expect(actor).toMatchObject({ mode: 'replicate', progress: { nextIndex: 5 } });
  });

  test('a late acceptance lowers nothing (raft-java #53)', () => {
    const actor = fed();
    actor.tell(sent([2, 4]), accepted(2, 4), accepted(1, 1));
    expect(actor.progress).toMatchObject({ matchIndex: 4, nextIndex: 5 });
  });
});

describe('snapshot: what it lacks is compacted', () => {
  const offered = () => {
    const actor = fed();
    return { actor, first: actor.tell({ type: 'snapshot.offered', snapshot }) };
  };
  const chunkSent = (number: number) => ({ type: 'chunk.sent', requestId: number }) as const;
  const chunk = (number: number, nextOffset: number, isDone = false) =>
    ({ type: 'chunk.accepted', requestId: number, nextOffset, isDone }) as const;

  test('chunk after chunk, as far as the follower says, then entries again', () => {
    const { actor, first } = offered();
    expect(first).toMatchObject([{ type: 'chunk.wanted', snapshotId: 's', offset: 0 }]);
    expect(actor.tell(chunkSent(5), chunk(5, 400))).toMatchObject([
      { type: 'chunk.wanted', offset: 400 },
    ]);
    expect(actor.tell(chunkSent(6), chunk(6, 1000, true))).toMatchObject([
      { type: 'append.wanted', from: 4 },
    ]);
    expect(actor).toMatchObject({ mode: 'replicate', progress: { matchIndex: 3, transfer: null } });
  });

  test('an unanswered chunk is asked for again, and an answer to either copy counts', () => {
    const { actor } = offered();
    actor.tell(chunkSent(5));
    const chunks = (requests: ReplicationRequest[]) =>
      requests.filter(({ type }) => type === 'chunk.wanted');
    expect(chunks(actor.wait(300))).toMatchObject([{ offset: 0 }]);
    expect(chunks(actor.wait(300))).toMatchObject([{ offset: 0 }]);
    actor.tell(chunkSent(20));
    expect(actor.tell(chunk(5, 400))).toMatchObject([{ offset: 400 }]);
  });

  test('a late answer to an earlier chunk moves nothing', () => {
    const { actor } = offered();
    actor.tell(chunkSent(5), chunk(5, 400), chunkSent(6));
    expect(actor.tell(chunk(5, 400))).toEqual([]);
  });

  test('heartbeats show it nothing to match, so that they are never refused', () => {
    expect(offered().actor.wait(50)).toEqual([
      { type: 'heartbeat.wanted', follower: 'b', previous: 0 },
    ]);
  });

  test('another snapshot begins at its first byte', () => {
    const { actor } = offered();
    actor.tell(chunkSent(5), chunk(5, 400));
    const other = { type: 'snapshot.offered', snapshot: { ...snapshot, id: 't' } } as const;
    expect(actor.tell(other)).toMatchObject([{ snapshotId: 't', offset: 0 }]);
  });
});

test('halted: one that has lost entries is kept quiet, asked nothing and offered nothing', () => {
  const actor = fed();
  expect(
    actor.tell({ type: 'acknowledgements.lost' }, { type: 'snapshot.offered', snapshot }),
  ).toEqual([]);
  expect(
    actor.tell({ type: 'log.extended', lastLogIndex: 9 }, accepted(9, 4), refused(9, 9, 1)),
  ).toEqual([]);
  expect(actor.mode).toBe('halted');
  expect(actor.wait(50)).toMatchObject([{ type: 'heartbeat.wanted' }]);
});

test('halted: late acceptances show how far heartbeats must ask, so that a return is noticed', () => {
  const actor = fed();
  actor.tell({ type: 'acknowledgements.lost' }, accepted(9, 4));
  expect(actor.wait(50)).toEqual([{ type: 'heartbeat.wanted', follower: 'b', previous: 4 }]);
  expect(actor.mode).toBe('halted');
});

test('halted: one that has its entries again is probed at once, and fed', () => {
  const actor = fed();
  actor.tell({ type: 'acknowledgements.lost' });
  const asked = actor.tell({ type: 'acknowledgements.regained' });
  expect(asked).toMatchObject([{ type: 'heartbeat.wanted' }]);
  expect(actor.mode).toBe('probe');
  actor.tell({ type: 'heartbeat.sent', requestId: 20 }, { type: 'log.extended', lastLogIndex: 9 });
  expect(actor.tell(accepted(20, 4))).toMatchObject([{ type: 'append.wanted' }]);
  expect(actor.mode).toBe('replicate');
});

test('a round of reads is a heartbeat at once, and the next one is a whole interval later', () => {
  const actor = fed();
  actor.wait(40);
  expect(actor.tell({ type: 'round.begun' })).toHaveLength(1);
  expect(actor.wait(40)).toEqual([]);
  expect(actor.wait(10)).toHaveLength(1);
});

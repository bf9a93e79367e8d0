/** Replication, the leader's side (Figure 2, Leaders; §5.3; Figure 13). */
import { describe, expect, test } from 'vitest';
import * as acknowledgements from '../../machines/rules/acknowledgements.ts';
import * as replication from '../../machines/rules/replication.ts';
import { installSnapshotResponse } from './messages.ts';
import { BYTES_OF_ENTRY, followerIn, leaderOf, only, pointerOf, sent } from './states.ts';

const wanted = {
  type: 'append.wanted',
  follower: 'b',
  from: 1,
  messagesMax: 64,
  bytesMax: 1e6,
} as const;
const beat = { type: 'heartbeat.wanted', follower: 'b', previous: 0 } as const;

describe('entries that a replication actor asks for', () => {
  test('are sent at once, without waiting for our own disk (thesis §10.2.1)', () => {
    const decision = replication.sendEntries(
      leaderOf({ log: '1 1 2', requestId: 4, commitIndex: 1 }),
      { ...wanted, from: 2 },
    );
    expect(decision.effects).toMatchObject([
      {
        type: 'send',
        afterWrite: 0,
        message: {
          type: 'AppendEntries',
          to: 'b',
          term: 2,
          requestId: 5,
          prevLogIndex: 1,
          prevLogTerm: 1,
          leaderCommit: 1,
        },
      },
    ]);
    expect(decision.outgoing).toEqual([
      {
        follower: 'b',
        event: {
          type: 'append.sent',
          messages: [{ requestId: 5, through: 3, bytes: 2 * BYTES_OF_ENTRY }],
        },
      },
    ]);
    expect(decision.state.requestId).toBe(5);
  });

  test.each([
    ['at most so many entries a message', { entriesPerAppendMax: 2 }, {}, [2, 4, 5]],
    ['at most so many bytes a message', { bytesPerAppendMax: 2 * BYTES_OF_ENTRY }, {}, [2, 4, 5]],
    ['at most so many messages', { entriesPerAppendMax: 1 }, { messagesMax: 3 }, [1, 2, 3]],
    [
      'at most so many bytes in flight',
      { entriesPerAppendMax: 1 },
      { bytesMax: 2 * BYTES_OF_ENTRY },
      [1, 2],
    ],
    ['only what exists', {}, { from: 4 }, [5]],
    ['nothing behind the end', {}, { from: 9 }, []],
    ['nothing when nothing has room', {}, { bytesMax: BYTES_OF_ENTRY - 1 }, []],
  ])('%s', (_, parameters, some, through) => {
    const decision = replication.sendEntries(leaderOf({ log: '1 1 1 1 1', parameters }), {
      ...wanted,
      ...some,
    });
    expect(decision.outgoing[0]?.event).toMatchObject({
      messages: through.map((index) => ({ through: index })),
    });
    expect(sent(decision)).toHaveLength(through.length);
  });

  test('that are compacted become a snapshot, never a term 0 (etcd-io/raft #31)', () => {
    const decision = replication.sendEntries(leaderOf({ log: '1 1 | 1' }), { ...wanted, from: 2 });
    expect(decision.effects).toEqual([]);
    expect(decision.outgoing).toMatchObject([
      { follower: 'b', event: { type: 'snapshot.offered', snapshot: { id: 'own', index: 2 } } },
    ]);
    expect(followerIn(decision.state, 'b').transfer).toMatchObject({ id: 'own' });
  });

  test('that are compacted while a snapshot is being sent change nothing about which one', () => {
    const transfer = pointerOf(2, 1, 'under-way');
    const leader = leaderOf({ log: '1 1 | 1' }, { b: { transfer } });
    const decision = replication.sendEntries(leader, { ...wanted, from: 2 });
    expect(decision.outgoing).toMatchObject([{ event: { snapshot: { id: 'under-way' } } }]);
  });

  test.each([
    ['a stranger', {}, 'x'],
    ['one that has lost what it had acknowledged', { b: { hasLostEntries: true } }, 'b'],
  ])('are not sent to %s', (_, followers, follower) => {
    const leader = leaderOf({ log: '1' }, followers);
    expect(replication.sendEntries(leader, { ...wanted, follower })).toEqual({
      state: leader,
      effects: [],
      outgoing: [],
    });
  });
});

describe('a heartbeat', () => {
  test.each([
    ['up to where its follower is believed to be', '1 1 2', 2, 2, 1],
    ['never past our own log', '1 1', 9, 2, 1],
    ['from the beginning', '1 1', 0, 0, 0],
    ['from the beginning, also when that is compacted', '1 1 | 1', 0, 0, 0],
    ['at the last entry of our snapshot', '1 2 | 2', 2, 2, 2],
  ])('goes %s', (_, log, previous, prevLogIndex, prevLogTerm) => {
    const decision = replication.sendHeartbeat(leaderOf({ log, requestId: 7 }), {
      ...beat,
      previous,
    });
    expect(only(decision, 'send')).toMatchObject([
      { afterWrite: 0, message: { prevLogIndex, prevLogTerm, entries: [], requestId: 8 } },
    ]);
    expect(decision.outgoing).toEqual([
      { follower: 'b', event: { type: 'heartbeat.sent', requestId: 8 } },
    ]);
  });

  test('inside our snapshot offers that instead', () => {
    const decision = replication.sendHeartbeat(leaderOf({ log: '1 1 1 | 1' }), {
      ...beat,
      previous: 1,
    });
    expect(decision.outgoing).toMatchObject([{ event: { type: 'snapshot.offered' } }]);
  });

  test('to a follower that has lost entries goes on, and never offers it a snapshot', () => {
    const leader = leaderOf({ log: '1 1 1 | 1' }, { b: { hasLostEntries: true } });
    const decision = replication.sendHeartbeat(leader, { ...beat, previous: 1 });
    expect(sent(decision)).toMatchObject([{ prevLogIndex: 0, prevLogTerm: 0, entries: [] }]);
    expect(decision.outgoing).toMatchObject([{ event: { type: 'heartbeat.sent' } }]);
    expect(followerIn(decision.state, 'b').transfer).toBeNull();
  });
});

describe('a chunk (Figure 13)', () => {
  const transfer = pointerOf(2, 1, 'own');
  const leader = leaderOf({ log: '1 1 | 1', requestId: 3 }, { b: { transfer } });
  const chunk = { type: 'chunk.wanted', follower: 'b', snapshotId: 'own', offset: 400 } as const;

  test('is read and sent with a number of its own', () => {
    const decision = replication.sendChunk(leader, chunk);
    expect(decision.effects).toMatchObject([
      { type: 'sendChunk', to: 'b', term: 1, requestId: 4, offset: 400, snapshot: { id: 'own' } },
    ]);
    expect(decision.outgoing).toEqual([
      { follower: 'b', event: { type: 'chunk.sent', requestId: 4 } },
    ]);
    expect(decision.state).toEqual({ ...leader, requestId: 4 });
  });

  test('for one that has lost what it had acknowledged is not sent, nor any snapshot offered', () => {
    const lost = leaderOf({ log: '1 1 | 1' }, { b: { hasLostEntries: true } });
    expect(replication.sendChunk(lost, chunk)).toEqual({ state: lost, effects: [], outgoing: [] });
  });

  test('of another snapshot than the one being sent is answered with that one', () => {
    const decision = replication.sendChunk(leader, { ...chunk, snapshotId: 'gone' });
    expect(decision.outgoing).toMatchObject([
      { event: { type: 'snapshot.offered', snapshot: { id: 'own' } } },
    ]);
  });

  test.each([
    ['outside the file', { offset: 1000 }],
    ['before it', { offset: -1 }],
    ['for a stranger', { follower: 'x' }],
  ])('%s is not sent', (_, some) => {
    expect(replication.sendChunk(leader, { ...chunk, ...some })).toEqual({
      state: leader,
      effects: [],
      outgoing: [],
    });
  });

  test('that completes the snapshot shows what its follower stores', () => {
    const done = installSnapshotResponse({
      snapshotId: 'own',
      nextOffset: 1000,
      isDone: true,
      requestId: 8,
    });
    const { state, outgoing } = acknowledgements.recordInstallSnapshotResponse(leader, done);
    expect(followerIn(state, 'b')).toMatchObject({
      matchIndex: 2,
      transfer: null,
      lastAcknowledgedRequest: 8,
    });
    expect(outgoing).toEqual([
      {
        follower: 'b',
        event: { type: 'chunk.accepted', requestId: 8, nextOffset: 1000, isDone: true },
      },
    ]);
  });

  test('of a transfer that is over still shows that its follower lives', () => {
    const late = installSnapshotResponse({ snapshotId: 'older', isDone: true, requestId: 8 });
    const { state, outgoing } = acknowledgements.recordInstallSnapshotResponse(leader, late);
    expect(followerIn(state, 'b')).toMatchObject({
      matchIndex: 0,
      transfer,
      lastAcknowledgedRequest: 8,
    });
    expect(outgoing).toEqual([]);
  });
});

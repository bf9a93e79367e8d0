/** Snapshots that arrive in chunks (Figure 13, InstallSnapshot RPC; §7). */
import { describe, expect, test } from 'vitest';
import * as install from '../../machines/rules/install-snapshot.ts';
import type { ServerState } from '../../machines/rules/state.ts';
import { recordWrites } from '../../machines/rules/writes.ts';
import { installSnapshot } from './messages.ts';
import { only, pointerOf, sent, serverOf, termsIn } from './states.ts';

const identity = { id: 's', index: 5, term: 1, sizeBytes: 1000 };
const pointer = pointerOf(5, 1, 's');

/** A follower that has stored the first 600 bytes and is storing the rest. */
const finishing = (given: Parameters<typeof serverOf>[0] = {}): ServerState =>
  serverOf({
    currentTerm: 1,
    ...given,
    incoming: { snapshot: identity, from: 'b', term: 1, nextOffset: 600, storing: 9 },
  });
const stored = { snapshotId: 's', requestId: 9, nextOffset: 1000, snapshot: pointer };

describe('whether there is anything to install', () => {
  test.each([
    ['a snapshot above our commit index', 4, false],
    ['a snapshot at our commit index', 5, true],
    ['a snapshot below it, late (etcd #1763)', 30, true],
  ])('%s', (_, committed, superseded) => {
    const log = Array.from({ length: committed }, () => '1').join(' ');
    const follower = serverOf({ log, commitIndex: committed });
    expect(install.isSuperseded(follower, installSnapshot({ snapshot: identity }))).toBe(
      superseded,
    );
  });

  test('a superseded one rolls nothing back and is answered as installed, behind our writes', () => {
    const follower = serverOf({ log: '1 1 1 1 1 1', commitIndex: 6, lastApplied: 6 });
    const decision = install.answerSuperseded(follower, installSnapshot());
    expect(decision.state).toEqual({ ...follower, termLeader: 'b', heardLeader: 'b' });
    expect(decision.effects).toMatchObject([
      {
        type: 'send',
        afterWrite: follower.writes.decided,
        message: { isDone: true, snapshotId: 's', nextOffset: 1000, requestId: 7 },
      },
    ]);
  });

  test('what had arrived of it meanwhile is discarded', () => {
    const follower = finishing({ log: '1 1 1 1 1', commitIndex: 5 });
    const decision = install.answerSuperseded(follower, installSnapshot());
    expect(decision.state.incoming).toBeNull();
    expect(decision.effects.map(({ type }) => type)).toEqual(['discardSnapshot', 'send']);
  });
});

const waiting = (nextOffset: number) =>
  serverOf({
    currentTerm: 1,
    incoming: { snapshot: identity, from: 'b', term: 1, nextOffset, storing: null },
  });

describe('a chunk joins a transfer', () => {
  test('of the same snapshot, leader and term: it goes on', () => {
    const { state, effects } = install.joinTransfer(waiting(400), installSnapshot({ offset: 0 }));
    expect(state).toEqual({ ...waiting(400), termLeader: 'b', heardLeader: 'b' });
    expect(effects).toEqual([]);
  });

  test.each([
    [
      'another snapshot',
      { snapshot: { ...identity, id: 't', index: 8 } },
      [{ type: 'discardSnapshot', snapshotId: 's' }],
    ],
    ['another leader', { from: 'c' }, []],
    ['another term', { term: 2 }, []],
  ])('of %s: it starts anew', (_, some, effects) => {
    const decision = install.joinTransfer(waiting(400), installSnapshot(some));
    expect(decision.effects).toEqual(effects);
    expect(decision.state.incoming).toMatchObject({ ...some, nextOffset: 0, storing: null });
  });
});

describe('a chunk', () => {
  test('that is awaited is stored, and answered when it is', () => {
    const chunk = installSnapshot({ offset: 400, requestId: 8 });
    expect(install.isNextChunk(waiting(400), chunk)).toBe(true);
    const decision = install.storeChunk(waiting(400), chunk);
    expect(decision.effects).toMatchObject([
      { type: 'storeChunk', requestId: 8, offset: 400, isLast: false, snapshot: identity },
    ]);
    expect(decision.state).toMatchObject({ incoming: { nextOffset: 400, storing: 8 } });
    const next = install.recordChunkStored(decision.state, {
      ...stored,
      requestId: 8,
      nextOffset: 800,
      snapshot: null,
    });
    expect(next.state.incoming).toMatchObject({ nextOffset: 800, storing: null });
    expect(next.effects).toMatchObject([
      { type: 'send', afterWrite: 0, message: { requestId: 8, nextOffset: 800, isDone: false } },
    ]);
  });

  test.each([
    ['we have already', 0],
    ['comes too early', 800],
  ])('that %s is answered with where to go on', (_, offset) => {
    const chunk = installSnapshot({ offset });
    expect(install.isNextChunk(waiting(400), chunk)).toBe(false);
    const decision = install.answerNextOffset(waiting(400), chunk);
    expect(decision.effects).toMatchObject([
      { type: 'send', message: { nextOffset: 400, isDone: false } },
    ]);
    expect(decision.state).toEqual(waiting(400));
  });

  test('finds one that is being stored, or none', () => {
    expect(install.isStoringChunk(waiting(400))).toBe(false);
    expect(install.isStoringChunk(finishing())).toBe(true);
  });

  test.each([
    ['is the one that is being stored', finishing(), stored, true],
    ['is of another snapshot', finishing(), { ...stored, snapshotId: 't' }, false],
    ['is one that nobody waits for any more', finishing(), { ...stored, requestId: 8 }, false],
    ['is stored when its transfer is over', serverOf(), stored, false],
  ])('that is stored %s', (_, state, word, is) => {
    expect(install.isBeingStored(state, word)).toBe(is);
    expect(install.completesSnapshot(state, word)).toBe(is);
    expect(install.completesSnapshot(state, { ...word, snapshot: null })).toBe(false);
  });
});

describe('the whole', () => {
  test('comes into force by one write: pointer, log cut, hard state; answered when that is durable', () => {
    const decision = install.installSnapshot(finishing({ log: '1 1', commitIndex: 1 }), stored);
    expect(decision.effects.map(({ type }) => type)).toEqual(['persist', 'restore', 'send']);
    const [write] = only(decision, 'persist');
    expect(write).toMatchObject({
      writeId: 1,
      term: 1,
      commitIndex: 5,
      truncateFrom: 2,
      entries: [],
      snapshot: pointer,
    });
    expect(write?.base).toMatchObject({ index: 5, term: 1, configuration: pointer.configuration });
    expect(only(decision, 'send')[0]).toMatchObject({
      afterWrite: 1,
      message: { isDone: true, nextOffset: 1000, requestId: 9 },
    });
  });

  test.each([
    ['our log ends before it: all goes', '1 1', '5 in 1 |'],
    ['our entry there has its term: what follows stays', '1 1 1 1 1 1 1', '5 in 1 | 1 1'],
    ['our entry there has another term: all goes (Figure 13, step 7)', '1 1 1 1 2 2', '5 in 1 |'],
  ])('%s', (_, log, expected) => {
    const { state } = install.installSnapshot(finishing({ log }), stored);
    expect(termsIn(state.log)).toBe(expected);
    expect(state).toMatchObject({ commitIndex: 5, incoming: null, snapshot: pointer });
  });

  test('entries of ours that go are not durable any more, and the snapshot is only when its write is', () => {
    const { state } = install.installSnapshot(
      finishing({ log: '1 1 2 2 2 2', commitIndex: 2 }),
      stored,
    );
    expect(state.writes.durableIndex).toBe(2);
    expect(recordWrites(state, { writeId: 1 }).state.writes.durableIndex).toBe(5);
  });

  test('leaves what is applied alone: the state machine is restored behind what waits (NuRaft #407)', () => {
    const { state } = install.installSnapshot(
      finishing({ log: '1 1', commitIndex: 2, lastApplied: 1 }),
      stored,
    );
    expect(state.lastApplied).toBe(1);
  });

  test.each([
    ['below', '1 1 1 1 1 1', 6],
    ['at', '1 1 1 1 1', 5],
  ])(
    'that finishes late, %s our commit index by now, is discarded and answered as done',
    (_, log, commitIndex) => {
      const late = finishing({ log, commitIndex });
      const decision = install.installSnapshot(late, stored);
      expect(decision.effects.map(({ type }) => type)).toEqual(['discardSnapshot', 'send']);
      expect(decision.state).toEqual({ ...late, incoming: null });
    },
  );

  test('that finishes in a later term is not answered in it', () => {
    expect(sent(install.installSnapshot(finishing({ currentTerm: 2 }), stored))).toEqual([]);
  });

  test('with a wrong digest is discarded and asked for from the beginning', () => {
    const decision = install.rejectSnapshot(finishing(), { snapshotId: 's', requestId: 9 });
    expect(decision.state.incoming).toBeNull();
    expect(decision.effects).toMatchObject([
      { type: 'discardSnapshot', snapshotId: 's' },
      { type: 'send', afterWrite: 0, message: { nextOffset: 0, isDone: false, requestId: 9 } },
    ]);
  });
});

/** When a server takes a snapshot, and what of the log stays behind it (§7). */
import { describe, expect, test } from 'vitest';
import { DEFAULT_PARAMETERS } from '../../machines/rules/parameters.ts';
import {
  dueAfterBytes,
  isSnapshotDue,
  maySnapshot,
  recordAppliedBatch,
  recordSnapshotTaken,
} from '../../machines/rules/snapshots.ts';
import { initialState } from '../../machines/rules/state.ts';
import {
  BYTES_OF_ENTRY,
  followerIn,
  leaderOf,
  logOf,
  only,
  pointerOf,
  serverOf,
  termsIn,
} from './states.ts';

const ten = '1 1 1 1 1 1 1 1 1 1';
const parameters = { snapshotAfterEntries: 4, snapshotAfterBytes: 1e9, trailingEntries: 0 };

describe('a snapshot is due', () => {
  test.each([
    ['after so many entries', {}, {}, 4, true],
    ['not one entry sooner', {}, {}, 3, false],
    [
      'after so many bytes',
      {},
      { snapshotAfterEntries: 99, snapshotAfterBytes: 3 * BYTES_OF_ENTRY },
      3,
      true,
    ],
    ['counted from the last one', { snapshot: pointerOf(3, 1) }, {}, 6, false],
    ['and again that much later', { snapshot: pointerOf(3, 1) }, {}, 7, true],
    ['but not while one is being taken', { isTakingSnapshot: true }, {}, 9, false],
  ])('%s', (_, given, changed, lastApplied, due) => {
    const state = serverOf({
      log: ten,
      ...given,
      lastApplied,
      parameters: { ...parameters, ...changed },
    });
    expect(isSnapshotDue(state)).toBe(due);
  });

  /** Snapshots of `pointerOf` have 1,000 bytes. */
  test.each([
    ['not before the log has a few bytes: there is no snapshot yet', null, 3, 4, 1e9, 4],
    [
      'when the log is some times as large as the last snapshot (thesis §5.1.3)',
      1000,
      3,
      0,
      1e9,
      3000,
    ],
    ['sooner with a smaller factor', 1000, 0.5, 0, 1e9, 500],
    ['later, where that would be too soon: the state is tiny', 10, 3, 40, 1e9, 40],
    ['sooner, where it would never come: the state is huge', 1e12, 3, 40, 5000, 5000],
    ['at the latest by its bytes alone, where the factor is infinite', null, Infinity, 4, 1e9, 4],
    ['… and there is a snapshot', 10, Infinity, 4, 5000, 5000],
    ['sooner even than the least, where both were set', 10, 3, 40, 20, 20],
  ])('%s', (_, sizeBytes, snapshotAfterTimes, snapshotAfterBytesMin, snapshotAfterBytes, bytes) => {
    const bounds = { snapshotAfterTimes, snapshotAfterBytesMin, snapshotAfterBytes };
    const last = sizeBytes === null ? null : { sizeBytes };
    expect(dueAfterBytes({ ...DEFAULT_PARAMETERS, ...bounds }, last)).toBe(bytes);
  });

  test.each([
    ['as many bytes as that', 7, 4 * BYTES_OF_ENTRY, true],
    ['not one byte less', 7, 4 * BYTES_OF_ENTRY + 1, false],
  ])(
    'after %s since the last one, of the log that was applied',
    (_, lastApplied, sizeBytes, due) => {
      const state = serverOf({
        log: ten,
        snapshot: { ...pointerOf(3, 1), sizeBytes },
        lastApplied,
        parameters: { snapshotAfterTimes: 1, snapshotAfterBytesMin: 0 },
      });
      expect(isSnapshotDue(state)).toBe(due);
    },
  );

  test('it is asked for between two batches, once', () => {
    const first = recordAppliedBatch(serverOf({ log: ten, parameters }), { index: 5 });
    expect(first.effects).toEqual([{ type: 'takeSnapshot' }]);
    expect(first.state).toMatchObject({ lastApplied: 5, isTakingSnapshot: true });
    expect(recordAppliedBatch(first.state, { index: 9 }).effects).toEqual([]);
  });
});

test.each([
  ['when an entry was applied since the last', { lastApplied: 4 }, true],
  ['not when the last holds all that is applied', { lastApplied: 3 }, false],
  ['not while a received one is being restored', { lastApplied: 2 }, false],
  ['not while one is being taken', { lastApplied: 4, isTakingSnapshot: true }, false],
])('a snapshot may be taken %s (§7)', (_, given, may) => {
  expect(maySnapshot(serverOf({ log: ten, snapshot: pointerOf(3, 1), ...given }))).toBe(may);
});

describe('a snapshot that was taken', () => {
  const taking = { log: ten, commitIndex: 8, lastApplied: 8, isTakingSnapshot: true };

  test('comes into force, and the log is cut, by one write (redisraft #43)', () => {
    const decision = recordSnapshotTaken(serverOf({ ...taking, parameters }), {
      snapshot: pointerOf(8, 1),
    });
    expect(decision.effects).toMatchObject([
      {
        type: 'persist',
        writeId: 1,
        entries: [],
        truncateFrom: null,
        snapshot: { index: 8 },
        base: { index: 8, term: 1 },
      },
    ]);
    expect(termsIn(decision.state.log)).toBe('8 in 1 | 1 1');
    expect(decision.state).toMatchObject({ isTakingSnapshot: false, snapshot: { index: 8 } });
  });

  test('leaves trailing entries for followers that are a little behind', () => {
    const state = serverOf({ ...taking, parameters: { ...parameters, trailingEntries: 3 } });
    const decision = recordSnapshotTaken(state, { snapshot: pointerOf(8, 1) });
    expect(termsIn(decision.state.log)).toBe('5 in 1 | 1 1 1 1 1');
    expect(only(decision, 'persist')[0]).toMatchObject({
      snapshot: { index: 8 },
      base: { index: 5 },
    });
  });

  test.each([
    ['two entries', 2 * BYTES_OF_ENTRY, '6 in 1 | 1 1 1 1'],
    ['a byte less', 2 * BYTES_OF_ENTRY - 1, '7 in 1 | 1 1 1'],
    ['no entry', 0, '8 in 1 | 1 1'],
  ])(
    'and no more of them than so many bytes, so that large ones cannot fill the log: %s',
    (...row) => {
      const [, trailingBytes, left] = row;
      const state = serverOf({
        ...taking,
        parameters: { ...parameters, trailingEntries: 3, trailingBytes },
      });
      expect(termsIn(recordSnapshotTaken(state, { snapshot: pointerOf(8, 1) }).state.log)).toBe(
        left,
      );
    },
  );

  test('leaves what is still being written: it is held anyway, and counts as long as it is in the log', () => {
    const state = serverOf({ ...taking, parameters });
    const behind = { ...state, writes: { ...state.writes, durableIndex: 7 } };
    const decision = recordSnapshotTaken(behind, { snapshot: pointerOf(8, 1) });
    expect(termsIn(decision.state.log)).toBe('7 in 1 | 1 1 1');
  });

  test('cuts nothing when all of the log is to trail', () => {
    const state = serverOf({ ...taking, parameters: { ...parameters, trailingEntries: 99 } });
    const decision = recordSnapshotTaken(state, { snapshot: pointerOf(8, 1) });
    expect(decision.state.log).toBe(state.log);
    expect(only(decision, 'persist')[0]).toMatchObject({ snapshot: { index: 8 }, base: null });
  });

  test.each([8, 6])(
    'is discarded when one of index 8 has come into force meanwhile (%i)',
    (index) => {
      const state = serverOf({ ...taking, snapshot: pointerOf(8, 1, 'installed'), parameters });
      const decision = recordSnapshotTaken(state, { snapshot: pointerOf(index, 1, 'own') });
      expect(decision.effects).toEqual([{ type: 'discardSnapshot', snapshotId: 'own' }]);
      expect(decision.state).toMatchObject({
        snapshot: { id: 'installed' },
        isTakingSnapshot: false,
      });
    },
  );
});

describe('a follower that is being sent an older snapshot', () => {
  const transfer = pointerOf(5, 1, 'older');
  const taking = { log: ten, commitIndex: 8, lastApplied: 8, isTakingSnapshot: true };
  const taken = { snapshot: pointerOf(8, 1, 'newer') };

  test('goes on with it: the log behind it is kept', () => {
    const decision = recordSnapshotTaken(
      leaderOf({ ...taking, parameters }, { b: { transfer } }),
      taken,
    );
    expect(termsIn(decision.state.log)).toBe('5 in 1 | 1 1 1 1 1');
    expect(followerIn(decision.state, 'b').transfer).toBe(transfer);
    expect(decision.outgoing).toEqual([]);
  });

  test.each([
    ['it has answered within ten election timeouts', { missedQuorumChecks: 10 }, parameters, 5],
    ['it has been silent for longer', { missedQuorumChecks: 11 }, parameters, 8],
    [
      'the log has grown to four times the threshold',
      {},
      { ...parameters, snapshotAfterEntries: 2 },
      8,
    ],
    [
      'the log has grown to four times the bytes',
      {},
      { ...parameters, snapshotAfterBytes: 2 * BYTES_OF_ENTRY },
      8,
    ],
    [
      'the log has grown to four times what makes the next one due, by the size of this one',
      {},
      { ...parameters, snapshotAfterTimes: (2 * BYTES_OF_ENTRY) / 1000, snapshotAfterBytesMin: 0 },
      8,
    ],
    [
      'the log has not grown to that',
      {},
      {
        ...parameters,
        snapshotAfterTimes: (3 * BYTES_OF_ENTRY) / 1000,
        snapshotAfterBytesMin: 0,
      },
      5,
    ],
  ])('%s', (_, follower, bounds, base) => {
    const leader = leaderOf({ ...taking, parameters: bounds }, { b: { transfer, ...follower } });
    expect(recordSnapshotTaken(leader, taken).state.log.base.index).toBe(base);
  });

  test('begins again from the newer one when the log is no longer kept for it', () => {
    const leader = leaderOf({ ...taking, parameters }, { b: { transfer, missedQuorumChecks: 11 } });
    const decision = recordSnapshotTaken(leader, taken);
    expect(followerIn(decision.state, 'b').transfer).toEqual(taken.snapshot);
    expect(decision.outgoing).toEqual([
      { follower: 'b', event: { type: 'snapshot.offered', snapshot: taken.snapshot } },
    ]);
  });
});

describe('a restart (§5.1, §7)', () => {
  const stored = {
    term: 1,
    votedFor: null,
    commitIndex: 0,
    log: logOf(ten),
    snapshot: null,
    lastWriteId: 3,
  };
  const from = (some: object) => initialState('a', serverOf().parameters, { ...stored, ...some });

  test.each([
    [
      'a commit index that was not stored is at least that of the snapshot',
      { snapshot: pointerOf(6, 1) },
      6,
      6,
    ],
    ['a stored commit index is a hint', { commitIndex: 7, snapshot: pointerOf(6, 1) }, 7, 6],
    ['a hint above the log counts as far as the log goes', { commitIndex: 99 }, 10, 0],
  ])('%s (raft-java #60)', (_, some, commitIndex, lastApplied) => {
    expect(from(some)).toMatchObject({ commitIndex, lastApplied });
  });

  test.each([
    [
      'a log that begins behind its snapshot',
      { log: logOf('1 1 1 | 1'), snapshot: pointerOf(2, 1) },
      /begins after 3, but the snapshot ends at 2/,
    ],
    [
      'a compacted log without a snapshot',
      { log: logOf('1 1 | 1') },
      /begins after 2, but the snapshot ends at 0/,
    ],
    [
      'a log that ends before its snapshot',
      { log: logOf('1 1'), snapshot: pointerOf(6, 1) },
      /ends at 2, but the snapshot ends at 6/,
    ],
  ])('%s stops the server: entries are missing', (_, some, message) => {
    expect(() => from(some)).toThrow(message);
  });
});

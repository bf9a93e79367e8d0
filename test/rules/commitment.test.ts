/** Commitment (§5.3, §5.4.2, Figure 8) and the application that follows it. */
import { describe, expect, test } from 'vitest';
import {
  advanceCommitIndex,
  commitThrough,
  committedIndex,
  hasCommittedInTerm,
  noteApplied,
} from '../../machines/rules/commitment.ts';
import { clusterOf, leaderOf, only, serverOf, storing } from './states.ts';

describe('the commit index rises to what a majority stores', () => {
  // A leader of three in term 2, whose log is '1 1 2 2'.
  test.each([
    ['nobody has anything', 0, 0, 0, 0],
    ['our own disk alone is no majority', 4, 0, 0, 0],
    ['our own disk and one follower', 4, 4, 0, 4],
    ['both followers, before our own disk (thesis §10.2.1)', 0, 4, 3, 3],
    ['each has another part of it', 4, 3, 0, 3],
    ['only entries of the earlier term (§5.4.2)', 4, 2, 2, 0],
    ['an entry of our term takes those before it along', 3, 3, 2, 3],
  ])('%s', (_, own, b, c, expected) => {
    const leader = leaderOf({ log: '1 1 2 2' }, { b: { matchIndex: b }, c: { matchIndex: c } });
    expect(committedIndex(storing(leader, own))).toBe(expected);
  });

  test('Figure 8: an entry of an old term on a majority is not committed by counting (LogCabin #44)', () => {
    const five = clusterOf('s1', 's2', 's3', 's4', 's5');
    const given = { id: 's1', configuration: five, currentTerm: 4 };
    // (c): S1 leads term 4 and has copied its entry of term 2 to S2 and S3.
    const copied = leaderOf(
      { ...given, log: '1 2' },
      { s2: { matchIndex: 2 }, s3: { matchIndex: 2 } },
    );
    expect(committedIndex(storing(copied, 2))).toBe(0);
    // (e): an entry of term 4 on the same majority commits both.
    const followed = leaderOf(
      { ...given, log: '1 2 4' },
      { s2: { matchIndex: 3 }, s3: { matchIndex: 3 } },
    );
    expect(committedIndex(storing(followed, 3))).toBe(3);
  });

  test('one follower that stores everything is no majority of five', () => {
    const five = clusterOf('a', 'b', 'c', 'd', 'e');
    const leader = leaderOf({ log: '1 1', configuration: five }, { b: { matchIndex: 2 } });
    expect(committedIndex(storing(leader, 2))).toBe(0);
  });

  test('the commit index never falls, whatever counting says', () => {
    expect(committedIndex(leaderOf({ log: '1 1', commitIndex: 2 }))).toBe(2);
  });

  test('a learner that stores everything counts for nothing (thesis §4.2.1)', () => {
    const { servers } = clusterOf('a', 'b', 'c', 'd');
    const configuration = {
      servers: servers.map((one) => ({ ...one, votes: one.id !== 'd' })),
      next: null,
    };
    const leader = leaderOf({ log: '1', configuration }, { d: { matchIndex: 1 } });
    expect(committedIndex(storing(leader, 1))).toBe(0);
  });

  test('a cluster of one commits what its own disk has, and only that (etcd #14370)', () => {
    const alone = leaderOf({ log: '1 1', configuration: clusterOf('a') });
    expect(committedIndex(storing(alone, 1))).toBe(1);
    expect(committedIndex(alone)).toBe(0);
  });
});

describe('what is newly committed is applied', () => {
  test('once, in order, a batch at a time', () => {
    const decision = commitThrough(serverOf({ log: '1 1 1 1', commitIndex: 1 }), 3);
    expect(only(decision, 'apply').map(({ entries }) => entries.map(({ index }) => index))).toEqual(
      [[2, 3]],
    );
    expect(commitThrough(decision.state, 3)).toEqual({
      state: decision.state,
      effects: [],
      outgoing: [],
    });
  });

  test('nothing new: the very same state', () => {
    const leader = leaderOf({ log: '1' });
    expect(advanceCommitIndex(leader, leader).state).toBe(leader);
  });

  test.each([
    ['forwards', 1, 2, 2],
    ['never back', 2, 1, 2],
  ])('`lastApplied` goes %s', (_, lastApplied, index, expected) => {
    expect(noteApplied(serverOf({ log: '1 1', lastApplied }), { index }).state.lastApplied).toBe(
      expected,
    );
  });
});

test.each([
  ['an entry of our term', 3, true],
  ['only entries of earlier terms', 2, false],
  ['nothing', 0, false],
])(
  'the commit index of a leader of term 2 is current when it is at %s (§8)',
  (_, commitIndex, expected) => {
    expect(hasCommittedInTerm(leaderOf({ log: '1 1 2', commitIndex }))).toBe(expected);
  },
);

/** Why a rule says no: what it compared, with the numbers of both sides. */
import { describe, expect, test } from 'vitest';
import { agreedIndex } from '../../machines/rules/acknowledgements.ts';
import { logMatches, mismatchOf } from '../../machines/rules/append-entries.ts';
import {
  committedIndex,
  matchIndexOf,
  uncommittableEntry,
} from '../../machines/rules/commitment.ts';
import { heardSinceCheck, hearsFromQuorum } from '../../machines/rules/leadership.ts';
import { majorityOf } from '../../machines/rules/quorum.ts';
import {
  mayGrantVote,
  refusalOfPreVote,
  refusalOfVote,
} from '../../machines/rules/request-vote.ts';
import { stalenessOf } from '../../machines/rules/terms.ts';
import {
  appendEntries,
  appendEntriesResponse,
  preVote,
  preVoteResponse,
  requestVote,
  requestVoteResponse,
} from './messages.ts';
import { clusterOf, leaderOf, serverOf, storing } from './states.ts';

describe('a vote is refused', () => {
  const voter = serverOf({ log: '1 2 2', currentTerm: 3 });
  const upToDate = { term: 3, lastLogIndex: 3, lastLogTerm: 2 };

  test.each([
    ['in an older term', {}, { term: 2 }, { reason: 'wrong-term', own: 3, candidate: 2 }],
    ['to a second one', { votedFor: 'c' }, {}, { reason: 'already-voted', term: 3, votedFor: 'c' }],
    [
      'while a leader is heard',
      { heardLeader: 'c' },
      {},
      { reason: 'hears-leader', term: 3, leader: 'c' },
    ],
    [
      'while a leader is heard, in a newer term that is not adopted',
      { heardLeader: 'c', votedFor: 'c' },
      { term: 4 },
      { reason: 'hears-leader', term: 3, leader: 'c' },
    ],
    [
      'for a log that ends in an older term (§5.4.1)',
      {},
      { lastLogIndex: 9, lastLogTerm: 1 },
      { reason: 'log-behind', own: { index: 3, term: 2 }, candidate: { index: 9, term: 1 } },
    ],
    [
      'for a log that is shorter (§5.4.1)',
      {},
      { lastLogIndex: 2 },
      { reason: 'log-behind', own: { index: 3, term: 2 }, candidate: { index: 2, term: 2 } },
    ],
    [
      'first for its term',
      { votedFor: 'c' },
      { term: 2, lastLogIndex: 0 },
      { reason: 'wrong-term' },
    ],
    ['then for who has it', { votedFor: 'c', heardLeader: 'c' }, {}, { reason: 'already-voted' }],
    ['then for the leader', { heardLeader: 'c' }, { lastLogIndex: 0 }, { reason: 'hears-leader' }],
  ])('%s', (_, given, asked, refusal) => {
    const state = { ...voter, ...given };
    const request = requestVote({ ...upToDate, ...asked });
    expect(refusalOfVote(state, request)).toMatchObject(refusal);
    expect(mayGrantVote(state, request)).toBe(false);
  });

  test('for no reason when it is granted', () => {
    expect(refusalOfVote(voter, requestVote(upToDate))).toBeNull();
  });
});

describe('a pre-vote is refused', () => {
  const voter = serverOf({ log: '1 2 2', currentTerm: 3 });
  const upToDate = { proposedTerm: 4, lastLogIndex: 3, lastLogTerm: 2 };

  test.each([
    [
      'for a term that is not newer',
      {},
      { proposedTerm: 3 },
      { reason: 'wrong-term', own: 3, candidate: 3 },
    ],
    [
      'while a leader is heard',
      { heardLeader: 'c' },
      {},
      { reason: 'hears-leader', term: 3, leader: 'c' },
    ],
    [
      'for a log that is behind',
      {},
      { lastLogIndex: 2 },
      { reason: 'log-behind', own: { index: 3, term: 2 }, candidate: { index: 2, term: 2 } },
    ],
  ])('%s', (_, given, asked, refusal) => {
    const state = { ...voter, ...given };
    const request = preVote({ ...upToDate, ...asked });
    expect(refusalOfPreVote(state, request)).toEqual(refusal);
  });

  test('for no reason when it is granted', () => {
    expect(refusalOfPreVote({ ...voter, votedFor: 'c' }, preVote(upToDate))).toBeNull();
  });
});

test('entries are refused for the first place at which the logs differ, or ours ends (§5.3)', () => {
  const follower = serverOf({ log: '1 1 2', commitIndex: 1 });
  const shown = (prevLogIndex: number, prevLogTerm: number) =>
    appendEntries({ term: 3, prevLogIndex, prevLogTerm });
  const expected: [ReturnType<typeof shown>, ReturnType<typeof mismatchOf>][] = [
    [shown(3, 2), null],
    [shown(1, 1), null],
    [shown(3, 3), { index: 3, leaderTerm: 3, ownTerm: 2, ownLastIndex: 3 }],
    [shown(7, 3), { index: 7, leaderTerm: 3, ownTerm: null, ownLastIndex: 3 }],
  ];
  for (const [request, mismatch] of expected) {
    expect(mismatchOf(follower, request)).toEqual(mismatch);
    expect(logMatches(follower, request)).toBe(mismatch === null);
  }
});

test('after a refusal the leader goes on where both sides’ terms allow it (§5.3)', () => {
  const leader = leaderOf({ log: '1 1 4 4 4 5', currentTerm: 5 });
  const hint = (hintIndex: number, hintTerm: number) =>
    agreedIndex(leader, appendEntriesResponse({ success: false, hintIndex, hintTerm }));
  expect(hint(4, 2)).toBe(2);
  expect(hint(2, 1)).toBe(2);
  expect(hint(5, 4)).toBe(5);
  const compacted = leaderOf({ log: '1 1 4 | 4 4 5', currentTerm: 5 });
  expect(agreedIndex(compacted, appendEntriesResponse({ hintIndex: 1, hintTerm: 1 }))).toBe(1);
});

describe('a response is stale', () => {
  const state = serverOf({ log: '1', currentTerm: 5 });

  test.each([
    [
      'of a responder that is behind',
      { term: 4 },
      { reason: 'responder-behind', own: 5, responder: 4 },
    ],
    [
      'to what was asked in another term',
      { term: 5, requestTerm: 3 },
      { reason: 'asked-in-another-term', own: 5, asked: 3 },
    ],
  ])('%s', (_, some, staleness) => {
    expect(stalenessOf(state, appendEntriesResponse(some))).toEqual(staleness);
    expect(stalenessOf(state, requestVoteResponse(some))).toEqual(staleness);
  });

  test('never as a pre-vote’s, nor when it answers what we asked in this term', () => {
    expect(stalenessOf(state, preVoteResponse({ term: 4 }))).toBeNull();
    expect(stalenessOf(state, appendEntriesResponse({ term: 5 }))).toBeNull();
    expect(stalenessOf(state, requestVote({ term: 4 }))).toBeNull();
  });
});

describe('an entry that a majority stores is withheld', () => {
  test('when it is of an older term, until one of the leader’s own follows (§5.4.2, Figure 8)', () => {
    const leader = leaderOf({ log: '1 2', currentTerm: 4 }, { b: { matchIndex: 2 } });
    const old = storing(leader, 2);
    expect(uncommittableEntry(old)).toEqual({ index: 2, term: 2 });
    expect(committedIndex(old)).toBe(0);
    const own = leaderOf({ log: '1 2 4', currentTerm: 4 }, { b: { matchIndex: 3 } });
    expect(uncommittableEntry(storing(own, 3))).toBeNull();
    expect(committedIndex(storing(own, 3))).toBe(3);
  });

  test('never when it is committed, or when no majority stores it', () => {
    const leader = leaderOf(
      { log: '1 2', currentTerm: 4, commitIndex: 2 },
      { b: { matchIndex: 2 } },
    );
    expect(uncommittableEntry(storing(leader, 2))).toBeNull();
    expect(
      uncommittableEntry(leaderOf({ log: '1 2', currentTerm: 4 }, { b: { matchIndex: 2 } })),
    ).toBeNull();
  });

  test('what is stored where: our own disk for ourselves, what was answered for the others', () => {
    const leader = storing(leaderOf({ log: '1 2' }, { b: { matchIndex: 2 } }), 1);
    expect(['a', 'b', 'c', 'z'].map((id) => matchIndexOf(leader, id))).toEqual([1, 2, 0, 0]);
  });
});

test('a leader has heard those that answered a number given out since its last check (thesis §6.2)', () => {
  const configuration = clusterOf('a', 'b', 'c', 'd', 'e');
  const leader = leaderOf(
    { log: '1', requestId: 7, configuration },
    {
      b: { lastAcknowledgedRequest: 7 },
      c: { lastAcknowledgedRequest: 8 },
      d: { lastAcknowledgedRequest: 0 },
    },
  );
  expect(heardSinceCheck(leader)).toEqual(['a', 'c']);
  expect(hearsFromQuorum(leader)).toBe(false);
});

test('a majority is more than half (§5.1)', () => {
  expect([1, 2, 3, 4, 5, 7].map(majorityOf)).toEqual([1, 2, 2, 3, 3, 4]);
});

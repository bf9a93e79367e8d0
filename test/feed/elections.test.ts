/** Elections as the feed tells them: what happened, and why, with the numbers of both sides. */
import { describe, expect, test } from 'vitest';
import { feedFact } from '../../src/feed/feed-fact.ts';
import { startedFact } from '../../src/feed/outside.ts';
import { sentenceOf } from '../../src/feed/sentences.ts';
import {
  candidate,
  elapses,
  elected,
  hears,
  persisted,
  preCandidate,
  type Step,
  start,
  takes,
} from '../machines/steps.ts';
import * as messages from '../rules/messages.ts';
import { clusterOf } from '../rules/states.ts';
import { factsIn, heard, told, waited } from './told.ts';

const given = { log: '1 2 2', currentTerm: 3 } as const;
const upToDate = { lastLogIndex: 3, lastLogTerm: 2 } as const;

const begun = ({ context }: Step) => sentenceOf(feedFact('a', startedFact(context)));

test('a server starts from its disk', () => {
  const voted = start({ ...given, votedFor: 'c', commitIndex: 2 });
  expect(begun(voted)).toBe(
    'a started in term 3, in which it voted for c, with a log that ends at entry 3; it knows of commits through 2',
  );
  expect(begun(start())).toBe('a started in term 0, with an empty log');
  expect(begun(start({ log: '1 1 | 1' }))).toBe(
    'a started in term 1, with a log that ends at entry 3 and a snapshot through entry 2',
  );
});

describe('a candidate', () => {
  test('asks first whether it could win (thesis §9.6)', () => {
    expect(waited(start(given), 'electionTimeout')).toEqual([
      'a has waited long enough for a leader: it asks b and c whether they would vote for it in term 4',
    ]);
  });

  test('asks again when the pre-votes were too few', () => {
    expect(waited(preCandidate(given), 'electionTimeout')).toEqual([
      'a has only 1 pre-vote of the 2 it needs, and its time is up: it asks b and c whether they would vote for it in term 4',
    ]);
  });

  test('asks for votes with a majority of pre-votes, and is told who gave them', () => {
    const asking = preCandidate({ ...given, configuration: clusterOf('a', 'b', 'c', 'd', 'e') });
    const { requestId } = asking.context;
    const answer = messages.preVoteResponse({ requestId, term: 3, proposedTerm: 4 });
    expect(heard(asking, answer)).toEqual(["a has b's pre-vote for term 4: 2 of the 3 it needs"]);
    const one = hears(asking, answer);
    expect(heard(one, { ...answer, from: 'd', granted: false })).toEqual([
      "a does not get d's pre-vote for term 4",
    ]);
    expect(heard(one, { ...answer, from: 'c' })).toEqual([
      "a has c's pre-vote for term 4: 3 of the 3 it needs",
      'a has the pre-votes of a, b and c, and needs 3: it votes for itself in term 4, and will ask b, c, d and e for theirs once its own is on its disk',
    ]);
    expect(heard(one, { ...answer, requestId: requestId - 1 })).toEqual([]);
  });

  test('counts its own vote when it is durable, and wins with the last one it needs (§5.2)', () => {
    const asking = candidate(given);
    expect(
      told(asking, { type: 'storage.persisted', writeId: asking.context.writes.decided, now: 0 }),
    ).toEqual([
      "a's disk has write 1: its log is durable through entry 3",
      "a's own vote in term 4 is on its disk: 1 of the 2 it needs",
    ]);
    const voted = persisted(asking);
    const { requestId } = voted.context;
    const answer = messages.requestVoteResponse({ requestId, term: 4 });
    expect(heard(voted, { ...answer, granted: false })).toEqual([
      "a does not get b's vote in term 4",
    ]);
    expect(heard(voted, answer)).toEqual([
      "a has b's vote in term 4: 2 of the 2 it needs",
      'a won the election of term 4: it has the votes of a and b, and needs 2',
      'a appended entry 4 of term 4, an empty one: the first of its leadership',
    ]);
  });

  test('may win with its own vote as the last', () => {
    const asking = candidate(given);
    const { requestId, writes } = asking.context;
    const answered = hears(asking, messages.requestVoteResponse({ requestId, term: 4 }));
    expect(
      told(answered, { type: 'storage.persisted', writeId: writes.decided, now: 0 }),
    ).toContain('a won the election of term 4: it has the votes of b and a, and needs 2');
  });

  test('that is alone wins by its own disk', () => {
    const alone = start({ configuration: clusterOf('a') });
    expect(waited(alone, 'electionTimeout')).toEqual([
      'a has the pre-votes of a, and needs 1: it votes for itself in term 1',
    ]);
    const voted = elapses(alone, 'electionTimeout');
    expect(told(voted, { type: 'storage.persisted', writeId: 1, now: 0 })).toContain(
      'a won the election of term 1: it has the votes of a, and needs 1',
    );
  });

  test('has its votes split, and begins anew (§5.2)', () => {
    expect(waited(persisted(candidate(given)), 'electionTimeout')).toEqual([
      'a has only 1 vote of the 2 it needs, and its time is up: it asks b and c whether they would vote for it in term 5',
    ]);
  });

  test('gives up for a leader, for a newer term, and for a vote it gives', () => {
    expect(heard(candidate(given), messages.appendEntries({ term: 4, ...prev(3, 2) }))).toEqual([
      'a gave up its candidacy: b leads term 4',
      'a follows b, leader of term 4',
    ]);
    const { requestId } = candidate(given).context;
    expect(
      heard(
        candidate(given),
        messages.requestVoteResponse({
          requestId,
          term: 6,
          requestTerm: 4,
          granted: false,
        }),
      ),
    ).toEqual([
      'a gave up its candidacy: b is in term 6, and it is in term 4',
      "a went from term 4 to term 6, which it learnt from b's RequestVoteResponse",
    ]);
    expect(heard(preCandidate(given), messages.requestVote({ term: 3, ...upToDate }))).toEqual([
      'a gave up its candidacy: it votes for b in term 3',
      'a voted for b in term 3',
    ]);
  });
});

const prev = (prevLogIndex: number, prevLogTerm: number) => ({ prevLogIndex, prevLogTerm });

describe('a voter', () => {
  const following = hears(
    start(given),
    messages.appendEntries({ from: 'c', term: 3, ...prev(3, 2) }),
  );

  test.each<[string, Step, Parameters<typeof messages.requestVote>[0], readonly string[]]>([
    ['votes', start(given), { term: 3, ...upToDate }, ['a voted for b in term 3']],
    [
      'adopts a newer term, and votes in it',
      start(given),
      { term: 4, ...upToDate },
      [
        "a went from term 3 to term 4, which it learnt from b's RequestVote",
        'a voted for b in term 4',
      ],
    ],
    [
      'refuses what ends in an older term (§5.4.1)',
      start(given),
      { term: 3, lastLogIndex: 9, lastLogTerm: 1 },
      ["a refused b's vote: its log ends in term 2, b's in term 1"],
    ],
    [
      'refuses what is shorter (§5.4.1)',
      start(given),
      { term: 3, lastLogIndex: 2, lastLogTerm: 2 },
      ["a refused b's vote: its log ends at entry 3, b's at entry 2, both in term 2"],
    ],
    [
      'refuses a second vote (§5.2)',
      start({ ...given, votedFor: 'c' }),
      { term: 3, ...upToDate },
      ["a refused b's vote: it has voted for c in term 3"],
    ],
    [
      'refuses when the vote is its own',
      candidate(given),
      { term: 4, ...upToDate },
      ["a refused b's vote: it has voted for itself in term 4"],
    ],
    [
      'refuses an older term (§5.1)',
      start(given),
      { term: 2, ...upToDate },
      ["a refused b's vote: b asked for term 2, and a is in term 3"],
    ],
    [
      'refuses while it hears from a leader, and learns no term (thesis §4.2.3)',
      following,
      { term: 7, ...upToDate },
      ["a refused b's vote: it hears from c, leader of term 3"],
    ],
    [
      'refuses while it leads',
      elected(given),
      { term: 7, ...upToDate },
      ["a refused b's vote: it leads term 4 itself"],
    ],
  ])('%s', (_, voter, request, expected) => {
    expect(heard(voter, messages.requestVote(request))).toEqual(expected);
  });

  test.each<[string, Step, Parameters<typeof messages.preVote>[0], string]>([
    ['would vote', start(given), { proposedTerm: 4, ...upToDate }, 'a would vote for b in term 4'],
    [
      'would not, in its own term',
      start(given),
      { proposedTerm: 3, ...upToDate },
      "a refused b's pre-vote for term 3: it is in term 3 itself",
    ],
    [
      'would not, in an older term',
      start(given),
      { proposedTerm: 2, ...upToDate },
      "a refused b's pre-vote for term 2: b asked for term 2, and a is in term 3",
    ],
    [
      'would not, while it hears from a leader',
      following,
      { proposedTerm: 4, ...upToDate },
      "a refused b's pre-vote for term 4: it hears from c, leader of term 3",
    ],
    [
      'would not, for a log that is behind',
      start(given),
      { proposedTerm: 4 },
      "a refused b's pre-vote for term 4: its log ends in term 2, b's in term 0",
    ],
  ])('%s', (_, voter, request, expected) => {
    expect(heard(voter, messages.preVote(request))).toEqual([expected]);
  });

  test('has the reason as data, with both numbers', () => {
    const message = messages.requestVote({ term: 3, lastLogIndex: 9, lastLogTerm: 1 });
    expect(factsIn(start(given), { type: 'rpc.received', message })).toEqual([
      {
        kind: 'refusedVote',
        server: 'a',
        stage: 'vote',
        to: 'b',
        term: 3,
        refusal: {
          reason: 'log-behind',
          own: { index: 3, term: 2 },
          candidate: { index: 9, term: 1 },
        },
      },
    ]);
  });
});

describe('a follower', () => {
  const word = messages.appendEntries({ term: 3, ...prev(3, 2) });
  const following = hears(start(given), word);

  test('follows a leader, hears from it, and then does not any more', () => {
    expect(heard(start(given), word)).toEqual(['a follows b, leader of term 3']);
    expect(heard(following, word)).toEqual(['a heard from b, leader of term 3']);
    expect(waited(following, 'electionTimeoutMin')).toEqual([
      'a has heard nothing from b, leader of term 3, for 300 ms: it no longer withholds its vote',
    ]);
    expect(told(following, { type: 'connection.lost', peer: 'b' })).toEqual([
      'a has lost its connection to b, leader of term 3',
    ]);
    expect(told(following, { type: 'connection.lost', peer: 'c' })).toEqual([]);
  });

  test('follows the leader of a newer term, whoever it is', () => {
    expect(heard(following, { ...word, term: 5 })).toEqual([
      "a went from term 3 to term 5, which it learnt from b's AppendEntries",
      'a follows b, leader of term 5',
    ]);
  });

  test('refuses the leader of an older term (§5.1)', () => {
    expect(heard(following, { ...word, from: 'c', term: 2 })).toEqual([
      "a refused c's AppendEntries: it is of term 2, and a is in term 3",
    ]);
    expect(heard(following, messages.installSnapshot({ term: 2 }))).toEqual([
      "a refused b's InstallSnapshot: it is of term 2, and a is in term 3",
    ]);
  });

  test('takes over when its leader asks it to (thesis §3.10)', () => {
    expect(heard(following, messages.timeoutNow({ term: 3 }))).toEqual([
      'a was asked by b to take over: it votes for itself in term 4, and will ask b and c for theirs once its own is on its disk',
    ]);
    expect(heard(following, messages.timeoutNow({ term: 2 }))).toEqual([
      "a refused b's TimeoutNow: it is of term 2, and a is in term 3",
    ]);
  });
});

describe('a leader', () => {
  const leader = elected(given);

  test('steps down for a newer term (§5.1)', () => {
    expect(heard(leader, messages.appendEntries({ from: 'c', term: 6, ...prev(3, 2) }))).toEqual([
      'a stepped down as leader of term 4: c is in term 6, and it is in term 4',
      "a went from term 4 to term 6, which it learnt from c's AppendEntries",
      'a follows c, leader of term 6',
    ]);
  });

  test('steps down when no majority answers it (thesis §6.2)', () => {
    expect(waited(leader, 'quorumCheckInterval')).toEqual([
      'a stepped down as leader of term 4: it heard from nobody but itself within 300 ms, and needs 2',
    ]);
    const five = preCandidate({ ...given, configuration: clusterOf('a', 'b', 'c', 'd', 'e') });
    const granted = { requestId: five.context.requestId, term: 3, proposedTerm: 4 };
    const voting = hears(
      five,
      ...['b', 'c'].map((from) => messages.preVoteResponse({ ...granted, from })),
    );
    const vote = { requestId: voting.context.requestId, term: 4 };
    const leading = hears(
      persisted(voting),
      ...['b', 'c'].map((from) => messages.requestVoteResponse({ ...vote, from })),
    );
    const asked = takes(leading, { type: 'heartbeat.wanted', follower: 'b', previous: 3 });
    const { requestId } = asked.context;
    const answered = hears(asked, messages.appendEntriesResponse({ term: 4, requestId }));
    expect(waited(answered, 'quorumCheckInterval')).toEqual([
      'a stepped down as leader of term 4: it heard from a and b only within 300 ms, and needs 3',
    ]);
  });

  test('ignores answers that cannot count any more (§5.1)', () => {
    expect(heard(leader, messages.appendEntriesResponse({ term: 2 }))).toEqual([
      "a ignored b's AppendEntriesResponse: b is in term 2, and a in term 4",
    ]);
    expect(heard(leader, messages.appendEntriesResponse({ term: 4, requestTerm: 2 }))).toEqual([
      "a ignored b's AppendEntriesResponse: it answers what was asked in term 2, and a is in term 4",
    ]);
  });

  test('hands over to who has most (thesis §3.10)', () => {
    expect(told(leader, { type: 'leadershipTransfer.requested' })).toEqual([
      'a asked b to take over from it in term 4: b stores its log through entry 0',
    ]);
  });
});

/** Replication, the follower's side (Figure 2, AppendEntries RPC; §5.3). */
import { describe, expect, test } from 'vitest';
import { acceptEntries, logMatches, refuseEntries } from '../../machines/rules/append-entries.ts';
import { persist } from '../../machines/rules/writes.ts';
import { appendEntries } from './messages.ts';
import { only, sent, serverOf, termsIn } from './states.ts';

describe('whether the logs match before the new entries (step 2)', () => {
  const follower = serverOf({ log: '1 1 2' });
  test.each([
    ['at the beginning of the log', 0, 0, true],
    ['at an entry of the same term', 2, 1, true],
    ['at our last entry', 3, 2, true],
    ['at an entry of another term', 3, 1, false],
    ['behind the end of our log', 4, 2, false],
  ])('%s', (_, prevLogIndex, prevLogTerm, matches) => {
    expect(logMatches(follower, appendEntries({ prevLogIndex, prevLogTerm }))).toBe(matches);
  });

  test('a prefix inside our snapshot matches by definition (openraft #511)', () => {
    const compacted = serverOf({ log: '1 1 1 1 2 2 2 2 2 |' });
    expect(compacted.log.firstIndex).toBe(10);
    expect(logMatches(compacted, appendEntries({ prevLogIndex: 7, prevLogTerm: 2 }))).toBe(true);
    expect(logMatches(compacted, appendEntries({ prevLogIndex: 9, prevLogTerm: 2 }))).toBe(true);
    const { state } = acceptEntries(
      compacted,
      appendEntries({ term: 2, prevLogIndex: 7, prevLogTerm: 2, terms: '2 2 2 2' }),
    );
    expect(termsIn(state.log)).toBe('9 in 2 | 2 2');
  });

  test('a prefix at most our commit index matches by definition', () => {
    const committed = serverOf({ log: '1 1 2', commitIndex: 2 });
    expect(logMatches(committed, appendEntries({ prevLogIndex: 2, prevLogTerm: 1 }))).toBe(true);
    expect(logMatches(committed, appendEntries({ prevLogIndex: 3, prevLogTerm: 1 }))).toBe(false);
  });
});

describe("Figure 7: followers of a leader of term 8 whose log is '1 1 1 4 4 5 5 6 6 6'", () => {
  const leaders = '1 1 1 4 4 5 5 6 6 6';
  // Each follower: its log, whether the leader's first question finds it alike, and its hint.
  const followers: [string, string, boolean, number, number][] = [
    ['(a) lacks the last entry', '1 1 1 4 4 5 5 6 6', false, 9, 6],
    ['(b) lacks six', '1 1 1 4', false, 4, 4],
    ['(c) has one too many', '1 1 1 4 4 5 5 6 6 6 6', true, 10, 6],
    ['(d) has two of a later term too many', '1 1 1 4 4 5 5 6 6 6 7 7', true, 10, 6],
    ['(e) has two of an old term instead', '1 1 1 4 4 4 4', false, 7, 4],
    ['(f) has eight of old terms instead', '1 1 1 2 2 2 3 3 3 3 3', false, 10, 3],
  ];

  test.each(followers)('%s', (_, terms, matches, hintIndex, hintTerm) => {
    const follower = serverOf({ log: terms, currentTerm: 8 });
    const probe = appendEntries({ term: 8, prevLogIndex: 10, prevLogTerm: 6 });
    expect(logMatches(follower, probe)).toBe(matches);
    const [refusal] = sent(refuseEntries(follower, probe));
    expect(refusal).toMatchObject({ success: false, prevLogIndex: 10, hintIndex, hintTerm });
  });

  test.each(followers)('%s, and ends like the leader', (_, terms) => {
    const follower = serverOf({ log: terms, currentTerm: 8 });
    const all = appendEntries({ term: 8, terms: `${leaders} 8` });
    expect(termsIn(acceptEntries(follower, all).state.log)).toBe(`${leaders} 8`);
  });
});

describe('what is removed and what is appended (steps 3 and 4)', () => {
  test.each([
    ['new entries go to the end', '1 1', 2, '2 2', '1 1 2 2', null, 2],
    ['known entries change nothing', '1 1 2', 0, '1 1', '1 1 2', undefined, 0],
    [
      'a late, shorter message keeps what came behind it',
      '1 1 1 1 1',
      0,
      '1 1',
      '1 1 1 1 1',
      undefined,
      0,
    ],
    ['half known, half new: only the new are written', '1 1', 1, '1 2 2', '1 1 2 2', null, 2],
    ['a conflict takes the whole tail with it (mofa #1151)', '1 1 1 2 2', 3, '3', '1 1 1 3', 4, 1],
    ['a conflict in the middle of the message', '1 1 1 2 2', 2, '1 3', '1 1 1 3', 4, 1],
    ['a heartbeat removes nothing behind it', '1 1 1', 1, '', '1 1 1', undefined, 0],
  ] as const)('%s', (_, log, prevLogIndex, terms, expected, truncateFrom, written) => {
    const follower = serverOf({ log, currentTerm: 3 });
    const prevLogTerm = follower.log.termAt(prevLogIndex) ?? 0;
    const decision = acceptEntries(
      follower,
      appendEntries({ term: 3, prevLogIndex, prevLogTerm, terms }),
    );
    expect(termsIn(decision.state.log)).toBe(expected);
    const [write] = only(decision, 'persist');
    expect(write?.truncateFrom).toBe(truncateFrom);
    expect(write?.entries.length ?? 0).toBe(written);
  });

  test('the log that was is still what it was', () => {
    const follower = serverOf({ log: '1 1 1 2 2', currentTerm: 3 });
    acceptEntries(
      follower,
      appendEntries({ term: 3, prevLogIndex: 3, prevLogTerm: 1, terms: '3 3 3' }),
    );
    expect(termsIn(follower.log)).toBe('1 1 1 2 2');
  });

  test('a conflict at or below the commit index is a bug that stops the server (§5.4.3)', () => {
    const follower = serverOf({ log: '1 1 1', currentTerm: 3, commitIndex: 2 });
    const conflict = appendEntries({ term: 3, prevLogIndex: 1, prevLogTerm: 1, terms: '3' });
    expect(() => acceptEntries(follower, conflict)).toThrow(
      /a has committed entry 2 in term 1.*another of term 3/,
    );
  });

  test('what is truncated is no longer durable', () => {
    const follower = serverOf({ log: '1 1 1 2 2', currentTerm: 3 });
    const { state } = acceptEntries(
      follower,
      appendEntries({ term: 3, prevLogIndex: 3, prevLogTerm: 1, terms: '3' }),
    );
    expect(state.writes).toMatchObject({
      durableIndex: 3,
      pending: [{ writeId: 1, lastIndex: 4 }],
    });
  });
});

describe('the commit index follows the leader (step 5)', () => {
  test.each([
    ['as far as the leader says', '1 1 1', 0, 3, '', 2, 2],
    ['never behind what the message showed to match', '1 1 1 1', 0, 2, '', 4, 2],
    ['the entries of the message count', '1', 0, 1, '1 1', 9, 3],
    ['it never falls', '1 1 1', 3, 1, '', 1, 3],
  ])('%s', (_, log, commitIndex, prevLogIndex, terms, leaderCommit, expected) => {
    const follower = serverOf({ log, commitIndex });
    const request = appendEntries({ prevLogIndex, prevLogTerm: 1, terms, leaderCommit });
    const decision = acceptEntries(follower, request);
    expect(decision.state.commitIndex).toBe(expected);
    const applied = only(decision, 'apply').flatMap(({ entries }) =>
      entries.map(({ index }) => index),
    );
    expect(applied).toEqual(
      Array.from({ length: expected - commitIndex }, (_, at) => commitIndex + 1 + at),
    );
  });
});

describe('what is acknowledged', () => {
  test('the request, not our last index: entries behind it may conflict with the leader', () => {
    const follower = serverOf({ log: '1 1 2 2 2', currentTerm: 3 });
    const [answer] = sent(
      acceptEntries(
        follower,
        appendEntries({ term: 3, prevLogIndex: 1, prevLogTerm: 1, terms: '1' }),
      ),
    );
    expect(answer).toMatchObject({
      success: true,
      matchIndex: 2,
      requestId: 7,
      requestTerm: 3,
      prevLogIndex: 1,
    });
  });

  test('entries, when every write decided so far is durable, also one in flight that holds them', () => {
    const fresh = serverOf({ log: '', currentTerm: 1 });
    const first = acceptEntries(fresh, appendEntries({ terms: '1 1' }));
    expect(only(first, 'send')[0]).toMatchObject({ afterWrite: 1, message: { matchIndex: 2 } });
    const repeated = acceptEntries(first.state, appendEntries({ terms: '1 1', requestId: 8 }));
    expect(only(repeated, 'persist')).toEqual([]);
    expect(only(repeated, 'send')[0]).toMatchObject({
      afterWrite: 1,
      message: { matchIndex: 2, requestId: 8 },
    });
  });

  test('a heartbeat, at once, and at most what is durable already', () => {
    const { state } = acceptEntries(
      serverOf({ log: '1' }),
      appendEntries({ prevLogIndex: 1, prevLogTerm: 1, terms: '1 1' }),
    );
    const answer = only(
      acceptEntries(state, appendEntries({ prevLogIndex: 3, prevLogTerm: 1 })),
      'send',
    )[0];
    expect(answer).toMatchObject({
      afterWrite: 0,
      message: { success: true, matchIndex: 1, prevLogIndex: 3 },
    });
  });

  test("a heartbeat's answer still waits for the term it speaks of", () => {
    const adopted = persist(serverOf({ currentTerm: 2 })).state;
    const inDoubt = { ...adopted, writes: { ...adopted.writes, ofTerm: 1 } };
    expect(only(acceptEntries(inDoubt, appendEntries({ term: 2 })), 'send')[0]?.afterWrite).toBe(1);
    expect(only(refuseEntries(inDoubt, appendEntries({ term: 2 })), 'send')[0]?.afterWrite).toBe(1);
  });

  test('a refused message with entries waits for the disk like an accepted one', () => {
    const writing = persist(serverOf({ currentTerm: 1 })).state;
    const request = appendEntries({ prevLogIndex: 4, prevLogTerm: 1, terms: '1' });
    expect(only(refuseEntries(writing, request), 'send')[0]?.afterWrite).toBe(1);
  });
});

test('accepting and refusing are both word from the leader', () => {
  const follower = serverOf({ log: '1' });
  expect(acceptEntries(follower, appendEntries()).state.heardLeader).toBe('b');
  expect(refuseEntries(follower, appendEntries({ prevLogIndex: 5 })).state.heardLeader).toBe('b');
});

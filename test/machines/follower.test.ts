/** Followers (Figure 2, Rules for Servers; §5.2, §5.3; thesis §3.10, §4.2.3). */
import { describe, expect, test } from 'vitest';
import * as messages from '../rules/messages.ts';
import { only, pointerOf, sent, termsIn } from '../rules/states.ts';
import { elapses, hears, persisted, type Step, start, takes } from './steps.ts';

const lost = (step: Step, peer: string) => takes(step, { type: 'connection.lost', peer });
const following = hears(start(), messages.appendEntries());

describe('word from the leader', () => {
  test.each([
    ['entries', messages.appendEntries({ terms: '1' })],
    ['a heartbeat', messages.appendEntries()],
    [
      'entries that do not match: its leader lives',
      messages.appendEntries({ prevLogIndex: 5, prevLogTerm: 1 }),
    ],
    ['a chunk of a snapshot (§7)', messages.installSnapshot()],
  ])('restarts the timer: %s', (_, word) => {
    const after = hears(following, word);
    expect(after).toMatchObject({
      value: 'follower.following',
      armed: ['electionTimeoutMin'],
      context: { heardLeader: 'b' },
    });
    expect(after.timers).toHaveLength(1);
  });

  test('entries are written, then acknowledged behind that write, then applied as far as committed', () => {
    const request = messages.appendEntries({ terms: '1 1', leaderCommit: 1 });
    const after = hears(start({ currentTerm: 1 }), request);
    expect(after.effects).toMatchObject([
      { type: 'persist', writeId: 1, entries: [{ index: 1 }, { index: 2 }] },
      { type: 'send', afterWrite: 1, message: { success: true, matchIndex: 2 } },
      { type: 'apply', entries: [{ index: 1 }] },
    ]);
    expect(termsIn(after.context.log)).toBe('1 1');
  });

  test('a heartbeat is answered at once, for what is durable, and for all of it when that is', () => {
    const writing = hears(start({ currentTerm: 1 }), messages.appendEntries({ terms: '1 1' }));
    const beat = messages.appendEntries({ prevLogIndex: 2, prevLogTerm: 1 });
    expect(only(hears(writing, beat), 'send')).toMatchObject([
      { afterWrite: 0, message: { matchIndex: 0 } },
    ]);
    expect(only(hears(persisted(writing), beat), 'send')).toMatchObject([
      { afterWrite: 0, message: { matchIndex: 2 } },
    ]);
  });
});

describe('following the leader', () => {
  test('ends when the minimum election timeout has passed, and the rest of the timeout runs', () => {
    const suspecting = elapses(following, 'electionTimeoutMin');
    expect(suspecting).toMatchObject({
      value: 'follower.suspecting',
      armed: ['electionTimeoutRest'],
      context: { heardLeader: null },
    });
    expect(elapses(suspecting, 'electionTimeoutRest').value).toBe('candidate.preVote');
  });

  test('withholds votes and pre-votes; suspecting gives them (thesis §4.2.3)', () => {
    const asked = messages.preVote({ from: 'c', proposedTerm: 2 });
    const suspecting = elapses(following, 'electionTimeoutMin');
    expect(sent(hears(following, asked))).toMatchObject([{ granted: false }]);
    expect(sent(hears(suspecting, asked))).toMatchObject([{ granted: true }]);
    expect(hears(suspecting, asked)).toMatchObject({ value: 'follower.suspecting', armed: [] });
    const voted = hears(suspecting, messages.requestVote({ from: 'c', term: 2 }));
    expect(voted).toMatchObject({
      value: 'follower.waiting',
      armed: ['electionTimeout'],
      context: { votedFor: 'c' },
    });
  });

  test('ends with the term, though the timer goes on', () => {
    const after = hears(following, messages.appendEntriesResponse({ term: 2, requestTerm: 1 }));
    expect(after).toMatchObject({
      value: 'follower.following',
      armed: [],
      context: { heardLeader: null, currentTerm: 2 },
    });
    expect(sent(hears(after, messages.preVote({ from: 'c', proposedTerm: 3 })))).toMatchObject([
      { granted: true },
    ]);
  });

  test('begins again with its next word', () => {
    const again = hears(
      elapses(following, 'electionTimeoutMin'),
      messages.appendEntries({ requestId: 8 }),
    );
    expect(again).toMatchObject({ value: 'follower.following', context: { heardLeader: 'b' } });
  });
});

describe('a lost connection to the leader is news', () => {
  test('shortens the wait, and only a pre-vote follows from it', () => {
    const disconnected = lost(following, 'b');
    expect(disconnected).toMatchObject({
      value: 'follower.disconnected',
      armed: ['lostLeaderWait'],
      context: { heardLeader: null },
      effects: [],
    });
    const asking = elapses(disconnected, 'lostLeaderWait');
    expect(asking).toMatchObject({
      value: 'candidate.preVote',
      context: { currentTerm: 1, votedFor: null },
    });
    expect(only(asking, 'persist')).toEqual([]);
  });

  test('once per contact: a second loss shortens nothing', () => {
    const disconnected = lost(following, 'b');
    expect(lost(disconnected, 'b')).toMatchObject({ value: 'follower.disconnected', armed: [] });
    expect(hears(disconnected, messages.appendEntries({ requestId: 8 })).value).toBe(
      'follower.following',
    );
  });

  test.each([
    ['another server', following, 'c'],
    ['a leader we no longer hear from', elapses(following, 'electionTimeoutMin'), 'b'],
    ['anybody, while nobody is heard', start(), 'b'],
  ])('that of %s is none', (_, server, peer) => {
    expect(lost(server, peer)).toMatchObject({ value: server.value, armed: [], effects: [] });
  });
});

describe('TimeoutNow (thesis §3.10)', () => {
  test('from the leader we hear from: a campaign at once, marked, without a pre-vote', () => {
    const campaigning = hears(following, messages.timeoutNow());
    expect(campaigning).toMatchObject({
      value: 'candidate.vote',
      context: { currentTerm: 2, votedFor: 'a' },
    });
    expect(sent(campaigning)).toMatchObject([
      { type: 'RequestVote', term: 2, isLeadershipTransfer: true },
      { type: 'RequestVote', term: 2, isLeadershipTransfer: true },
    ]);
  });

  test('is honoured once: a copy finds a candidate, or a later term', () => {
    const campaigning = hears(following, messages.timeoutNow());
    expect(hears(campaigning, messages.timeoutNow())).toMatchObject({
      value: 'candidate.vote',
      effects: [],
      context: { currentTerm: 2 },
    });
    const again = elapses(elapses(campaigning, 'electionTimeout'), 'electionTimeout');
    expect(sent(again)[0]).toMatchObject({ type: 'PreVote' });
    const voting = hears(
      again,
      messages.preVoteResponse({ requestId: again.context.requestId, proposedTerm: 3, term: 2 }),
    );
    expect(sent(voting)[0]).toMatchObject({ type: 'RequestVote', isLeadershipTransfer: false });
  });

  test.each([
    ['a server of which it has heard nothing', start({ currentTerm: 1 }), 1],
    ['the leader that it hears from no more', elapses(following, 'electionTimeoutMin'), 1],
    ['a newer term, whose leader it has not heard from', following, 2],
  ])('from %s is ignored', (_, server, term) => {
    const after = hears(server, messages.timeoutNow({ term }));
    expect(after.value).toBe(server.value);
    expect(sent(after)).toEqual([]);
  });
});

describe('a snapshot from the leader (Figure 13)', () => {
  const last = messages.installSnapshot({ isLast: true });
  const pointer = pointerOf(5, 1, 's');
  const stored = {
    type: 'chunk.stored',
    snapshotId: 's',
    requestId: 7,
    nextOffset: 1000,
    snapshot: pointer,
  } as const;

  test('is stored, brought into force by one write, restored, and answered behind it', () => {
    const storing = hears(start({ currentTerm: 1 }), last);
    expect(storing.effects).toMatchObject([{ type: 'storeChunk', isLast: true }]);
    const installed = takes(storing, stored);
    expect(installed.effects.map(({ type }) => type)).toEqual(['persist', 'restore', 'send']);
    expect(installed.context).toMatchObject({ commitIndex: 5, snapshot: pointer, incoming: null });
  });

  test('that is not needed is answered at once and installs nothing (etcd #1763)', () => {
    const ahead = start({ log: '1 1 1 1 1 1', commitIndex: 6 });
    const after = hears(ahead, last);
    expect(sent(after)).toMatchObject([{ isDone: true }]);
    expect(after.effects).toHaveLength(1);
  });

  test('with a wrong digest begins again', () => {
    const rejected = takes(hears(start({ currentTerm: 1 }), last), {
      type: 'chunk.rejected',
      snapshotId: 's',
      requestId: 7,
    });
    expect(rejected.effects).toMatchObject([
      { type: 'discardSnapshot' },
      { type: 'send', message: { nextOffset: 0, isDone: false } },
    ]);
  });
});

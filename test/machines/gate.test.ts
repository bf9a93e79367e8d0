/** The gate in every role (Figure 2, All Servers; §5.1; thesis §4.2.3, §9.6). */
import { describe, expect, test } from 'vitest';
import type { Message } from '../../machines/rules/messages.ts';
import * as messages from '../rules/messages.ts';
import { only, sent } from '../rules/states.ts';
import { candidate, elected, hears, persisted, preCandidate, type Step, start } from './steps.ts';

/** Every role in term 5, the follower once without and once with a leader it hears from (b). */
const waiting = start({ currentTerm: 5 });
const following = hears(waiting, messages.appendEntries({ term: 5 }));
const asking = preCandidate({ currentTerm: 5 });
const voting = candidate({ currentTerm: 4 });
const leading = elected({ currentTerm: 4 });
const roles: [string, Step][] = [
  ['a follower', waiting],
  ['a follower that hears from a leader', following],
  ['a server that asks for pre-votes', asking],
  ['a candidate', voting],
  ['a leader', leading],
];

const newer: Message[] = [
  messages.appendEntries({ term: 6, from: 'c' }),
  messages.installSnapshot({ term: 6, from: 'c' }),
  messages.requestVote({ term: 6, from: 'c', isLeadershipTransfer: true }),
  messages.timeoutNow({ term: 6, from: 'c' }),
  messages.requestVoteResponse({ term: 6, requestTerm: 5, granted: false }),
  messages.appendEntriesResponse({ term: 6, requestTerm: 5, success: false }),
  messages.installSnapshotResponse({ term: 6, requestTerm: 5 }),
  messages.preVoteResponse({ term: 6, granted: false }),
];

describe.each(roles)('%s', (_, server) => {
  test('is in term 5', () => {
    expect(server.context.currentTerm).toBe(5);
  });

  test.each(newer)('adopts a newer term of $type in one write, and is a follower', (message) => {
    const after = hears(server, message);
    expect(after.value).toMatch(/^follower/);
    expect(after.context).toMatchObject({ currentTerm: 6, campaign: null, leadership: null });
    const writes = only(after, 'persist');
    expect(writes[0]).toMatchObject({ term: 6, votedFor: null });
    expect(writes.every(({ term }) => term === 6)).toBe(true);
  });

  test('handles the message that taught it in the same step, as a follower', () => {
    const request = messages.requestVote({
      term: 6,
      from: 'c',
      lastLogIndex: 9,
      lastLogTerm: 5,
      isLeadershipTransfer: true,
    });
    const after = hears(server, request);
    expect(sent(after)).toMatchObject([
      { type: 'RequestVoteResponse', to: 'c', term: 6, granted: true },
    ]);
    expect(after.context).toMatchObject({ votedFor: 'c' });
    const heard = hears(server, messages.appendEntries({ term: 6, from: 'c' }));
    expect(heard).toMatchObject({ value: 'follower.following', context: { heardLeader: 'c' } });
  });

  test('refuses a request of an older term with its own, and stays what it is', () => {
    const request = messages.appendEntries({ term: 4, from: 'c', terms: '4' });
    const after = hears(server, request);
    expect(sent(after)).toMatchObject([
      { success: false, term: 5, requestTerm: 4, requestId: 7, to: 'c' },
    ]);
    expect(after).toMatchObject({ value: server.value, armed: [], context: server.context });
    const voteAsked = hears(
      server,
      messages.requestVote({ term: 4, lastLogIndex: 9, lastLogTerm: 9 }),
    );
    expect(sent(voteAsked)).toMatchObject([{ granted: false, term: 5 }]);
  });

  test.each<Message>([
    messages.appendEntriesResponse({ term: 5, requestTerm: 4, matchIndex: 1 }),
    messages.requestVoteResponse({ term: 5, requestTerm: 4 }),
    messages.installSnapshotResponse({ term: 4, requestTerm: 4 }),
  ])('drops $type to what was asked in another term', (message) => {
    expect(hears(server, message)).toMatchObject({
      value: server.value,
      effects: [],
      outgoing: [],
      armed: [],
      context: server.context,
    });
  });

  test('is taught no term by a PreVote, answers it, and goes on as before', () => {
    const after = hears(
      server,
      messages.preVote({ proposedTerm: 99, from: 'c', lastLogIndex: 9, lastLogTerm: 5 }),
    );
    expect(sent(after)).toMatchObject([{ type: 'PreVoteResponse', term: 5, proposedTerm: 99 }]);
    expect(after).toMatchObject({ value: server.value, armed: [], context: server.context });
  });
});

describe('a RequestVote of a newer term', () => {
  const asked = messages.requestVote({ term: 6, from: 'c', lastLogIndex: 9, lastLogTerm: 5 });

  test.each([
    ['a follower that hears from a leader', following],
    ['a leader, which hears from itself', leading],
  ])('is refused by %s with its own term, and changes nothing', (_, server) => {
    const after = hears(server, asked);
    expect(sent(after)).toMatchObject([{ granted: false, term: 5, requestTerm: 6 }]);
    expect(only(after, 'persist')).toEqual([]);
    expect(after).toMatchObject({ value: server.value, armed: [], context: server.context });
  });

  test.each([
    ['marked as a transfer', { isLeadershipTransfer: true }],
    ['of that very leader', { from: 'b' }],
  ])('%s is granted all the same', (_, some) => {
    const after = hears(following, { ...asked, ...some });
    expect(after).toMatchObject({ value: 'follower.waiting', context: { currentTerm: 6 } });
    expect(sent(after)).toMatchObject([{ granted: true, term: 6 }]);
  });

  test('that is adopted but not granted leaves the election timer running', () => {
    const behind = hears(
      start({ log: '1 5' }),
      messages.requestVote({ term: 6, lastLogIndex: 1, lastLogTerm: 1 }),
    );
    expect(behind).toMatchObject({
      value: 'follower.waiting',
      armed: [],
      context: { currentTerm: 6, votedFor: null },
    });
    expect(sent(behind)).toMatchObject([{ granted: false, term: 6 }]);
  });
});

test('terms are adopted in place: the election timer of a follower goes on, also with a late answer', () => {
  const after = hears(waiting, messages.preVoteResponse({ term: 7, granted: false }));
  expect(after).toMatchObject({
    value: 'follower.waiting',
    armed: [],
    context: { currentTerm: 7 },
  });
});

test('a vote is sent behind the write that holds term and vote (seaweedfs/raft #9)', () => {
  const after = hears(waiting, messages.requestVote({ term: 6 }));
  expect(after.effects).toMatchObject([
    { type: 'persist', writeId: 1, term: 6, votedFor: null },
    { type: 'persist', writeId: 2, term: 6, votedFor: 'b' },
    { type: 'send', afterWrite: 2, message: { granted: true } },
  ]);
});

test('a deposed leader says so, before anything of the newer term', () => {
  const after = hears(
    persisted(leading),
    messages.appendEntriesResponse({ term: 6, requestTerm: 5, success: false }),
  );
  expect(after.effects.map(({ type }) => type)).toEqual(['leadershipLost', 'persist']);
  expect(only(after, 'leadershipLost')).toEqual([{ type: 'leadershipLost', term: 5 }]);
  expect(after.stopped).toEqual(['b', 'c']);
});

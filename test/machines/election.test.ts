/** An election by pure transitions of the imported machine (Figure 2, Candidates; §5.2; thesis §9.6). */
import { describe, expect, test } from 'vitest';
import { initialTransition, transition } from 'xstate';
import { roleOf, rules, serverMachine } from '../../machines/index.ts';
import {
  appendEntries,
  installSnapshot,
  preVoteResponse,
  requestVote,
  requestVoteResponse,
} from '../rules/messages.ts';
import { clusterOf, only, sent } from '../rules/states.ts';
import { candidate, elapses, elected, hears, persisted, preCandidate, start } from './steps.ts';

test('an importer of `serverMachine` alone wins an election, without an actor or a clock', () => {
  const configuration = rules.bootstrapConfiguration({ a: '', b: '', c: '' });
  const log = rules.Log.from(rules.firstBase(configuration));
  const stored = { term: 0, votedFor: null, commitIndex: 0, log, snapshot: null, lastWriteId: 0 };
  const input = { id: 'a', parameters: rules.DEFAULT_PARAMETERS, stored };
  const fromB = { from: 'b', to: 'a', granted: true } as const;
  let [snapshot] = initialTransition(serverMachine, input);
  const roles = [roleOf(snapshot)];
  const tell = (event: Parameters<typeof transition<typeof serverMachine>>[2]) => {
    [snapshot] = transition(serverMachine, snapshot, event);
    roles.push(roleOf(snapshot));
  };
  tell({ type: 'xstate.after.electionTimeout.server.follower.waiting' } as never);
  tell({
    type: 'rpc.received',
    message: { type: 'PreVoteResponse', ...fromB, term: 0, requestId: 1, proposedTerm: 1 },
  });
  tell({ type: 'storage.persisted', writeId: 1, now: 0 });
  tell({
    type: 'rpc.received',
    message: { type: 'RequestVoteResponse', ...fromB, term: 1, requestTerm: 1, requestId: 2 },
  });
  expect(roles).toEqual(['follower', 'candidate', 'candidate', 'candidate', 'leader']);
  expect(snapshot.context).toMatchObject({ currentTerm: 1, votedFor: 'a', heardLeader: 'a' });
});

describe('a follower whose election timeout passes', () => {
  test('starts without a word, a write or a child, with one timer', () => {
    expect(start()).toMatchObject({
      value: 'follower.waiting',
      effects: [],
      started: [],
      armed: ['electionTimeout'],
    });
  });

  test('asks for pre-votes first: no term is raised, nothing is written', () => {
    const asking = preCandidate({ log: '1 1' });
    expect(asking).toMatchObject({
      value: 'candidate.preVote',
      armed: ['electionTimeout', 'retryInterval'],
      context: { currentTerm: 1, votedFor: null },
    });
    expect(sent(asking)).toMatchObject([
      { type: 'PreVote', to: 'b', proposedTerm: 2, lastLogIndex: 2, lastLogTerm: 1 },
      { type: 'PreVote', to: 'c', proposedTerm: 2 },
    ]);
    expect(only(asking, 'persist')).toEqual([]);
  });

  test('asks again after another election timeout, with a new number', () => {
    const again = elapses(preCandidate(), 'electionTimeout');
    expect(again).toMatchObject({
      value: 'candidate.preVote',
      context: { requestId: 2, currentTerm: 0 },
    });
    expect(hears(again, preVoteResponse({ requestId: 1 })).value).toBe('candidate.preVote');
    expect(hears(again, preVoteResponse({ requestId: 2 })).value).toBe('candidate.vote');
  });

  test('raises the term, votes for itself and asks, in that order, when a majority would vote for it', () => {
    const voting = candidate({ log: '1' });
    expect(voting).toMatchObject({
      value: 'candidate.vote',
      context: { currentTerm: 2, votedFor: 'a' },
    });
    expect(voting.effects).toMatchObject([
      { type: 'persist', term: 2, votedFor: 'a' },
      { type: 'send', afterWrite: 1, message: { type: 'RequestVote', to: 'b', term: 2 } },
      { type: 'send', afterWrite: 1, message: { type: 'RequestVote', to: 'c', term: 2 } },
    ]);
  });
});

describe('a candidate', () => {
  const vote = requestVoteResponse({ term: 1, requestId: 2 });

  test('wins when a majority has voted, its own vote being durable', () => {
    expect(hears(persisted(candidate()), vote).value).toBe('leader');
  });

  test("does not lead by another's vote before its own disk has its own (§5.2)", () => {
    const voted = hears(candidate(), vote);
    expect(voted.value).toBe('candidate.vote');
    expect(persisted(voted).value).toBe('leader');
  });

  test('leads at once by the votes of all others, which are a majority without its own', () => {
    expect(hears(candidate(), vote, { ...vote, from: 'c' }).value).toBe('leader');
  });

  test.each([
    ['a refusal', { ...vote, granted: false }],
    ['a stranger', { ...vote, from: 'x' }],
    ['an answer to an earlier number', { ...vote, requestId: 1 }],
  ])('does not win by %s', (_, answer) => {
    expect(hears(persisted(candidate()), answer).value).toBe('candidate.vote');
  });

  test('does not win by one voter twice', () => {
    expect(hears(candidate(), vote, vote).value).toBe('candidate.vote');
  });

  test('asks for pre-votes again when the vote was split (§5.2)', () => {
    const split = elapses(persisted(candidate()), 'electionTimeout');
    expect(split).toMatchObject({
      value: 'candidate.preVote',
      context: { currentTerm: 1, requestId: 3 },
    });
    expect(hears(split, vote).value).toBe('candidate.preVote');
  });

  test.each([appendEntries({ from: 'c' }), installSnapshot({ from: 'c' })])(
    'follows whoever leads its term ($type)',
    (word) => {
      const followed = hears(candidate(), word);
      expect(followed).toMatchObject({
        value: 'follower.following',
        context: { heardLeader: 'c', campaign: null, currentTerm: 1 },
      });
      expect(followed.effects).not.toEqual([]);
    },
  );

  test('grants no other vote in its term', () => {
    expect(
      sent(hears(candidate(), requestVote({ term: 1, lastLogIndex: 9, lastLogTerm: 9 }))),
    ).toMatchObject([{ granted: false }]);
  });

  test('that only asks for pre-votes still has its vote to give, and gives up its campaign for it', () => {
    const asking = preCandidate({ currentTerm: 1, log: '1' });
    const given = hears(asking, requestVote({ term: 1, lastLogIndex: 1, lastLogTerm: 1 }));
    expect(given).toMatchObject({
      value: 'follower.waiting',
      context: { votedFor: 'b', campaign: null },
    });
    expect(sent(given)).toMatchObject([{ granted: true }]);
  });
});

describe('a cluster of one', () => {
  const alone = { configuration: clusterOf('a') };

  test('skips the pre-vote round, and leads after its first sync', () => {
    const voting = preCandidate(alone);
    expect(voting).toMatchObject({ value: 'candidate.vote', context: { currentTerm: 1 } });
    expect(voting.effects.map(({ type }) => type)).toEqual(['persist']);
    const leading = persisted(voting);
    expect(leading.value).toBe('leader');
    expect(only(persisted(leading), 'apply')).toMatchObject([
      { entries: [{ index: 1, type: 'empty' }] },
    ]);
  });

  test('passes every quorum check', () => {
    expect(elapses(persisted(persisted(preCandidate(alone))), 'quorumCheckInterval').value).toBe(
      'leader',
    );
  });
});

test('a learner waits on, and never campaigns (thesis §4.2.1)', () => {
  const { servers } = clusterOf();
  const configuration = {
    servers: servers.map((one) => ({ ...one, votes: one.id !== 'a' })),
    next: null,
  };
  expect(preCandidate({ configuration })).toMatchObject({
    value: 'follower.waiting',
    effects: [],
    armed: ['electionTimeout'],
  });
});

test('a new leader writes its empty entry and starts an actor for every follower (§5.2, §8)', () => {
  const leading = elected({ log: '1 1' });
  expect(leading).toMatchObject({
    value: 'leader',
    started: ['b', 'c'],
    armed: ['quorumCheckInterval'],
  });
  expect(leading.effects).toMatchObject([
    { type: 'persist', term: 2, entries: [{ index: 3, term: 2, type: 'empty' }] },
  ]);
  expect(leading.context).toMatchObject({
    heardLeader: 'a',
    campaign: null,
    leadership: { firstIndex: 3 },
  });
});

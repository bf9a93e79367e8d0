/** Each fact leads to the section that says why; with a reason, to the reason's own. */
import { expect, test } from 'vitest';
import { type AnyFact, feedFact } from '../../src/feed/feed-fact.ts';
import { citationOf } from '../../src/feed/sentences.ts';

const position = { index: 1, term: 1 };
const ballot = { votes: ['a'], needed: 1 };
const vote = { kind: 'refusedVote', stage: 'vote', to: 'b', term: 2 } as const;
const steppedDown = { kind: 'steppedDown', as: 'leader', term: 2 } as const;
const asked = { kind: 'askedForVotes', term: 2, lastLog: position, asked: ['b'] } as const;
const appended = { kind: 'appendedEntries', leader: 'a', runs: [] } as const;

test.each<[string, AnyFact]>([
  ['§5.1', { ...vote, refusal: { reason: 'wrong-term', own: 3, candidate: 2 } }],
  ['§5.2', { ...vote, refusal: { reason: 'already-voted', term: 2, votedFor: 'c' } }],
  ['thesis §4.2.3', { ...vote, refusal: { reason: 'hears-leader', term: 2, leader: 'c' } }],
  ['§5.4.1', { ...vote, refusal: { reason: 'log-behind', own: position, candidate: position } }],
  ['§5.1', { ...steppedDown, why: { reason: 'newer-term', from: 'b', own: 2, seen: 3 } }],
  [
    'thesis §6.2',
    { ...steppedDown, why: { reason: 'quorum-silent', heard: ['a'], needed: 2, silentMs: 300 } },
  ],
  ['§5.2', { ...steppedDown, why: { reason: 'leader-found', leader: 'b', term: 2 } }],
  ['§5.2', { ...asked, why: { reason: 'pre-votes', ...ballot } }],
  ['thesis §3.10', { ...asked, why: { reason: 'asked-by-leader', leader: 'b' } }],
  ['§5.2', { kind: 'grantedVote', stage: 'vote', to: 'b', term: 2 }],
  ['thesis §9.6', { kind: 'grantedVote', stage: 'pre-vote', to: 'b', term: 2 }],
  ['§8', { ...appended, source: 'election' }],
  ['§5.3', { ...appended, source: 'leader' }],
  ['§5.4.2', { kind: 'withheldCommit', entry: position, term: 2, matchIndexOf: [], needed: 2 }],
  ['§7', { kind: 'beganSnapshot', through: 3 }],
])('%s', (citation, fact) => {
  expect(citationOf(feedFact('a', fact))).toBe(citation);
});

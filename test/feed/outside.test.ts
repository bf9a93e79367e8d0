/** What is done from outside, as the feed tells it. */
import { expect, test } from 'vitest';
import { type FactOf, type FeedFact, feedFact } from '../../src/feed/feed-fact.ts';
import { citationOf, importanceOf, sentenceOf } from '../../src/feed/sentences.ts';

const applied = { outcome: 'applied', result: null, index: 4, term: 2 } as const;
const refused = { outcome: 'refused', reason: 'not-leader', leader: 'c', retry: true } as const;
const call = 'put x = 1';

const lost = (
  message: FactOf<'lostMessage'>['message'],
  why: FactOf<'lostMessage'>['why'],
  isHeartbeat = false,
) => feedFact('a', { kind: 'lostMessage', to: 'b', message, isHeartbeat, why });

const told: readonly (readonly [FeedFact, string])[] = [
  [
    feedFact('a', { kind: 'crashed', lastIndex: 5, durableIndex: 5 }),
    'a crashed: its log, through entry 5, is on its disk',
  ],
  [
    feedFact('a', { kind: 'crashed', lastIndex: 5, durableIndex: 3 }),
    'a crashed: its disk is sure to have its log through entry 3 only, not entries 4 to 5',
  ],
  [
    feedFact('a', { kind: 'crashed', lastIndex: 0, durableIndex: 0 }),
    'a crashed: its log is empty',
  ],
  [feedFact('a', { kind: 'paused' }), 'a is paused: it does nothing while time goes on'],
  [feedFact('a', { kind: 'resumed' }), 'a resumes, and receives at once what it has missed'],
  [feedFact('a', { kind: 'stopped' }), 'a was asked to stop'],
  [
    feedFact('a', { kind: 'failed', message: 'the disk is full' }),
    'a has failed: the disk is full',
  ],
  [feedFact('a', { kind: 'wasTimedOut' }), "a's timer was made to expire"],
  [feedFact('a', { kind: 'lostLink', to: 'b' }), 'the link from a to b is cut'],
  [feedFact('a', { kind: 'regainedLink', to: 'b' }), 'the link from a to b is whole again'],
  [
    feedFact(null, { kind: 'partitioned', groups: [['a', 'b'], ['c']] }),
    'the network is split: {a, b} and {c} hear nothing of each other',
  ],
  [feedFact(null, { kind: 'healed' }), 'the network is whole again'],
  [lost('RequestVote', 'dropped'), "a's RequestVote to b was dropped on its way"],
  [lost('PreVote', 'cut'), "a's PreVote to b was lost: the link is cut"],
  [lost('PreVote', 'nobody'), "a's PreVote to b found nobody there"],
  [
    feedFact('a', { kind: 'settledCall', call, isRead: false, outcome: applied }),
    'put x = 1 was applied as entry 4 of term 2',
  ],
  [
    feedFact('a', { kind: 'settledCall', call: 'get x', isRead: true, outcome: applied }),
    'get x was answered as of entry 4',
  ],
  [
    feedFact('a', { kind: 'settledCall', call, isRead: false, outcome: refused }),
    'put x = 1 was refused, and not applied (not-leader); c leads',
  ],
  [
    feedFact('a', {
      kind: 'settledCall',
      call,
      isRead: false,
      outcome: { outcome: 'unknown', reason: 'leadership-lost' },
    }),
    'put x = 1 may have been applied, or may yet be (leadership-lost)',
  ],
];

test.each(told)('$kind: %#', (happened, sentence) => {
  expect(sentenceOf(happened)).toBe(sentence);
});

test('a heartbeat that is lost matters little, and its answer too: unless somebody dropped it', () => {
  expect(importanceOf(lost('AppendEntries', 'nobody', true))).toBe('low');
  expect(importanceOf(lost('AppendEntries', 'cut', true))).toBe('low');
  expect(importanceOf(lost('AppendEntriesResponse', 'cut'))).toBe('low');
  expect(importanceOf(lost('AppendEntries', 'dropped', true))).toBe('normal');
  expect(importanceOf(lost('AppendEntries', 'nobody'))).toBe('normal');
  expect(importanceOf(lost('RequestVote', 'cut'))).toBe('normal');
});

test('no rule of the paper has decided it; a call’s outcome is of §8', () => {
  for (const [happened] of told) {
    expect(citationOf(happened)).toBe(happened.kind === 'settledCall' ? '§8' : null);
  }
});

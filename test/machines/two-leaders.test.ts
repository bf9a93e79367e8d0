/** Two servers that say that they lead one term stop whoever hears it (Figure 3; §5.2). */
import { describe, expect, test } from 'vitest';
import type { Message } from '../../machines/rules/messages.ts';
import * as messages from '../rules/messages.ts';
import { elapses, elected, hears, preCandidate, type Step, start, takes } from './steps.ts';

/** In term 1, with b as its leader. */
const following = hears(start({ log: '1' }), messages.appendEntries());
const suspecting = elapses(following, 'electionTimeoutMin');
const asking = elapses(suspecting, 'electionTimeoutRest');
const followers: [string, Step][] = [
  ['follower.following', following],
  ['follower.suspecting', suspecting],
  ['follower.disconnected', takes(following, { type: 'connection.lost', peer: 'b' })],
  ['candidate.preVote', asking],
];

/** In term 1, which it has led itself. */
const leading = elected();
const leaders: [string, Step][] = [
  ['leader', leading],
  ['follower.waiting', elapses(leading, 'quorumCheckInterval')],
];

const snapshot = { id: 's', index: 0, term: 0, sizeBytes: 9 };
const claims: [string, Message][] = [
  ['an entry', messages.appendEntries({ from: 'c', terms: '1' })],
  ['a heartbeat', messages.appendEntries({ from: 'c' })],
  [
    'entries of another log',
    messages.appendEntries({ from: 'c', prevLogIndex: 9, prevLogTerm: 1 }),
  ],
  ['a chunk', messages.installSnapshot({ from: 'c' })],
  ['a chunk of what is committed here', messages.installSnapshot({ from: 'c', snapshot })],
  ['TimeoutNow', messages.timeoutNow({ from: 'c' })],
];

describe.each(followers)(
  'a server in %s that knows b as the leader of its term',
  (value, server) => {
    test('is what it is said to be', () => {
      expect(server).toMatchObject({ value, context: { currentTerm: 1, termLeader: 'b' } });
    });

    test.each(claims)('is stopped by %s from c, with nothing done', (_, claim) => {
      expect(() => hears(server, claim)).toThrow(
        'a knows that b leads term 1, and c says that it leads term 1 too (§5.2, Election Safety)',
      );
    });

    test.each(claims)('is not stopped by %s from b', (_, claim) => {
      expect(() => hears(server, { ...claim, from: 'b' })).not.toThrow();
    });

    test('follows c in the next term', () => {
      const after = hears(server, messages.appendEntries({ from: 'c', term: 2 }));
      const known = { currentTerm: 2, termLeader: 'c', heardLeader: 'c' };
      expect(after).toMatchObject({ value: 'follower.following', context: known });
    });
  },
);

describe.each(leaders)('a server in %s that was elected to lead its term', (value, server) => {
  test('is what it is said to be', () => {
    expect(server).toMatchObject({ value, context: { currentTerm: 1, termLeader: 'a' } });
  });

  test.each(claims)('is stopped by %s from c', (_, claim) => {
    expect(() => hears(server, claim)).toThrow(
      'a leads term 1, and c says that it leads term 1 too (§5.2, Election Safety)',
    );
  });
});

test('after a restart no leader is known: it follows whoever speaks first', () => {
  const restarted = preCandidate({ log: '1' });
  expect(hears(restarted, messages.appendEntries({ from: 'c' }))).toMatchObject({
    value: 'follower.following',
    context: { termLeader: 'c' },
  });
});

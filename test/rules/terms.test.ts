/** The gate (Figure 2, All Servers; §5.1; thesis §4.2.3, §9.6). */
import { describe, expect, test } from 'vitest';
import type { Message } from '../../machines/rules/messages.ts';
import {
  adoptTerm,
  isMisaddressed,
  isRequestOfOlderTerm,
  isStaleResponse,
  mayAdoptTerm,
  refuseOlderTerm,
} from '../../machines/rules/terms.ts';
import * as messages from './messages.ts';
import { leaderOf, only, sent, serverOf } from './states.ts';

const inTerm5 = serverOf({ currentTerm: 5, votedFor: 'c' });
const hearing = { ...inTerm5, termLeader: 'c', heardLeader: 'c' };
const leading = leaderOf({ currentTerm: 5 });

describe('who may teach a term', () => {
  test.each([
    ['AppendEntries of a newer term', inTerm5, messages.appendEntries({ term: 6 }), true],
    ['InstallSnapshot of a newer term', inTerm5, messages.installSnapshot({ term: 6 }), true],
    ['TimeoutNow of a newer term', inTerm5, messages.timeoutNow({ term: 6 }), true],
    ['any response of a newer term', inTerm5, messages.appendEntriesResponse({ term: 6 }), true],
    [
      'a PreVoteResponse of a newer term (etcd #8501)',
      inTerm5,
      messages.preVoteResponse({ term: 6 }),
      true,
    ],
    ['a message of our own term', inTerm5, messages.appendEntries({ term: 5 }), false],
    ['a message of an older term', inTerm5, messages.requestVote({ term: 4 }), false],
    ['a PreVote, whatever it proposes', inTerm5, messages.preVote({ proposedTerm: 9 }), false],
    ['RequestVote while nobody is heard', inTerm5, messages.requestVote({ term: 6 }), true],
    ['RequestVote while we hear from a leader', hearing, messages.requestVote({ term: 6 }), false],
    [
      'RequestVote to a leader, which hears from itself',
      leading,
      messages.requestVote({ term: 6 }),
      false,
    ],
    [
      'RequestVote of that very leader',
      hearing,
      messages.requestVote({ term: 6, from: 'c' }),
      true,
    ],
    [
      'RequestVote that the leader wanted',
      hearing,
      messages.requestVote({ term: 6, isLeadershipTransfer: true }),
      true,
    ],
    [
      'AppendEntries, also while we hear from another leader',
      hearing,
      messages.appendEntries({ term: 6 }),
      true,
    ],
  ] as const)('%s', (_, state, message, expected) => {
    expect(mayAdoptTerm(state, message)).toBe(expected);
  });

  test('a newer term has no vote and no leader yet, and both facts are one write (hashicorp/raft #661)', () => {
    const decision = adoptTerm(hearing, messages.appendEntries({ term: 6 }));
    const unknown = { votedFor: null, termLeader: null, heardLeader: null };
    expect(decision.state).toMatchObject({ currentTerm: 6, ...unknown });
    expect(decision.effects).toMatchObject([
      { type: 'persist', writeId: 1, term: 6, votedFor: null },
    ]);
    expect(decision.state.writes).toMatchObject({ decided: 1, durable: 0, ofTerm: 1 });
  });
});

describe('a message that is not for this server', () => {
  test.each([
    ['from another server to this one', {}, false],
    ['from a server that is no member, which may lead all the same (§6)', { from: 'x' }, false],
    ['to another server', { to: 'c' }, true],
    ['in this server’s own name', { from: 'a' }, true],
    ['in its own name, to another', { from: 'a', to: 'c' }, true],
  ])('%s', (_, envelope, expected) => {
    const message = messages.appendEntries({ term: 6, ...envelope });
    expect(isMisaddressed(inTerm5, message)).toBe(expected);
    expect(mayAdoptTerm(inTerm5, message)).toBe(!expected);
  });
});

describe('an older term', () => {
  const requests = [
    messages.requestVote({ term: 4 }),
    messages.appendEntries({ term: 4, terms: '4', prevLogIndex: 3, prevLogTerm: 2 }),
    messages.installSnapshot({ term: 4 }),
  ];

  test.each(requests)(
    '$type is refused with our own term, echoing its term and number',
    (request) => {
      expect(isRequestOfOlderTerm(inTerm5, request)).toBe(true);
      const [refusal] = sent(refuseOlderTerm(inTerm5, request));
      expect(refusal).toMatchObject({
        type: `${request.type}Response`,
        from: 'a',
        to: 'b',
        term: 5,
        requestTerm: 4,
        requestId: 7,
      });
      expect(refusal).not.toMatchObject({ granted: true });
      expect(refusal).not.toMatchObject({ success: true });
      expect(refusal).not.toMatchObject({ isDone: true });
    },
  );

  test('a refusal promises our term, so it waits for what is being written', () => {
    const { state } = adoptTerm(inTerm5, messages.appendEntries({ term: 6 }));
    const [send] = only(refuseOlderTerm(state, messages.requestVote({ term: 4 })), 'send');
    expect(send?.afterWrite).toBe(state.writes.decided);
  });

  test('TimeoutNow of an older term needs no answer', () => {
    const request = messages.timeoutNow({ term: 4 });
    expect(isRequestOfOlderTerm(inTerm5, request)).toBe(true);
    expect(refuseOlderTerm(inTerm5, request)).toEqual({
      state: inTerm5,
      effects: [],
      outgoing: [],
    });
  });

  test('a PreVote is no request of an older term: it is always answered by its own rule', () => {
    expect(isRequestOfOlderTerm(inTerm5, messages.preVote({ proposedTerm: 2 }))).toBe(false);
  });
});

describe('a response that cannot count', () => {
  test.each<[string, Message, boolean]>([
    [
      'of a responder that has fallen behind us',
      messages.appendEntriesResponse({ term: 4, requestTerm: 5 }),
      true,
    ],
    [
      'to what we asked in an older term (goraft #162)',
      messages.appendEntriesResponse({ term: 5, requestTerm: 4 }),
      true,
    ],
    [
      'to a vote we asked in an older term',
      messages.requestVoteResponse({ term: 5, requestTerm: 3 }),
      true,
    ],
    [
      'to a chunk of an older term',
      messages.installSnapshotResponse({ term: 5, requestTerm: 4 }),
      true,
    ],
    [
      'to what we asked in this term: it counts',
      messages.appendEntriesResponse({ term: 5, requestTerm: 5 }),
      false,
    ],
    [
      'a PreVoteResponse of an older term: it counts all the same',
      messages.preVoteResponse({ term: 2 }),
      false,
    ],
    ['a request is no response', messages.requestVote({ term: 4 }), false],
  ])('%s', (_, message, expected) => {
    expect(isStaleResponse(inTerm5, message)).toBe(expected);
  });
});

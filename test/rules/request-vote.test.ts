/** Elections (Figure 2, RequestVote RPC; §5.2, §5.4.1; thesis §9.6, §3.10). */
import { describe, expect, test } from 'vitest';
import * as vote from '../../machines/rules/request-vote.ts';
import { campaignOf } from '../../machines/rules/state.ts';
import {
  preVote,
  preVoteResponse,
  requestVote,
  requestVoteResponse,
  timeoutNow,
} from './messages.ts';
import { clusterOf, leaderOf, only, sent, serverOf } from './states.ts';

describe('a vote', () => {
  const voter = serverOf({ log: '1 2 2', currentTerm: 3 });
  const upToDate = { term: 3, lastLogIndex: 3, lastLogTerm: 2 };

  test.each([
    ['the same log', { lastLogIndex: 3, lastLogTerm: 2 }, true],
    ['a longer log of the same last term', { lastLogIndex: 4, lastLogTerm: 2 }, true],
    ['a shorter log of a newer last term', { lastLogIndex: 1, lastLogTerm: 3 }, true],
    ['a shorter log of the same last term', { lastLogIndex: 2, lastLogTerm: 2 }, false],
    ['a longer log of an older last term', { lastLogIndex: 9, lastLogTerm: 1 }, false],
    ['an empty log', { lastLogIndex: 0, lastLogTerm: 0 }, false],
  ])('for a candidate that shows %s (§5.4.1)', (_, last, granted) => {
    expect(vote.mayGrantVote(voter, requestVote({ term: 3, ...last }))).toBe(granted);
  });

  test.each([
    ['nobody has it yet', {}, true],
    ['it is already given to that candidate', { votedFor: 'b' }, true],
    ['it is already given to another (§5.2)', { votedFor: 'c' }, false],
    ['it is already given to ourselves', { votedFor: 'a' }, false],
    ['we hear from a leader (thesis §4.2.3)', { heardLeader: 'c' }, false],
    ['the request is of another term', { currentTerm: 4 }, false],
  ])('when %s', (_, given, granted) => {
    expect(vote.mayGrantVote({ ...voter, ...given }, requestVote(upToDate))).toBe(granted);
  });

  test('a compacted log shows the last entry of its snapshot (§7)', () => {
    const compacted = serverOf({ log: '1 2 |', currentTerm: 3 });
    expect(
      vote.mayGrantVote(compacted, requestVote({ term: 3, lastLogIndex: 1, lastLogTerm: 2 })),
    ).toBe(false);
    expect(
      vote.mayGrantVote(compacted, requestVote({ term: 3, lastLogIndex: 2, lastLogTerm: 2 })),
    ).toBe(true);
  });

  test('a vote is written before it is given (seaweedfs/raft #9)', () => {
    const { state, effects } = vote.grantVote(voter, requestVote(upToDate));
    expect(state.votedFor).toBe('b');
    expect(effects).toMatchObject([
      { type: 'persist', writeId: 1, term: 3, votedFor: 'b' },
      {
        type: 'send',
        afterWrite: 1,
        message: {
          type: 'RequestVoteResponse',
          granted: true,
          term: 3,
          requestTerm: 3,
          requestId: 7,
        },
      },
    ]);
  });

  test('a vote that is asked for again is given again without another write, after the first', () => {
    const first = vote.grantVote(voter, requestVote(upToDate));
    const again = vote.grantVote(first.state, requestVote({ ...upToDate, requestId: 8 }));
    expect(again.state).toBe(first.state);
    expect(again.effects).toMatchObject([
      { type: 'send', afterWrite: 1, message: { granted: true, requestId: 8 } },
    ]);
  });

  test('a refusal changes nothing and carries our term', () => {
    const { state, effects } = vote.refuseVote(voter, requestVote({ term: 9 }));
    expect(state).toBe(voter);
    expect(effects).toMatchObject([
      { type: 'send', message: { granted: false, term: 3, requestTerm: 9 } },
    ]);
  });
});

describe('a pre-vote (thesis §9.6)', () => {
  const voter = serverOf({ log: '1 2 2', currentTerm: 3 });
  const asked = { proposedTerm: 4, lastLogIndex: 3, lastLogTerm: 2 };

  test.each([
    ['a newer term, an up-to-date log, no leader', voter, asked, true],
    ['our own term', voter, { ...asked, proposedTerm: 3 }, false],
    ['an older term', voter, { ...asked, proposedTerm: 2 }, false],
    ['a log that is behind', voter, { ...asked, lastLogIndex: 2 }, false],
    ['somebody while we hear from a leader', { ...voter, heardLeader: 'c' }, asked, false],
    ['a leader, which hears from itself', leaderOf({ log: '1 2 2', currentTerm: 3 }), asked, false],
    ['one we have voted against in this term', { ...voter, votedFor: 'c' }, asked, true],
  ])('for %s', (_, state, request, granted) => {
    const decision = vote.answerPreVote(state, preVote(request));
    expect(decision.state).toBe(state);
    expect(decision.effects).toEqual([
      {
        type: 'send',
        afterWrite: 0,
        message: {
          ...preVoteResponse({
            from: 'a',
            to: 'b',
            term: 3,
            proposedTerm: request.proposedTerm,
            granted,
          }),
        },
      },
    ]);
  });

  test('one with the newer term and one with the longer log do not wait for ever (etcd #8501)', () => {
    const newer = serverOf({ log: '1', currentTerm: 5 });
    const [answer] = sent(
      vote.answerPreVote(newer, preVote({ proposedTerm: 3, lastLogIndex: 3, lastLogTerm: 2 })),
    );
    expect(answer).toMatchObject({ granted: false, term: 5 });
    const caughtUp = preVote({ proposedTerm: 6, lastLogIndex: 3, lastLogTerm: 2 });
    expect(vote.refusalOfPreVote(newer, caughtUp)).toBeNull();
  });

  test('asking raises no term and writes nothing', () => {
    const { state, effects } = vote.beginPreVote({ ...voter, requestId: 4 });
    expect(state).toMatchObject({
      currentTerm: 3,
      votedFor: null,
      requestId: 5,
      heardLeader: null,
    });
    expect(effects.map(({ type }) => type)).toEqual(['send', 'send']);
    expect(effects).toMatchObject([
      {
        afterWrite: 0,
        message: {
          type: 'PreVote',
          to: 'b',
          requestId: 5,
          proposedTerm: 4,
          lastLogIndex: 3,
          lastLogTerm: 2,
        },
      },
      { afterWrite: 0, message: { type: 'PreVote', to: 'c', requestId: 5, proposedTerm: 4 } },
    ]);
    expect(effects[0]).not.toHaveProperty('message.term');
  });

  test.each([
    ['to this campaign', { requestId: 1, proposedTerm: 4, granted: true }, true],
    [
      'of an older term, to this campaign',
      { requestId: 1, proposedTerm: 4, granted: true, term: 1 },
      true,
    ],
    ['that refuses', { requestId: 1, proposedTerm: 4, granted: false }, false],
    ['to an earlier campaign', { requestId: 0, proposedTerm: 4, granted: true }, false],
    ['for another term', { requestId: 1, proposedTerm: 5, granted: true }, false],
    ['of a stranger', { requestId: 1, proposedTerm: 4, granted: true, from: 'x' }, false],
  ])('an answer %s', (_, answer, counts) => {
    const { state } = vote.beginPreVote(voter);
    expect(vote.wonElection(vote.countPreVote(state, preVoteResponse(answer)).state)).toBe(counts);
  });
});

describe('a campaign', () => {
  const candidate = vote.beginVote(
    vote.beginPreVote(serverOf({ log: '1 2', currentTerm: 2 })).state,
  );

  test('raises the term and votes for itself by one write, and asks all others behind it (§5.2)', () => {
    expect(candidate.state).toMatchObject({ currentTerm: 3, votedFor: 'a', heardLeader: null });
    expect(candidate.effects).toMatchObject([
      { type: 'persist', writeId: 1, term: 3, votedFor: 'a' },
      {
        type: 'send',
        afterWrite: 1,
        message: {
          type: 'RequestVote',
          to: 'b',
          term: 3,
          requestId: 2,
          lastLogIndex: 2,
          lastLogTerm: 2,
        },
      },
      {
        type: 'send',
        afterWrite: 1,
        message: { type: 'RequestVote', to: 'c', term: 3, requestId: 2 },
      },
    ]);
    expect(only(candidate, 'send')[0]?.message).toMatchObject({ isLeadershipTransfer: false });
  });

  test('its own vote counts when it is durable, not before (d-engine #446)', () => {
    expect(campaignOf(candidate.state).votes).toEqual([]);
    expect(vote.countOwnVote(candidate.state).state).toBe(candidate.state);
    const durable = { ...candidate.state, writes: { ...candidate.state.writes, durable: 1 } };
    expect(campaignOf(vote.countOwnVote(durable).state).votes).toEqual(['a']);
  });

  const b = requestVoteResponse({ term: 3, requestId: 2 });
  test.each([
    ['two voters', [b, { ...b, from: 'c' }], true],
    ['one voter twice', [b, b], false],
    ['one voter and a stranger', [b, { ...b, from: 'x' }], false],
    ['one voter and a refusal', [b, { ...b, from: 'c', granted: false }], false],
    [
      'one voter and an answer to an earlier request',
      [b, { ...b, from: 'c', requestId: 1 }],
      false,
    ],
    ['one voter and an answer of another term', [b, { ...b, from: 'c', requestTerm: 2 }], false],
  ])('%s', (_, answers, won) => {
    const counted = answers.reduce(
      (state, answer) => vote.countVote(state, answer).state,
      candidate.state,
    );
    expect(vote.wonElection(counted)).toBe(won);
  });

  test('a learner neither counts nor campaigns (thesis §4.2.1)', () => {
    const { servers } = clusterOf('a', 'b', 'c');
    const learners = {
      servers: servers.map((one) => ({ ...one, votes: one.id === 'a' })),
      next: null,
    };
    const { state } = vote.beginVote(serverOf({ configuration: learners }));
    expect(vote.countVote(state, requestVoteResponse({ requestId: 1 })).state).toBe(state);
    expect(
      vote.mayCampaignAtOnce({ ...state, id: 'b', heardLeader: 'a' }, timeoutNow({ from: 'a' })),
    ).toBe(false);
  });

  test('a transfer marks the one election that the leader asked for (thesis §3.10)', () => {
    const { state } = vote.campaignAtOnce(serverOf({ heardLeader: 'b', currentTerm: 1 }));
    const first = vote.beginVote(state);
    expect(sent(first)[0]).toMatchObject({ isLeadershipTransfer: true, term: 2 });
    const second = vote.beginVote(vote.beginPreVote(first.state).state);
    expect(sent(second)[0]).toMatchObject({ isLeadershipTransfer: false, term: 3 });
  });

  test.each([
    ['the leader we hear from', 'b', true],
    ['anybody else', 'c', false],
    ['nobody we hear from', null, false],
  ])('TimeoutNow from %s', (_, heardLeader, honoured) => {
    expect(vote.mayCampaignAtOnce(serverOf({ heardLeader }), timeoutNow())).toBe(honoured);
  });
});

/** A follower that has lost what it had acknowledged counts in no majority until it has that again. */
import { describe, expect, test } from 'vitest';
import { recordAppendEntriesResponse } from '../../machines/rules/acknowledgements.ts';
import { committedIndex, matchIndexOf } from '../../machines/rules/commitment.ts';
import {
  becomeLeader,
  hearsFromQuorum,
  resign,
  transferLeadership,
} from '../../machines/rules/leadership.ts';
import { acknowledgedByQuorum } from '../../machines/rules/reads.ts';
import {
  beginPreVote,
  beginVote,
  countOwnVote,
  countPreVote,
  countVote,
  wonElection,
} from '../../machines/rules/request-vote.ts';
import type { ServerState } from '../../machines/rules/state.ts';
import { forgetLeader, hearLeader } from '../../machines/rules/term-leader.ts';
import { distrust } from '../../machines/rules/unreliable.ts';
import { recordWrites } from '../../machines/rules/writes.ts';
import { appendEntriesResponse, preVoteResponse, requestVoteResponse } from './messages.ts';
import { followerIn, leaderOf, only, quorumCheck, sent, storing } from './states.ts';

/** Leads term 1, has asked up to number 20 since it was elected, and b has answered it all. */
const elected = leaderOf(
  { log: '1 1 1 1 1', requestId: 5 },
  { b: { matchIndex: 3, matchedAt: 9, lastAcknowledgedRequest: 20 } },
);
const whole = { ...elected, requestId: 20 };
const answer = (state: ServerState, some: object) =>
  recordAppendEntriesResponse(state, appendEntriesResponse({ term: 1, ...some }));
const refusal = { success: false, requestId: 20, prevLogIndex: 3, hintIndex: 1, hintTerm: 1 };
const lost = answer(whole, refusal).state;

describe('it counts for nothing', () => {
  test('in what a majority stores (§5.3), while its matchIndex stays what it was', () => {
    expect(committedIndex(storing(whole, 5))).toBe(3);
    expect(committedIndex(storing(lost, 5))).toBe(0);
    expect(matchIndexOf(lost, 'b')).toBe(0);
    expect(followerIn(lost, 'b').matchIndex).toBe(3);
  });

  test('in what a majority has lastAcknowledgedRequest: it may have forgotten a newer term (thesis §6.4)', () => {
    expect(acknowledgedByQuorum(whole)).toBe(20);
    expect(acknowledgedByQuorum(lost)).toBe(0);
  });

  test('in the quorum check (thesis §6.2)', () => {
    expect(hearsFromQuorum(whole)).toBe(true);
    expect(hearsFromQuorum(lost)).toBe(false);
  });

  test('as a successor (thesis §3.10), also of a later leadership', () => {
    expect(sent(transferLeadership(lost)).map(({ to }) => to)).toEqual(['c']);
    expect(sent(transferLeadership(leadingAgain())).map(({ to }) => to)).toEqual(['c']);
  });

  test('as a voter of whoever saw the loss: it may have voted before (§5.2)', () => {
    const asking = beginPreVote(resign(lost, quorumCheck).state).state;
    const { requestId, currentTerm } = asking;
    const granted = { granted: true, term: 1, requestId, proposedTerm: currentTerm + 1 };
    expect(wonElection(countPreVote(asking, preVoteResponse(granted)).state)).toBe(false);
    const fromC = preVoteResponse({ ...granted, from: 'c' });
    expect(wonElection(countPreVote(asking, fromC).state)).toBe(true);

    const campaigning = campaignOf(asking);
    const vote = { granted: true, term: 2, requestTerm: 2, requestId: campaigning.requestId };
    expect(wonElection(countVote(campaigning, requestVoteResponse(vote)).state)).toBe(false);
    const ofC = requestVoteResponse({ ...vote, from: 'c' });
    expect(wonElection(countVote(campaigning, ofC).state)).toBe(true);
  });
});

/** With its own vote durable. */
function campaignOf(state: ServerState): ServerState {
  const begun = beginVote(state).state;
  return countOwnVote(recordWrites(begun, { writeId: begun.writes.decided }).state).state;
}

function leadingAgain(): ServerState {
  return becomeLeader({ ...campaignOf(resign(lost, quorumCheck).state), campaign: null }).state;
}

describe('it counts again', () => {
  test.each([
    ['when it has on its disk what it had acknowledged, asked after the loss', 21, 3, true],
    ['not by an acceptance from before the loss, which came late', 20, 5, false],
    ['not when it has a part of it', 21, 2, false],
  ])('%s', (_, number, matchIndex, counts) => {
    const { state, outgoing } = answer(
      { ...lost, requestId: 30 },
      { requestId: number, matchIndex },
    );
    expect(committedIndex(storing(state, 5))).toBe(counts ? 3 : 0);
    expect(acknowledgedByQuorum(state)).toBe(counts ? 21 : 0);
    expect(followerIn(state, 'b').hasLostEntries).toBe(!counts);
    expect(outgoing.map(({ event }) => event.type)).toEqual(
      counts ? ['append.accepted', 'acknowledgements.regained'] : ['append.accepted'],
    );
  });

  test('only with what late acceptances have added to what it had acknowledged', () => {
    const late = answer({ ...lost, requestId: 30 }, { requestId: 19, matchIndex: 5 }).state;
    expect(followerIn(late, 'b').matchIndex).toBe(5);
    expect(matchIndexOf(answer(late, { requestId: 21, matchIndex: 3 }).state, 'b')).toBe(0);
    expect(matchIndexOf(answer(late, { requestId: 22, matchIndex: 5 }).state, 'b')).toBe(5);
  });

  test('and what it lastAcknowledgedRequest meanwhile still does not, until it echoes it again', () => {
    const without = answer({ ...lost, requestId: 40 }, { requestId: 40, matchIndex: 1 }).state;
    expect(followerIn(without, 'b').lastAcknowledgedRequest).toBe(40);
    const overtaken = answer(without, { requestId: 35, matchIndex: 3 }).state;
    expect(acknowledgedByQuorum(overtaken)).toBe(35);
  });

  test('not by what it was asked before it was seen without its entries once more', () => {
    const again = answer({ ...lost, requestId: 30 }, { ...refusal, requestId: 28 }).state;
    expect(matchIndexOf(answer(again, { requestId: 25, matchIndex: 3 }).state, 'b')).toBe(0);
  });

  test('which is said, and commits what now has its majority', () => {
    const decision = answer(
      { ...storing(lost, 5), requestId: 30 },
      { requestId: 21, matchIndex: 4 },
    );
    expect(only(decision, 'warn')[0]?.message).toMatch(/^b has all .* again, through 4: it counts/);
    expect(decision.state.commitIndex).toBe(4);
  });
});

describe('whoever saw the loss remembers it', () => {
  test('when it leads again: the follower is fed, and counts when it has caught up', () => {
    const leader = leadingAgain();
    expect(followerIn(leader, 'b')).toMatchObject({ hasLostEntries: false, matchIndex: 0 });
    const asked = { ...leader, requestId: leader.requestId + 5 };
    const term = { term: 2, requestTerm: 2 };
    const behind = answer(asked, { ...term, requestId: asked.requestId - 1, matchIndex: 2 }).state;
    expect(matchIndexOf(behind, 'b')).toBe(0);
    const caughtUp = answer(behind, { ...term, requestId: asked.requestId, matchIndex: 3 });
    expect(matchIndexOf(caughtUp.state, 'b')).toBe(3);
    expect(caughtUp.outgoing.map(({ event }) => event.type)).toEqual(['append.accepted']);
  });

  test('when it hears from nobody', () => {
    expect(
      forgetLeader(resign(lost, quorumCheck).state, quorumCheck).state.unreliable,
    ).toHaveLength(1);
  });

  test('until it hears from another leader, which feeds the follower and judges it', () => {
    const later = { ...resign(lost, quorumCheck).state, currentTerm: 2, termLeader: null };
    const following = hearLeader(later, { from: 'c', term: 2 });
    expect(following.unreliable).toEqual([]);
  });

  test('each server apart, and the greatest index it ever acknowledged', () => {
    const twice = distrust(distrust(lost, { id: 'c', matchIndex: 2 }), { id: 'b', matchIndex: 1 });
    expect(twice.unreliable).toEqual([
      { id: 'c', acknowledged: 2, noticedAt: 20 },
      { id: 'b', acknowledged: 3, noticedAt: 20 },
    ]);
  });
});

/** Who leads the present term: one server at most (Figure 3, Election Safety; §5.2). */
import { describe, expect, test } from 'vitest';
import { acceptEntries, refuseEntries } from '../../machines/rules/append-entries.ts';
import { answerSuperseded, joinTransfer } from '../../machines/rules/install-snapshot.ts';
import { resign } from '../../machines/rules/leadership.ts';
import { beginPreVote, beginVote } from '../../machines/rules/request-vote.ts';
import type { ServerState } from '../../machines/rules/state.ts';
import { assertOneLeader, forgetLeader, hearLeader } from '../../machines/rules/term-leader.ts';
import { adoptTerm } from '../../machines/rules/terms.ts';
import { appendEntries, installSnapshot, timeoutNow } from './messages.ts';
import { leaderOf, quorumCheck, serverOf } from './states.ts';

const follower = serverOf({ log: '1', currentTerm: 4 });
const following = hearLeader(follower, { from: 'b', term: 4 });
const silence = { type: 'xstate.after.electionTimeoutMin.server.follower.following' };
const fallenSilent = forgetLeader(following, silence).state;

describe('the leader of the term is known', () => {
  test('from its first word on, and heard from; its next word changes nothing', () => {
    expect(following).toEqual({ ...follower, termLeader: 'b', heardLeader: 'b' });
    expect(hearLeader(following, { from: 'b', term: 4 })).toBe(following);
  });

  test('to itself from its election on', () => {
    expect(leaderOf({ currentTerm: 4 })).toMatchObject({ termLeader: 'a', heardLeader: 'a' });
  });

  test.each<[string, ServerState, string]>([
    ['when it is not heard from any more', fallenSilent, 'b'],
    ['while an election is prepared (thesis §9.6)', beginPreVote(following).state, 'b'],
    ['when it was this server, and has resigned', resign(leaderOf(), quorumCheck).state, 'a'],
  ])('also %s', (_, { termLeader, heardLeader }, leader) => {
    expect({ termLeader, heardLeader }).toEqual({ termLeader: leader, heardLeader: null });
  });

  test.each<[string, ServerState]>([
    ['that is learnt', adoptTerm(following, timeoutNow({ term: 5 })).state],
    ['that is campaigned for', beginVote(following).state],
  ])('until a newer term %s', (_, { currentTerm, termLeader, heardLeader }) => {
    expect({ currentTerm, termLeader, heardLeader }).toEqual({
      currentTerm: 5,
      termLeader: null,
      heardLeader: null,
    });
  });
});

test('forgetting a leader that nobody heard changes nothing at all', () => {
  expect(forgetLeader(follower, silence).state).toBe(follower);
  expect(forgetLeader(fallenSilent, silence).state).toBe(fallenSilent);
});

describe('another server that says that it leads the term stops this one (Election Safety)', () => {
  const second = { from: 'c', term: 4 };
  const known = 'a knows that b leads term 4, and c says that it leads term 4 too (§5.2';

  test.each([
    ['entries', () => acceptEntries(following, appendEntries({ ...second, terms: '4' }))],
    ['a heartbeat', () => acceptEntries(following, appendEntries(second))],
    ['what is refused', () => refuseEntries(following, appendEntries({ ...second }))],
    ['a chunk', () => joinTransfer(following, installSnapshot(second))],
    ['a chunk of what is here', () => answerSuperseded(following, installSnapshot(second))],
    ['TimeoutNow', () => assertOneLeader(following, timeoutNow(second))],
    ['entries, when the first is silent', () => acceptEntries(fallenSilent, appendEntries(second))],
  ])('%s', (_, hear) => {
    expect(hear).toThrow(known);
  });

  test.each([
    ['leads', leaderOf({ currentTerm: 4 })],
    ['has led', resign(leaderOf({ currentTerm: 4 }), quorumCheck).state],
  ])('when this one %s', (_, state) => {
    expect(() => assertOneLeader(state, second)).toThrow(
      /a leads term 4, and c says that it leads term 4 too \(§5.2, Election Safety\)/,
    );
  });

  test('and the one it knows, or anybody while it knows none, does not', () => {
    expect(assertOneLeader(following, timeoutNow({ from: 'b', term: 4 })).state).toBe(following);
    expect(assertOneLeader(follower, timeoutNow(second)).state).toBe(follower);
    const next = hearLeader(adoptTerm(following, timeoutNow({ term: 5 })).state, {
      from: 'c',
      term: 5,
    });
    expect(next).toMatchObject({ currentTerm: 5, termLeader: 'c', heardLeader: 'c' });
  });
});

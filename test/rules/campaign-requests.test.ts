/** What a candidate asks again (§5.1, §5.2; thesis §9.6). */
import { describe, expect, test } from 'vitest';
import { askAgain } from '../../machines/rules/campaign-requests.ts';
import {
  beginPreVote,
  beginVote,
  countPreVote,
  countVote,
} from '../../machines/rules/request-vote.ts';
import type { ServerState } from '../../machines/rules/state.ts';
import { distrust } from '../../machines/rules/unreliable.ts';
import { preVoteResponse, requestVoteResponse } from './messages.ts';
import { clusterOf, only, sent, serverOf } from './states.ts';

const server = serverOf({
  log: '1 2',
  currentTerm: 2,
  configuration: clusterOf('a', 'b', 'c', 'd', 'e'),
});
const durable = (state: ServerState): ServerState => ({
  ...state,
  writes: { ...state.writes, durable: state.writes.decided },
});
const askedAgain = (state: ServerState) => sent(askAgain(state)).map(({ to }) => to);

describe('in a pre-vote', () => {
  const asking = beginPreVote(server);
  const answer = preVoteResponse({ requestId: 1, proposedTerm: 3, term: 2 });

  test('the very same requests go out again, and nothing changes', () => {
    const again = askAgain(asking.state);
    expect(again.effects).toEqual(asking.effects);
    expect(again.state).toBe(asking.state);
  });

  test('who has granted is not asked again', () => {
    expect(askedAgain(countPreVote(asking.state, answer).state)).toEqual(['c', 'd', 'e']);
  });

  test('who has refused is: it may have heard from its leader for the last time (thesis §9.6)', () => {
    const refused = countPreVote(asking.state, { ...answer, granted: false });
    expect(askedAgain(refused.state)).toEqual(['b', 'c', 'd', 'e']);
  });
});

describe('in a vote', () => {
  const asking = beginVote(beginPreVote(server).state);
  const answer = requestVoteResponse({ requestId: 2, term: 3 });

  test('nothing is asked again before the vote that it waits for is durable', () => {
    expect(askAgain(asking.state).effects).toEqual([]);
  });

  test('then the very same requests go out again, behind the same write', () => {
    const again = askAgain(durable(asking.state));
    expect(again.effects).toEqual(only(asking, 'send'));
    expect(again.effects).toMatchObject(
      ['b', 'c', 'd', 'e'].map((to) => ({
        afterWrite: 1,
        message: { type: 'RequestVote', to, term: 3, requestId: 2 },
      })),
    );
  });

  test('who has granted is not asked again, nor who has refused: it stays at that (§5.2)', () => {
    const refusal = { ...answer, from: 'c', granted: false };
    const counted = [answer, refusal, refusal].reduce(
      (state, each) => countVote(state, each).state,
      durable(asking.state),
    );
    expect(counted.campaign).toMatchObject({ votes: ['b'], refusedBy: ['c'] });
    expect(askedAgain(counted)).toEqual(['d', 'e']);
  });

  test('a refusal of an earlier campaign refuses nothing in this one', () => {
    const { state } = countVote(asking.state, { ...answer, requestId: 1, granted: false });
    expect(state).toBe(asking.state);
  });

  test('whose vote would not count is not asked again', () => {
    const distrusted = distrust(durable(asking.state), { id: 'b', matchIndex: 2 });
    expect(askedAgain(distrusted)).toEqual(['c', 'd', 'e']);
    const { servers } = server.log.configuration;
    const configuration = {
      servers: servers.map((one) => ({ ...one, votes: one.id !== 'e' })),
      next: null,
    };
    const withLearner = beginVote(serverOf({ configuration }));
    expect(sent(withLearner).map(({ to }) => to)).toEqual(['b', 'c', 'd', 'e']);
    expect(askedAgain(durable(withLearner.state))).toEqual(['b', 'c', 'd']);
  });
});

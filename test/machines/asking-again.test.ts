/** Candidates ask again whoever has not answered, at the pace of heartbeats (§5.1, §5.2; thesis §9.6). */
import { describe, expect, test } from 'vitest';
import { appendEntries, preVoteResponse, requestVoteResponse } from '../rules/messages.ts';
import { clusterOf, sent } from '../rules/states.ts';
import { candidate, elapses, hears, persisted, preCandidate } from './steps.ts';

const five = { configuration: clusterOf('a', 'b', 'c', 'd', 'e') };
const later = (step: Parameters<typeof elapses>[0]) => elapses(step, 'retryInterval');

describe('a server that asks for pre-votes', () => {
  const asking = preCandidate(five);

  test('asks again with the same number, time and again, its election timer running on', () => {
    const once = later(asking);
    expect(once.armed).toEqual(['retryInterval']);
    const again = later(once);
    expect(sent(again)).toEqual(sent(asking));
    expect(again).toMatchObject({
      value: 'candidate.preVote',
      armed: ['retryInterval'],
      context: { requestId: 1, currentTerm: 0 },
    });
    expect(again.timers.map((timer) => timer.split('.')[2])).toEqual([
      'electionTimeout',
      'retryInterval',
    ]);
  });

  test('wins by answers to whichever copy, each server counting once', () => {
    const granted = preVoteResponse({ requestId: 1, term: 0, proposedTerm: 1 });
    const once = hears(asking, granted);
    expect(hears(later(once), granted).value).toBe('candidate.preVote');
    expect(sent(later(once)).map(({ to }) => to)).toEqual(['c', 'd', 'e']);
    expect(hears(later(once), { ...granted, from: 'e' }).value).toBe('candidate.vote');
  });
});

describe('a server that asks for votes', () => {
  const voting = candidate();
  const vote = requestVoteResponse({ term: 1, requestId: 2 });

  test('asks nobody again while its own vote is being written (§5.2)', () => {
    expect(later(voting)).toMatchObject({ value: 'candidate.vote', effects: [] });
  });

  test('asks again once it is written, with the same number and term', () => {
    const again = later(persisted(later(voting)));
    expect(sent(again)).toEqual(sent(voting));
    expect(again.context).toMatchObject({ requestId: 2, currentTerm: 1 });
  });

  test('is led to leadership by the answer to a copy', () => {
    expect(hears(later(persisted(voting)), vote).value).toBe('leader');
  });

  test('asks nobody any more when all have answered', () => {
    const split = hears(persisted(voting), { ...vote, granted: false });
    expect(sent(later(split)).map(({ to }) => to)).toEqual(['c']);
    const refused = hears(split, { ...vote, from: 'c', granted: false });
    expect(later(refused).effects).toEqual([]);
  });

  test.each([
    ['leads', hears(persisted(voting), vote)],
    ['follows', hears(persisted(voting), appendEntries({ from: 'c' }))],
  ])('does not ask again when it %s', (_, over) => {
    expect(over.timers.filter((timer) => timer.includes('retryInterval'))).toEqual([]);
  });
});

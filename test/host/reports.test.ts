/** What a server tells of itself: what is new, and at its end the last word. */
import { expect, test } from 'vitest';
import { Reports } from '../../src/host/reports.ts';

test('a leader that is heard from anew is a change; that none is heard from is not', () => {
  const reports = new Reports();
  const leaders: (string | null)[] = [];
  reports.leader$.subscribe((leader) => leaders.push(leader));
  for (const leader of ['b', 'b', null, 'b', 'c']) reports.tell('follower', leader);
  expect(leaders).toEqual([null, 'b', null, 'b', 'c']);
  expect(reports.leaderChanges).toBe(3);
});

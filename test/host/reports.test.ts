/** What a server tells of itself: what is new, and at its end the last word. */
import type { Observable } from 'rxjs';
import { expect, test } from 'vitest';
import { Reports } from '../../src/host/reports.ts';

test('a leader that is heard from anew is a change; that none is heard from is not', () => {
  const reports = new Reports();
  const leaders: (string | null)[] = [];
  reports.leader$.subscribe((leader) => leaders.push(leader));
  for (const leader of ['b', 'b', null, 'b', 'c']) reports.report('follower', leader);
  expect(leaders).toEqual([null, 'b', null, 'b', 'c']);
  expect(reports.leaderChanges).toBe(3);
});

test('at the end it says first that it has stopped, then why', () => {
  const reports = new Reports();
  const told: unknown[] = [];
  reports.report('leader', 'a');
  const { role$, leader$, failed$ } = reports;
  for (const subject of [role$, leader$, failed$] as Observable<unknown>[]) {
    subject.subscribe({ next: (value) => told.push(value), complete: () => told.push('complete') });
  }
  told.length = 0;
  const failure = new Error('its disk failed');
  reports.end(failure);
  expect(told).toEqual(['stopped', null, failure, 'complete', 'complete', 'complete']);
});

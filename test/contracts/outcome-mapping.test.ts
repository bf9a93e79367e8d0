/** What the statuses of the service mean for a client's request (contracts: HTTP). */
import { describe, expect, test } from 'vitest';
import { attemptResultOf, hasSessionExpired } from '../../src/client/outcome-mapping.ts';
import { answer, errorAnswer, redirectTo } from './scripted-servers.ts';

describe('an answer', () => {
  test.each([200, 201, 204, 404, 412])(
    '%i is what the state machine says, to a repeat, too',
    (status) => {
      expect(attemptResultOf(answer(status))).toEqual({ type: 'answered' });
    },
  );

  test.each([400, 401, 403, 409, 410, 413, 421, 422, 499, 507])(
    '%i refuses this attempt alone',
    (status) => {
      expect(attemptResultOf(answer(status))).toEqual({ type: 'refused' });
    },
  );

  test.each([
    [429, 'overloaded', 'overloaded'],
    [503, 'no_leader', 'no-leader'],
    [503, 'not_ready', 'not-ready'],
    [503, 'stopping', 'stopping'],
    [503, 'whatever', 'no-leader'],
    [307, 'not_leader', 'redirected'],
  ])('%i %s was not applied: the same request may succeed later', (status, code, reason) => {
    expect(attemptResultOf(errorAnswer(status, code))).toEqual({ type: 'unavailable', reason });
  });

  test('307 says where the leader is, and only the server of it counts', () => {
    const leader = 'https://c.example:3';
    expect(attemptResultOf(redirectTo(leader))).toEqual({ type: 'elsewhere', leader });
    const elsewhere = answer(307, '', { location: '/v1/kv/k' });
    expect(attemptResultOf(elsewhere)).toEqual({ type: 'unavailable', reason: 'redirected' });
  });

  test.each([100, 302, 500, 502, 504])('%i may hide an effect', (status) => {
    const unknown = { type: 'unknown', reason: 'outcome-unknown' };
    expect(attemptResultOf(answer(status))).toEqual(unknown);
  });

  test.each([
    [410, true],
    [409, false],
    [200, false],
  ])('%i tells whether its session has expired', (status, hasExpired) => {
    expect(hasSessionExpired(answer(status))).toBe(hasExpired);
    expect(hasSessionExpired(null)).toBe(false);
  });
});

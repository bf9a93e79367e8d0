/** An outcome as an embedder answers it over HTTP (§8): only 504 means "perhaps". */
import { describe, expect, it } from 'vitest';
import { httpAnswer, type Outcome } from '../../src/index.ts';
import { ModelServer } from '../contracts/model-server.ts';

const refused = (reason: string, retry: boolean, message?: string) =>
  ({ outcome: 'refused', reason, leader: null, retry, message }) as Outcome<never>;

describe('an outcome over HTTP', () => {
  it('is its result when it was applied', () => {
    const applied = { outcome: 'applied', result: { id: 1 }, index: 3, term: 1 } as const;
    const answer = httpAnswer(new ModelServer(), applied, '/jobs');
    expect(answer).toEqual({ status: 200, headers: {}, body: { id: 1 } });
  });

  it.each(['not-leader', 'overwritten'])('leads to the leader when it was %s', (reason) => {
    const server = new ModelServer();
    server.followLeader('b', 'http://127.0.0.1:7102/');
    const answer = httpAnswer(server, refused(reason, true), '/jobs?all=1');
    expect(answer.status).toBe(307);
    expect(answer.headers).toEqual({ location: 'http://127.0.0.1:7102/jobs?all=1' });
  });

  it.each(['@elsewhere.example/', 'http://elsewhere.example/', ':80@elsewhere.example/'])(
    'leads nowhere but to the leader, whatever the target says: %s',
    (target) => {
      const server = new ModelServer();
      server.followLeader('b', 'http://127.0.0.1:7102');
      const { headers } = httpAnswer(server, refused('not-leader', true), target);
      expect(new URL(headers.location ?? '').host).toBe('127.0.0.1:7102');
    },
  );

  it.each([
    ['nobody leads', null, null],
    ['the leader has told no address', 'b', null],
    ['this very server has come to lead', 'a', 'http://127.0.0.1:7101'],
  ])('may be asked again in a moment when %s', (_, leader, address) => {
    const server = new ModelServer();
    server.followLeader(leader, address);
    const answer = httpAnswer(server, refused('not-leader', true), '/jobs');
    expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
  });

  it.each([
    ['not-ready', true, 503],
    ['stopped', true, 503],
    ['overloaded', true, 429],
    ['too-large', false, 413],
    ['quota-exceeded', false, 507],
    ['session-expired', false, 410],
    ['command-failed', false, 422],
  ])('is a refusal for %s', (reason, retry, status) => {
    const answer = httpAnswer(new ModelServer(), refused(reason, retry, 'for a reason'), '/jobs');
    expect(answer.status).toBe(status);
    expect(answer.headers).toEqual(retry ? { 'retry-after': '1' } : {});
    expect(answer.body).toEqual({ error: { code: reason, message: 'for a reason' } });
  });

  it('is 504 when nobody knows', () => {
    const unknown = { outcome: 'unknown', reason: 'leadership-lost' } as const;
    expect(httpAnswer(new ModelServer(), unknown, '/jobs').status).toBe(504);
  });
});

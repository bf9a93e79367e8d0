/** Every fault over HTTP that docs/operations.md names ends as it says there. */
import type { InjectOptions } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_SESSION_SETTINGS } from '../../machines/rules/sessions.ts';
import { refusedByBound } from '../../src/host/session-table.ts';
import type { ServiceBounds } from '../../src/service/bounds.ts';
import { LOOPBACK } from '../../src/service/remote-address.ts';
import { createService, type Service } from '../../src/service/service.ts';
import { ModelServer } from './model-server.ts';
import { faultRows } from './operations-page.ts';

let server: ModelServer;
let service: Service;

function start(bounds: Partial<ServiceBounds> = {}): void {
  server = new ModelServer();
  service = createService({
    server,
    advertisedClientAddress: 'http://127.0.0.1:7101',
    requestTimeoutMs: 5_000,
    version: '9.9.9',
    bounds,
  });
}

beforeEach(() => start());

afterEach(() => service.close());

const get = (url: string, headers = {}): InjectOptions => ({ method: 'GET', url, headers });
const put = (url: string, headers = {}, payload: string | Buffer = 'v'): InjectOptions => ({
  method: 'PUT',
  url,
  headers,
  payload,
});
const session = { 'statecraft-session': '1', 'statecraft-sequence': '1' };

function refusing(reason: Parameters<ModelServer['refuse']>[0]): InjectOptions {
  server.refuse(reason);
  return put('/v1/kv/k', session);
}

function withoutRoom(): InjectOptions {
  const message = refusedByBound('sessionsMax', DEFAULT_SESSION_SETTINGS);
  const refused = { outcome: 'refused', reason: 'overloaded', leader: 'a', retry: true } as const;
  server.forced = { ...refused, message };
  return { method: 'POST', url: '/v1/sessions' };
}

function withoutMajority(request: InjectOptions): InjectOptions {
  server.forced = { outcome: 'unknown', reason: 'timed-out' };
  return request;
}

function following(leader: string | null, address: string | null): InjectOptions {
  server.followLeader(leader, address);
  return put('/v1/kv/k');
}

/** Others hold all there is of it. */
function holding(budget: 'bodyBytes' | 'answerBytes' | 'requests'): void {
  const { [budget]: held } = service.underWay;
  held.take(LOOPBACK, held.limit.max);
}

function withoutRoomFor(
  budget: Parameters<typeof holding>[0],
  request: InjectOptions,
): InjectOptions {
  holding(budget);
  return request;
}

async function withoutRoomToAnswer(): Promise<InjectOptions> {
  await service.app.inject(put('/v1/kv/k'));
  return withoutRoomFor('answerBytes', get('/v1/kv/k'));
}

async function tooOften(): Promise<InjectOptions> {
  await service.close();
  start({ requestsPerSecond: 1 });
  await service.app.inject(get('/v1/kv/k'));
  return get('/v1/kv/k');
}

async function grown(): Promise<InjectOptions> {
  await service.app.inject(put('/v1/kv/k', {}, Buffer.alloc(1_048_576)));
  return { method: 'POST', url: '/v1/kv/k/append', payload: 'x' };
}

async function written(): Promise<InjectOptions> {
  await service.app.inject(put('/v1/kv/k'));
  return put('/v1/kv/k', { 'if-match': '"77"' });
}

/** How to provoke each row of the page, by its first cell. */
const PROVOKE: Readonly<Record<string, () => InjectOptions | Promise<InjectOptions>>> = {
  'no key': () => get('/v1/kv/'),
  'a key of more than 4,096 bytes': () => put(`/v1/kv/${'k'.repeat(4_097)}`),
  'a key that is not UTF-8': () => put('/v1/kv/%FF'),
  'a bad percent escape': () => get('/v1/kv/%zz'),
  'an unknown query parameter': () => get('/v1/kv/k?consistancy=stale'),
  'an unknown consistency': () => get('/v1/kv/k?consistency=eventual'),
  'a limit out of range': () => get('/v1/kv?limit=1001'),
  'a condition that is not understood': () => put('/v1/kv/k', { 'if-match': '"1", "2"' }),
  'a session without a sequence': () => put('/v1/kv/k', { 'statecraft-session': '1' }),
  'no such key': () => get('/v1/kv/none'),
  'an unknown path': () => get('/v1/nothing'),
  'an unknown method': () => ({ method: 'PATCH', url: '/v1/kv/k' }),
  'an answer that was declared seen': () => refusing('answer-discarded'),
  'an unknown or expired session': () => put('/v1/kv/k', session),
  'a condition that does not hold': written,
  'a body of more than 1 MiB': () => put('/v1/kv/k', {}, Buffer.alloc(1_048_577)),
  'an append that makes a value too long': grown,
  'a Host that is not ours': () => get('/v1/kv/k', { host: 'evil.example' }),
  'a server that does not lead': () => following('b', 'http://127.0.0.1:7102'),
  'as many sessions as may be, all of them in use': withoutRoom,
  'more requests a second than one caller may send': tooOften,
  'too many requests under way': () => withoutRoomFor('requests', get('/v1/kv/k')),
  'too many bytes of bodies under way': () => withoutRoomFor('bodyBytes', put('/v1/kv/k')),
  'too many bytes of answers under way': withoutRoomToAnswer,
  'too much waits to be committed or applied': () => refusing('overloaded'),
  'no leader is known': () => following(null, null),
  'a leader that has committed nothing yet': () => refusing('not-ready'),
  'a read that no majority confirms': () => withoutMajority(get('/v1/kv/k')),
  'a server that stops': () => refusing('stopped'),
  'a write that no majority confirms': () => withoutMajority(put('/v1/kv/k')),
  'more than may be stored (`--max-bytes`)': () => refusing('quota-exceeded'),
};

describe('a fault over HTTP', () => {
  const rows = faultRows('Over HTTP');

  it('is on the page if it is provoked here, and provoked here if it is on the page', () => {
    expect(rows.map(({ fault }) => fault)).toEqual(Object.keys(PROVOKE));
  });

  for (const { fault, text, answer } of rows) {
    it(`is answered as the page says: ${fault}`, async () => {
      const request = await PROVOKE[fault]?.();
      if (request === undefined) throw new Error('nobody knows how to provoke it');
      const response = await service.app.inject(request);
      const { code, message } = response.json().error;
      expect(`${response.statusCode} ${code}`).toBe(answer);
      expect(message).toMatch(text);
    });
  }
});

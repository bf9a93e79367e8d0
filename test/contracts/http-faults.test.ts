/** Every fault over HTTP that docs/operations.md names ends as it says there. */
import type { InjectOptions } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_SESSION_SETTINGS } from '../../machines/rules/sessions.ts';
import { Quota } from '../../src/host/quota.ts';
import { refusedByBound } from '../../src/host/session-table.ts';
import { keyValue } from '../../src/kv/key-value.ts';
import { LOOPBACK } from '../../src/node/remote-address.ts';
import type { StateMachine } from '../../src/ports/state-machine.ts';
import type { Service } from '../../src/service/service.ts';
import { makeToken, type TokenRole } from '../../src/service/tokens/token.ts';
import { Tokens } from '../../src/service/tokens/tokens.ts';
import { ModelServer, serviceOf } from './model-server.ts';
import { faultRows } from './operations-page.ts';

let server: ModelServer;
let service: Service;

function start(tokens?: Tokens): void {
  server = new ModelServer();
  service = serviceOf(server, { tokens });
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

function beyondQuota(): InjectOptions {
  const quota = new Quota({
    storedBytesMax: 1,
    stateMachine: keyValue() as StateMachine,
    unappliedBytes: () => 0,
    isAnswered: () => false,
  });
  const message = quota.refusal(2, undefined) ?? '';
  const refused = { outcome: 'refused', reason: 'quota-exceeded', leader: 'a' } as const;
  server.forced = { ...refused, retry: false, message };
  return put('/v1/kv/k');
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
  const { [budget]: held } = service.inFlight;
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

async function grown(): Promise<InjectOptions> {
  await service.app.inject(put('/v1/kv/k', {}, Buffer.alloc(1_048_576)));
  return { method: 'POST', url: '/v1/kv/k/append', payload: 'x' };
}

async function written(): Promise<InjectOptions> {
  await service.app.inject(put('/v1/kv/k'));
  return put('/v1/kv/k', { 'if-match': '"77"' });
}

const token = (role: TokenRole, prefixes: readonly string[] = [], expires: string | null = null) =>
  makeToken({ name: 'app', role, prefixes, created: '2026-01-02T03:04:05Z', expires });

/** The same of a server with that token; shown, unless another is given. */
async function withToken(
  known: ReturnType<typeof makeToken>,
  request: InjectOptions,
  shown = known.secret,
): Promise<InjectOptions> {
  await service.close();
  start(new Tokens([known.token]));
  const authorization = { authorization: `Bearer ${shown}` };
  return { ...request, headers: { ...request.headers, ...(shown === '' ? {} : authorization) } };
}

async function withSession(): Promise<InjectOptions> {
  const request = await withToken(token('write'), put('/v1/kv/k', session));
  await server.openSession({ owner: 'other' });
  return request;
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
  'a header that is not understood with a write': () =>
    put('/v1/kv/k', { 'content-encoding': 'gzip' }),
  'a session without a sequence': () => put('/v1/kv/k', { 'statecraft-session': '1' }),
  'no token where one is required': () => withToken(token('admin'), get('/v1/kv/k'), ''),
  'a token that is unknown, or was revoked': () =>
    withToken(token('admin'), get('/v1/kv/k'), token('admin').secret),
  'a token that has expired': () =>
    withToken(token('admin', [], '2026-01-02T03:04:06Z'), get('/v1/kv/k')),
  'a token of a lesser role': () => withToken(token('read'), put('/v1/kv/k')),
  'a token for other keys': () => withToken(token('write', ['app/']), put('/v1/kv/k')),
  "a list beyond a token's keys": () => withToken(token('read', ['app/']), get('/v1/kv')),
  'a session of another token': withSession,
  'a web page of another site': () => put('/v1/kv/k', { origin: 'http://evil.example' }),
  'no such key': () => get('/v1/kv/none'),
  'an unknown path': () => get('/v1/nothing'),
  'an unknown method': () => ({ method: 'PATCH', url: '/v1/kv/k' }),
  'an answer that was declared received': () => refusing('answer-discarded'),
  'an unknown or expired session': () => put('/v1/kv/k', session),
  'a condition that does not hold': written,
  'a body of more than 1 MiB': () => put('/v1/kv/k', {}, Buffer.alloc(1_048_577)),
  'an append that makes a value too long': grown,
  'an expectation that is not known': () => put('/v1/kv/k', { expect: '200-ok' }),
  'a Host of another name': () => get('/v1/kv/k', { host: 'evil.example' }),
  'a command at which the state machine throws': () => refusing('command-failed'),
  'a plain request for the stream': () => get('/v1/stream'),
  'a server that does not lead': () => following('b', 'http://127.0.0.1:7102'),
  'the most sessions allowed, all of them in use': withoutRoom,
  'too many requests under way': () => withoutRoomFor('requests', get('/v1/kv/k')),
  'too many bytes of bodies under way': () => withoutRoomFor('bodyBytes', put('/v1/kv/k')),
  'too many bytes of answers under way': withoutRoomToAnswer,
  'too much waits to be committed or applied': () => refusing('overloaded'),
  'more than the quota (`--max-bytes`) allows': beyondQuota,
  'no leader is known': () => following(null, null),
  'a leader that has committed nothing yet': () => refusing('not-ready'),
  'a read that no majority confirms': () => withoutMajority(get('/v1/kv/k')),
  'a server that stops': () => refusing('stopped'),
  'a write that no majority confirms': () => withoutMajority(put('/v1/kv/k')),
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

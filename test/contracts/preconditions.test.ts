/** Conditions, ranges and encodings of requests: answered, declined or refused, never overlooked (RFC 9110 §13, §14). */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Service } from '../../src/service/service.ts';
import { ModelServer, serviceOf } from './model-server.ts';

let server: ModelServer;
let service: Service;

beforeEach(async () => {
  server = new ModelServer();
  service = serviceOf(server);
  for (const payload of ['one', 'two', 'three']) {
    await service.app.inject({ method: 'PUT', url: '/v1/kv/k', payload });
  }
  server.proposed.length = 0;
});

afterEach(() => service.close());

type Method = 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
type Headers = Readonly<Record<string, string>>;
const ask = (method: Method, url: string, headers: Headers) =>
  service.app.inject({ method, url, headers, ...(method === 'PUT' ? { payload: 'new' } : {}) });

/** The value has revision 3. */
const READS: readonly (readonly [Headers, number])[] = [
  [{}, 200],
  [{ 'if-none-match': '"3"' }, 304],
  [{ 'if-none-match': 'W/"3"' }, 304],
  [{ 'if-none-match': '*' }, 304],
  [{ 'if-none-match': '"1", "3"' }, 304],
  [{ 'if-none-match': '"1",W/"3" ,"9"' }, 304],
  [{ 'if-none-match': ', "3",,' }, 304],
  [{ 'if-none-match': '"a,b", "3"' }, 304],
  [{ 'if-none-match': '"2"' }, 200],
  [{ 'if-none-match': '"3-gzip"' }, 200],
  [{ 'if-none-match': '""' }, 200],
  [{ 'if-none-match': '3' }, 400],
  [{ 'if-none-match': '' }, 400],
  [{ 'if-none-match': '"3' }, 400],
  [{ 'if-none-match': '"3" "4"' }, 400],
  [{ 'if-none-match': '*, "3"' }, 400],
  [{ 'if-none-match': 'w/"3"' }, 400],
  [{ 'if-match': '"3"' }, 200],
  [{ 'if-match': '"1", "3"' }, 200],
  [{ 'if-match': '*' }, 200],
  [{ 'if-match': '"2"' }, 412],
  [{ 'if-match': 'W/"3"' }, 412],
  [{ 'if-match': '"03"' }, 412],
  [{ 'if-match': 'three' }, 400],
  [{ 'if-match': '"3"', 'if-none-match': '"3"' }, 304],
  [{ 'if-match': '"2"', 'if-none-match': '"3"' }, 412],
  [{ 'if-match': '"3"', 'if-none-match': '"2"' }, 200],
  [{ 'if-modified-since': 'Sat, 29 Oct 2044 19:43:31 GMT' }, 200],
  [{ 'if-unmodified-since': 'Sat, 29 Oct 1994 19:43:31 GMT' }, 200],
  [{ range: 'bytes=0-1' }, 200],
  [{ range: 'bytes=0-1', 'if-range': '"3"' }, 200],
  [{ range: 'bytes=99-' }, 200],
];

describe.each(['', '?consistency=stale'])('a read of a key%s', (query) => {
  for (const [headers, status] of READS) {
    it(`is ${status} with ${JSON.stringify(headers)}`, async () => {
      const [get, head] = [
        await ask('GET', `/v1/kv/k${query}`, headers),
        await ask('HEAD', `/v1/kv/k${query}`, headers),
      ];
      expect([get.statusCode, head.statusCode]).toEqual([status, status]);
      expect(head.body).toBe('');
      if (status === 400) return;
      expect([get.headers.etag, head.headers.etag]).toEqual(['"3"', '"3"']);
      expect(get.headers['accept-ranges']).toBe('none');
      if (status === 200) expect(get.body).toBe('three');
      if (status === 200) expect(head.headers['content-length']).toBe('5');
      if (status === 304) expect(get.body).toBe('');
      if (status !== 412) return;
      expect(get.json().error).toMatchObject({ code: 'condition_failed', revision: 3 });
    });
  }

  it('that is not there is 404, and at a server that does not lead 307, whatever the condition', async () => {
    for (const headers of [{ 'if-match': '*' }, { 'if-none-match': '*' }, { 'if-match': '"1"' }]) {
      expect((await ask('GET', `/v1/kv/none${query}`, headers)).statusCode).toBe(404);
      if (query !== '') continue;
      server.followLeader('b', 'http://127.0.0.1:7102');
      expect((await ask('GET', '/v1/kv/k', headers)).statusCode).toBe(307);
      server.forced = null;
    }
  });
});

describe('a read of what has no tag', () => {
  const rows: readonly (readonly [Headers, number])[] = [
    [{ 'if-none-match': '"3"' }, 200],
    [{ 'if-none-match': '*' }, 304],
    [{ 'if-match': '"3"' }, 412],
    [{ 'if-match': '*' }, 200],
    [{ 'if-match': '3' }, 400],
    [{ range: 'bytes=0-1' }, 200],
  ];
  for (const url of ['/v1/kv', '/v1/status', '/livez', '/readyz', '/metrics']) {
    it.each(rows)(`${url} with %j is %i`, async (headers, status) => {
      expect((await ask('GET', url, headers)).statusCode).toBe(status);
      expect((await ask('HEAD', url, headers)).statusCode).toBe(status);
    });
  }
});

describe('a write', () => {
  const targets: readonly (readonly [Method, string])[] = [
    ['PUT', '/v1/kv/k'],
    ['POST', '/v1/kv/k/append'],
    ['DELETE', '/v1/kv/k'],
    ['POST', '/v1/sessions'],
    ['DELETE', '/v1/sessions/7'],
  ];
  const refused: readonly Headers[] = [
    { 'if-modified-since': 'Sat, 29 Oct 1994 19:43:31 GMT' },
    { 'if-unmodified-since': 'Sat, 29 Oct 1994 19:43:31 GMT' },
    { 'if-range': '"3"' },
    { range: 'bytes=0-1' },
    { 'content-range': 'bytes 0-2/5' },
    { 'content-encoding': 'gzip' },
    { 'transfer-encoding': 'gzip, chunked' },
  ];
  for (const [method, url] of targets) {
    it.each(refused)(`${method} ${url} is refused with %j, and says why`, async (headers) => {
      const answer = await ask(method, url, headers);
      expect(answer.statusCode).toBe(400);
      expect(answer.json().error.message).toContain(`is not understood with ${method}: `);
      expect(server.proposed).toHaveLength(0);
    });
  }

  it.each(targets.slice(3))('%s %s has no conditions', async (method, url) => {
    for (const headers of [{ 'if-match': '"3"' }, { 'if-none-match': '*' }]) {
      expect((await ask(method, url, headers)).statusCode).toBe(400);
    }
  });

  it('may say that it is not encoded, and what it is', async () => {
    const headers = { 'content-encoding': 'identity', 'content-type': 'text/plain', accept: 'x/y' };
    expect((await ask('PUT', '/v1/kv/k', headers)).statusCode).toBe(200);
  });
});

/** Pages of other sites: whatever they make a browser send changes nothing, and they read nothing. */
import { afterEach, describe, expect, it } from 'vitest';
import type { ServiceOptions } from '../../src/service/context.ts';
import type { Service } from '../../src/service/service.ts';
import { ModelServer, serviceOf } from './model-server.ts';

const APP = 'https://app.example';

let server: ModelServer;
let service: Service;

function start(options: Partial<ServiceOptions> = {}): void {
  server = new ModelServer();
  service = serviceOf(server, { advertisedClientAddress: 'http://db.example:7101', ...options });
}

afterEach(() => service.close());

type Method = 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE' | 'OPTIONS';

async function ask(method: Method, url: string, headers: Record<string, string>) {
  const host = '127.0.0.1:7101';
  const answer = await service.app.inject({ method, url, headers: { host, ...headers } });
  const code = answer.body.startsWith('{"error"') ? answer.json().error.code : '';
  return { ...answer, outcome: `${answer.statusCode} ${code}`.trim(), headers: answer.headers };
}

const EVERY_REQUEST: readonly [Method, string][] = [
  ['PUT', '/v1/kv/k'],
  ['POST', '/v1/kv/k/append'],
  ['DELETE', '/v1/kv/k'],
  ['GET', '/v1/kv/k'],
  ['HEAD', '/v1/kv/k'],
  ['GET', '/v1/kv'],
  ['POST', '/v1/sessions'],
  ['DELETE', '/v1/sessions/1'],
  ['GET', '/v1/status'],
  ['GET', '/metrics'],
  ['GET', '/nothing'],
];

describe('a request that a page of another site wants', () => {
  it.each(EVERY_REQUEST)('is refused, and nothing is done: %s %s', async (method, url) => {
    start();
    const types = ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data'];
    const marks = [
      'http://evil.example',
      'null',
      'http://127.0.0.1:8000',
      'https://db.example:7101',
    ];
    for (const origin of marks) {
      for (const type of types) {
        const { outcome } = await ask(method, url, { origin, 'content-type': type });
        expect(outcome).toBe(method === 'HEAD' ? '403' : '403 forbidden');
      }
    }
    for (const site of ['cross-site', 'same-site', 'whatever']) {
      const { outcome, headers } = await ask(method, url, { 'sec-fetch-site': site });
      expect(outcome).toBe(method === 'HEAD' ? '403' : '403 forbidden');
      expect(headers).not.toHaveProperty('access-control-allow-origin');
    }
    expect(server.proposed).toEqual([]);
    expect(server.queried).toEqual([]);
    expect(server.applied$.value).toBe(0);
  });

  it('is told why', async () => {
    start();
    const { body } = await ask('PUT', '/v1/kv/k', { origin: 'http://evil.example' });
    expect(JSON.parse(body).error.message).toBe(
      'pages from http://evil.example may not send requests to this server: to allow them, start ' +
        'the server with --allow-origin and their origin',
    );
  });

  it('is let in when somebody followed a link to it: the page sees nothing of that', async () => {
    start();
    const visit = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
    expect(
      (await ask('GET', '/v1/status', { ...visit, 'sec-fetch-dest': 'document' })).outcome,
    ).toBe('200');
    const frame = await ask('GET', '/v1/status', { ...visit, 'sec-fetch-dest': 'iframe' });
    expect(frame.outcome).toBe('403 forbidden');
    const form = await ask('POST', '/v1/sessions', { ...visit, 'sec-fetch-dest': 'document' });
    expect(form.outcome).toBe('403 forbidden');
  });

  it("may be for the inspector's files, by which other servers' pages ask who is there", async () => {
    start();
    const head = await ask('HEAD', '/inspect', { 'sec-fetch-site': 'same-site' });
    expect(head.outcome).toBe('404 not_found');
    const post = await ask('POST', '/inspect', { 'sec-fetch-site': 'same-site' });
    expect(post.outcome).toBe('403 forbidden');
  });
});

describe('a request of a page of ours', () => {
  const members = [
    { id: 'a', peerAddress: '', clientAddress: 'http://db.example:7101', votes: true },
    { id: 'b', peerAddress: '', clientAddress: 'http://10.0.0.2:7102', votes: true },
    { id: 'c', peerAddress: '', clientAddress: '', votes: true },
  ];

  it.each([
    ['this server by its advertised name', 'http://db.example:7101'],
    ['this server by the address that was asked', 'http://127.0.0.1:7101'],
    ['another server', 'http://10.0.0.2:7102'],
  ])('is done: one from %s', async (_, origin) => {
    start();
    server.overrides = { members };
    expect((await ask('PUT', '/v1/kv/k', { origin })).outcome).toBe('200');
  });

  it('is done by every name of this server', async () => {
    start({ allowedHosts: ['db.internal'] });
    const host = 'db.internal:7101';
    expect((await ask('PUT', '/v1/kv/k', { origin: `http://${host}`, host })).outcome).toBe('200');
  });

  it.each(['same-origin', 'none'])('is done when the browser says %s', async (site) => {
    start();
    expect((await ask('PUT', '/v1/kv/k', { 'sec-fetch-site': site })).outcome).toBe('200');
  });
});

describe('a further name of this server', () => {
  it('is asked for once it is allowed, and no other', async () => {
    start({ allowedHosts: ['db.internal', 'DB2.internal'] });
    for (const host of ['db.internal', 'db.internal:9', 'db2.INTERNAL.']) {
      expect((await ask('GET', '/v1/status', { host })).outcome).toBe('200');
    }
    for (const host of ['evil.example', 'x.db.internal']) {
      expect((await ask('GET', '/v1/status', { host })).outcome).toBe('421 wrong_host');
    }
  });
});

describe('the names of a load balancer, and of a Service of Kubernetes', () => {
  const allowedHosts = ['lb.example.org', 'db.prod.svc', 'my_db', '*.db.example.org', 'rooted.x.'];
  it.each([
    ['lb.example.org', true],
    ['LB.example.org.:443', true],
    ['db.prod.svc:7101', true],
    ['my_db:7101', true],
    ['rooted.x', true],
    ['a.db.example.org:80', true],
    ['a.b.DB.example.org', true],
    ['db.example.org', false],
    ['.db.example.org', false],
    ['*.db.example.org', false],
    ['xdb.example.org', false],
    ['a.db.example.org.evil.example', false],
    ['db.prod.svc.evil.example', false],
  ])('are asked for once they are allowed: %s, %s', async (host, isAllowed) => {
    start({ allowedHosts });
    const { outcome, body } = await ask('GET', '/v1/status', { host });
    expect(outcome).toBe(isAllowed ? '200' : '421 wrong_host');
    if (!isAllowed) expect(body).toContain('with --allow-host and that name');
  });
});

describe('a page of an allowed origin', () => {
  it('may ask beforehand, and is told what it may send', async () => {
    start({ allowedOrigins: [APP] });
    const wanted = { 'access-control-request-method': 'PUT' };
    const { outcome, headers } = await ask('OPTIONS', '/v1/kv/k', { origin: APP, ...wanted });
    expect(outcome).toBe('204');
    expect(headers).toMatchObject({
      vary: 'Origin',
      'access-control-allow-origin': APP,
      'access-control-allow-methods': 'GET, HEAD, PUT, POST, DELETE',
    });
    const names = String(headers['access-control-allow-headers']).split(', ');
    expect(names).toEqual(
      expect.arrayContaining(['Authorization', 'If-Match', 'Statecraft-Session', 'Content-Type']),
    );
    expect(headers).not.toHaveProperty('access-control-allow-credentials');
  });

  it('may write and read the answer, with its headers, also when it is an error', async () => {
    start({ allowedOrigins: [APP] });
    const cross = { origin: APP, 'sec-fetch-site': 'cross-site' };
    const written = await ask('PUT', '/v1/kv/k', cross);
    expect(written.outcome).toBe('200');
    const missing = await ask('GET', '/v1/kv/none', cross);
    expect(missing.outcome).toBe('404 not_found');
    for (const { headers } of [written, missing]) {
      expect(headers).toMatchObject({ vary: 'Origin', 'access-control-allow-origin': APP });
      expect(String(headers['access-control-expose-headers']).split(', ')).toEqual(
        expect.arrayContaining(['ETag', 'Statecraft-Server', 'Statecraft-Index']),
      );
    }
  });

  it('is the only one: others are refused, and told nothing that lets them read', async () => {
    start({ allowedOrigins: [APP] });
    for (const origin of ['http://app.example', `${APP}:8443`, `${APP}.evil.example`, 'null']) {
      const wanted = { 'access-control-request-method': 'PUT' };
      for (const answer of [
        await ask('OPTIONS', '/v1/kv/k', { origin, ...wanted }),
        await ask('PUT', '/v1/kv/k', { origin }),
      ]) {
        expect(answer.outcome).toBe('403 forbidden');
        expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
      }
    }
    expect(server.proposed).toEqual([]);
  });

  it('is the only one also beside our own, which needs no leave to read', async () => {
    start({ allowedOrigins: [APP] });
    const { outcome, headers } = await ask('PUT', '/v1/kv/k', { origin: 'http://127.0.0.1:7101' });
    expect(outcome).toBe('200');
    expect(headers).not.toHaveProperty('access-control-allow-origin');
  });

  it('leaves everybody else without such headers, but tells caches that they differ', async () => {
    start({ allowedOrigins: [APP] });
    const { headers } = await ask('PUT', '/v1/kv/k', {});
    expect(headers.vary).toBe('Origin');
    expect(headers).not.toHaveProperty('access-control-allow-origin');
    expect((await ask('OPTIONS', '/v1/kv/k', {})).outcome).toBe('405 method_not_allowed');
  });
});

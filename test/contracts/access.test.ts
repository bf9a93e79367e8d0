/** Who may do what: by the token that a request shows, before anything else is done for it. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ServiceOptions } from '../../src/service/context.ts';
import type { Service } from '../../src/service/service.ts';
import { makeToken, type Token, type TokenRole } from '../../src/service/tokens/token.ts';
import { Tokens } from '../../src/service/tokens/tokens.ts';
import { ModelServer, serviceOf } from './model-server.ts';

const CREATED = '2026-01-02T03:04:05.000Z';
const token = (
  name: string,
  role: TokenRole,
  prefixes: readonly string[] = [],
  expires: string | null = null,
) => makeToken({ name, role, prefixes, created: CREATED, expires });

const reader = token('reader', 'read');
const writer = token('writer', 'write');
const admin = token('admin', 'admin');
const app = token('app', 'write', ['app/', 'größe ']);
const old = token('old', 'admin', [], '2026-01-02T03:04:06.000Z');
const all = [reader, writer, admin, app, old].map((each) => each.token);

let nowMs: number;
let tokens: Tokens;
let server: ModelServer;
let service: Service;

function start(options: Partial<ServiceOptions> = {}): void {
  nowMs = Date.parse('2026-02-01T00:00:00.000Z');
  tokens = new Tokens(all, () => nowMs);
  server = new ModelServer();
  service = serviceOf(server, { tokens, ...options });
}

beforeEach(() => start());
afterEach(() => service.close());

type Method = 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE' | 'OPTIONS' | 'PATCH';

async function ask(method: Method, url: string, authorization?: string) {
  const headers = authorization === undefined ? {} : { authorization };
  const answer = await service.app.inject({ method, url, headers });
  const error = answer.body.startsWith('{"error"') ? answer.json().error : null;
  return {
    outcome: `${answer.statusCode} ${error?.code ?? ''}`.trim(),
    message: String(error?.message ?? ''),
    challenge: answer.headers['www-authenticate'],
  };
}

const bearer = ({ secret }: { readonly secret: string }) => `Bearer ${secret}`;
const outcomeOf = async (method: Method, url: string, who: { readonly secret: string }) =>
  (await ask(method, url, bearer(who))).outcome;

const READS: readonly [Method, string][] = [
  ['GET', '/v1/kv/k?consistency=stale'],
  ['GET', '/v1/kv?prefix=a'],
];
const WRITES: readonly [Method, string][] = [
  ['PUT', '/v1/kv/k'],
  ['POST', '/v1/kv/k/append'],
  ['DELETE', '/v1/kv/k'],
  ['POST', '/v1/sessions'],
  ['DELETE', '/v1/sessions/1'],
];
const UNKNOWN: readonly [Method, string][] = [
  ['GET', '/nothing'],
  ['PATCH', '/v1/kv/k'],
  ['GET', '/v1/%6bv'],
];
const STATE = ['/readyz', '/readyz/member', '/metrics', '/v1/status'];

describe('without a token', () => {
  it.each([...READS, ...WRITES, ...UNKNOWN])('nothing is done: %s %s', async (method, url) => {
    const { outcome, message, challenge } = await ask(method, url);
    expect(outcome).toBe('401 unauthenticated');
    expect(message).toMatch(/this server requires a token: .* --location-trusted keeps it$/);
    expect(challenge).toBe('Bearer');
    expect([server.proposed, server.queried, server.applied$.value]).toEqual([[], [], 0]);
  });

  it('one hears how this server is, unless that is closed', async () => {
    for (const url of ['/livez', ...STATE]) expect((await ask('GET', url)).outcome).toBe('200');
    await service.close();
    start({ closesStatus: true });
    expect((await ask('GET', '/livez')).outcome).toBe('200');
    for (const url of STATE) {
      expect((await ask('GET', url)).outcome).toBe('401 unauthenticated');
      expect(await outcomeOf('GET', url, app)).toBe('200');
    }
  });

  it('a page of an allowed origin may still ask beforehand: browsers show none then', async () => {
    await service.close();
    start({ allowedOrigins: ['https://app.example'] });
    const { statusCode } = await service.app.inject({
      method: 'OPTIONS',
      url: '/v1/kv/k',
      headers: { origin: 'https://app.example', 'access-control-request-method': 'PUT' },
    });
    expect(statusCode).toBe(204);
  });
});

describe('a token that is not good', () => {
  const stranger = token('stranger', 'admin');
  it.each([
    ['unknown', bearer(stranger), /this token is not known here/],
    ['of the wrong end', `${bearer(admin).slice(0, -1)}~`, /this token is not known here/],
    ['expired', bearer(old), /this token has expired/],
    [
      'no bearer',
      `Basic ${Buffer.from(`admin:${admin.secret}`).toString('base64')}`,
      /not of the form/,
    ],
    ['bare', admin.secret, /not of the form Bearer <token>/],
    ['empty', 'Bearer ', /not of the form/],
  ])('is as good as none: one that is %s', async (_, authorization, sentence) => {
    for (const [method, url] of [...READS, ...WRITES]) {
      const { outcome, message, challenge } = await ask(method, url, authorization);
      expect(outcome).toBe('401 unauthenticated');
      expect(message).toMatch(sentence);
      expect(challenge).toMatch(/^Bearer/);
      expect(message).not.toContain(authorization.split(' ').at(-1) || 'statecraft_');
    }
  });

  it('is not taken from the query', async () => {
    const { outcome, message } = await ask('GET', `/v1/kv/k?access_token=${admin.secret}`);
    expect(outcome).toBe('401 unauthenticated');
    expect(message).not.toContain(admin.secret);
  });
});

describe('HEAD', () => {
  it('is judged as GET is, and says it by the status alone', async () => {
    expect((await ask('HEAD', '/v1/kv/app/x')).outcome).toBe('401');
    expect((await ask('HEAD', '/v1/kv/app/x')).challenge).toBe('Bearer');
    expect(await outcomeOf('HEAD', '/v1/kv/x', app)).toBe('403');
    expect(await outcomeOf('HEAD', '/v1/kv/app/x', app)).toBe('404');
    expect(await outcomeOf('HEAD', '/v1/kv/x', reader)).toBe('404');
  });
});

describe('a role', () => {
  it('read reads, and does not write', async () => {
    for (const [method, url] of READS) {
      expect(await outcomeOf(method, url, reader)).toMatch(/^(200|404 not_found)$/);
    }
    for (const [method, url] of WRITES) {
      const { outcome, message } = await ask(method, url, bearer(reader));
      expect(outcome).toBe('403 forbidden');
      expect(message).toBe('the token "reader" may read, and this requires the role write');
    }
    expect(server.proposed).toEqual([]);
    expect(await outcomeOf('GET', '/nothing', reader)).toBe('404 not_found');
  });

  it.each([
    ['write', writer],
    ['admin', admin],
  ])('%s reads and writes', async (_, who) => {
    for (const [method, url] of [...WRITES.slice(0, 4), ...READS]) {
      expect(await outcomeOf(method, url, who)).not.toMatch(/^40[13]/);
    }
  });
});

describe('a token for some keys', () => {
  it('is good for keys that begin as it says, however they are spelled', async () => {
    for (const key of ['app/', 'app/x', '%61pp%2Fx', 'gr%C3%B6%C3%9Fe%20x']) {
      expect(await outcomeOf('PUT', `/v1/kv/${key}`, app)).toBe('200');
      expect(await outcomeOf('POST', `/v1/kv/${key}/append`, app)).toBe('200');
      expect(await outcomeOf('GET', `/v1/kv/${key}`, app)).toBe('200');
      expect(await outcomeOf('DELETE', `/v1/kv/${key}`, app)).toBe('200');
    }
    expect(await outcomeOf('POST', '/v1/sessions', app)).toBe('201');
  });

  it('is good for no other, and its owner is told for which', async () => {
    const before = server.applied$.value;
    for (const key of ['x', 'app', 'App/x', 'app%252Fx', 'x/app/', '/app/x', 'app%00/']) {
      for (const [method, url] of [
        ['PUT', `/v1/kv/${key}`],
        ['POST', `/v1/kv/${key}/append`],
        ['GET', `/v1/kv/${key}`],
        ['DELETE', `/v1/kv/${key}`],
      ] as const) {
        const { outcome, message } = await ask(method, url, bearer(app));
        expect(outcome, `${method} ${key}`).toBe('403 forbidden');
        expect(message).toBe('the token "app" is for keys that begin with "app/" or "größe " only');
      }
    }
    expect(server.applied$.value).toBe(before);
  });

  it('cannot use the word that makes an append to reach another key', async () => {
    expect(await outcomeOf('POST', '/v1/kv/app/append', app)).toBe('403 forbidden');
    expect(await outcomeOf('PUT', '/v1/kv/app/append', app)).toBe('200');
    expect(server.proposed.at(-1)?.command.key).toBe('app/append');
  });

  it('lists within these only', async () => {
    for (const query of ['prefix=app/', 'prefix=app/x&after=a', 'prefix=gr%C3%B6%C3%9Fe+']) {
      expect(await outcomeOf('GET', `/v1/kv?${query}`, app)).toBe('200');
    }
    for (const query of ['', 'prefix=', 'prefix=app', 'prefix=x', 'after=app/']) {
      const { outcome, message } = await ask('GET', `/v1/kv?${query}`, bearer(app));
      expect(outcome, query).toBe('403 forbidden');
      expect(message).toMatch(/lists keys that begin with "app\/" or .* only: ask with \?prefix=$/);
    }
    expect(await outcomeOf('GET', '/v1/kv?prefix=app/&prefix=x', app)).toBe('400 bad_request');
  });
});

describe('a server that does not lead', () => {
  beforeEach(() => server.followLeader('b', 'http://127.0.0.1:7102'));

  it('sends on only whom the leader would hear', async () => {
    expect(await outcomeOf('PUT', '/v1/kv/app/x', app)).toBe('307 not_leader');
    expect((await ask('PUT', '/v1/kv/app/x')).outcome).toBe('401 unauthenticated');
    expect(await outcomeOf('PUT', '/v1/kv/x', app)).toBe('403 forbidden');
    expect(await outcomeOf('PUT', '/v1/kv/x', reader)).toBe('403 forbidden');
    expect(server.proposed).toHaveLength(1);
  });
});

describe('on a connection', () => {
  let port: number;
  let wires: Socket[];

  beforeEach(async () => {
    wires = [];
    ({ port } = await service.listen({ host: '127.0.0.1', port: 0 }));
  });
  afterEach(() => {
    for (const wire of wires) wire.destroy();
  });

  async function wireThatSaid(text: string): Promise<{ socket: Socket; heard: () => string }> {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    wires.push(socket);
    let heard = '';
    socket.setEncoding('latin1').on('data', (data) => {
      heard += data;
    });
    socket.write(text);
    await once(socket, 'data');
    return { socket, heard: () => heard };
  }
  const get = (who: { readonly secret: string }) =>
    `GET /v1/kv/app/k HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${bearer(who)}\r\n\r\n`;
  const without = (...some: readonly { readonly token: Token }[]) =>
    all.filter(({ id }) => !some.some((each) => each.token.id === id));

  it('who may not is refused before a byte of the body is asked for', async () => {
    const head = ['PUT /v1/kv/k HTTP/1.1', 'Host: localhost', 'Content-Length: 1000000'];
    const eager = await wireThatSaid([...head, 'Expect: 100-continue', '', ''].join('\r\n'));
    expect(eager.heard()).toMatch(/^HTTP\/1.1 401 /);
    const closed = once(eager.socket, 'close');
    await closed;
    expect(eager.heard()).not.toContain('100 Continue');
    expect(eager.socket.bytesWritten).toBeLessThan(200);
  });

  it('who loses the token loses the connection, and nobody else', async () => {
    const [lost, kept, open] = await Promise.all([
      wireThatSaid(get(app)),
      wireThatSaid(get(admin)),
      wireThatSaid('GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n'),
    ]);
    const closed = once(lost.socket, 'close');
    tokens.replace(without(app));
    await closed;
    for (const { socket } of [kept, open]) {
      socket.write('GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n');
      await once(socket, 'data');
    }
  });

  it('the token that was shown last counts', async () => {
    const wire = await wireThatSaid(get(app));
    wire.socket.write(get(admin));
    await once(wire.socket, 'data');
    tokens.replace(without(app));
    wire.socket.write(get(admin));
    await once(wire.socket, 'data');
    const closed = once(wire.socket, 'close');
    tokens.replace(without(app, admin));
    await closed;
  });
});

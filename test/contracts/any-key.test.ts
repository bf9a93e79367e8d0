/** Every legal key can be asked for by every client: also by one that folds dots in a path. */
import { request } from 'node:http';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createProgram } from '../../src/cli/program.ts';
import { connect, fetchPort, type HttpPort } from '../../src/client/index.ts';
import { isKey } from '../../src/kv/keys.ts';
import { nodeHttpPort } from '../../src/node/http-port.ts';
import type { AuditEvent } from '../../src/service/audit.ts';
import type { Service } from '../../src/service/service.ts';
import { makeToken } from '../../src/service/tokens/token.ts';
import { Tokens } from '../../src/service/tokens/tokens.ts';
import { ModelServer, serviceOf } from './model-server.ts';

let server: ModelServer;
let service: Service;
let address: string;
let follower: Service;
let followerAddress: string;
const events: AuditEvent[] = [];

const known = makeToken({
  ...{ name: 'app', role: 'write', prefixes: ['app/'], expires: null },
  created: '2026-01-02T03:04:05Z',
});

async function listening(of: Service): Promise<string> {
  const { port } = await of.listen({ host: '127.0.0.1', port: 0 });
  return `http://127.0.0.1:${port}`;
}

beforeEach(async () => {
  server = new ModelServer();
  service = serviceOf(server);
  address = await listening(service);
  const following = new ModelServer('b');
  following.followLeader('a', address);
  follower = serviceOf(following);
  followerAddress = await listening(follower);
});

afterEach(async () => {
  events.length = 0;
  await service.close();
  await follower.close();
});

const DOTTED = ['.', '..', 'a/../b', '../status', './k', 'a/.', 'a/..', '/', '//', '/../', '...'];
const OTHERS = ['%2e%2e', '.%2e', 'a\\..\\b', '?', '#', '?key=x', 'a+b c', 'append', '../append'];
const anyKey = fc.oneof(
  fc.constantFrom(...DOTTED, ...OTHERS),
  fc
    .array(fc.constantFrom('.', '..', '/', '%2e', '\\', 'a', '?', '#', '&', '+', ' ', 'é', '\0'), {
      minLength: 1,
      maxLength: 6,
    })
    .map((parts) => parts.join('')),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }).filter((text) => isKey(text)),
);

const ports: readonly (readonly [string, () => HttpPort])[] = [
  ['fetch', () => fetchPort()],
  ["Node.js's own", () => nodeHttpPort()],
];

describe.each(ports)('every key, by %s,', (_, make) => {
  it('is put, read, added to, found in a list and deleted, also by way of a follower', async () => {
    const clients = [address, followerAddress].map((endpoint) =>
      connect({ endpoints: [endpoint], session: false, http: make() }),
    );
    const property = fc.asyncProperty(anyKey, fc.constantFrom(...clients), async (key, client) => {
      server.proposed.length = 0;
      expect(await client.put(key, 'v')).toMatchObject({ outcome: 'applied' });
      expect(await client.append(key, 'w')).toMatchObject({ result: { length: 2 } });
      const read = await client.get(key);
      const value = read.outcome === 'applied' ? read.result?.value : undefined;
      expect(Buffer.from(value ?? []).toString()).toBe('vw');
      const list = await client.list({ prefix: key, limit: 1 });
      expect(list).toMatchObject({ result: { items: [{ key }] } });
      expect(await client.delete(key)).toMatchObject({ result: { found: true } });
      expect(new Set(server.proposed.map(({ command }) => command.key))).toEqual(new Set([key]));
    });
    await fc.assert(property, {
      numRuns: 100,
      examples: [...DOTTED, ...OTHERS].flatMap((key) =>
        clients.map((client): [string, (typeof clients)[0]] => [key, client]),
      ),
    });
    for (const client of clients) await client.close();
  });
});

describe('every key, by the command,', () => {
  it.each([...DOTTED, ...OTHERS])('is put, read and deleted: %s', async (key) => {
    const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    const run = async (...words: readonly string[]) => {
      const [verb = '', ...rest] = words;
      const flags = ['--endpoints', followerAddress, '--', ...rest];
      const program = await createProgram(words);
      await program.parseAsync([verb, ...flags], { from: 'user' });
    };
    await run('put', key, 'v');
    await run('append', key, 'w');
    write.mockClear();
    await run('get', key);
    const printed = write.mock.calls.map(([bytes]) => Buffer.from(bytes).toString()).join('');
    await run('delete', key);
    write.mockRestore();
    expect(printed).toBe('vw');
    expect(server.proposed.map(({ command }) => command.key)).toEqual([key, key, key]);
  });
});

describe('a key as a parameter', () => {
  it.each([...DOTTED, ...OTHERS, 'k'])('is the one that fetch leaves as it is: %s', async (key) => {
    const query = `?key=${encodeURIComponent(key)}`;
    const url = `${followerAddress}/v1/kv/${query}`;
    expect(await (await fetch(url, { method: 'PUT', body: 'v' })).json()).toMatchObject({ key });
    expect(await (await fetch(`${url}&consistency=linearizable`)).text()).toBe('v');
    const appending = `${followerAddress}/v1/kv/append${query}`;
    expect((await fetch(appending, { method: 'POST', body: 'w' })).status).toBe(200);
    expect((await fetch(url, { method: 'HEAD' })).headers.get('content-length')).toBe('2');
    expect((await fetch(url, { method: 'DELETE' })).status).toBe(200);
  });

  const refused: readonly (readonly ['PUT' | 'GET' | 'POST', string])[] = [
    ['PUT', '/v1/kv/k?key=l'],
    ['GET', '/v1/kv/k?key=l'],
    ['POST', '/v1/kv/k/append?key=l'],
    ['PUT', '/v1/kv/?key='],
    ['PUT', '/v1/kv/?key=%FF'],
    ['PUT', '/v1/kv/?key=k&key=l'],
    ['PUT', '/v1/kv/?key=k&consistency=stale'],
    ['GET', '/v1/kv?key=k'],
    ['GET', '/v1/kv/?prefix=k'],
  ];
  it.each(refused)('is not taken beside another, or for a list: %s %s', async (method, url) => {
    const answer = await service.app.inject({ method, url, payload: 'v' });
    expect([answer.statusCode, answer.json().error.code]).toEqual([400, 'bad_request']);
    expect(server.proposed).toHaveLength(0);
  });

  it('is where a redirect leads for a path that would be folded on the way', async () => {
    const rows = [
      ['PUT', '/v1/kv/a/../b', '/v1/kv/?key=a%2F..%2Fb'],
      ['GET', '/v1/kv/%2e%2E?consistency=linearizable', '/v1/kv/?key=..&consistency=linearizable'],
      ['POST', '/v1/kv/./append', '/v1/kv/append?key=.'],
      ['DELETE', '/v1/kv/a\\b', '/v1/kv/?key=a%5Cb'],
      ['PUT', '/v1/kv/a%2F..%2Fb', '/v1/kv/a%2F..%2Fb'],
      ['PUT', '/v1/kv/?key=..', '/v1/kv/?key=..'],
      [
        'GET',
        '/v1/kv/?key=a#b&consistency=linearizable',
        '/v1/kv/?key=a%23b&consistency=linearizable',
      ],
    ] as const;
    for (const [method, url, location] of rows) {
      // By its raw target, which the framework's own requests would fold as well.
      const response = await rawRedirect(method, url);
      expect(response).toBe(`${address}${location}`);
    }
  });

  it('is where a redirect leads for a session that a follower does not know yet', async () => {
    await follower.close();
    const following = new ModelServer('b');
    following.followLeader('a', address);
    const { token, secret } = makeToken({
      ...{ name: 'admin', role: 'admin', prefixes: [], expires: null },
      created: '2026-01-02T03:04:05Z',
    });
    follower = serviceOf(following, { tokens: new Tokens([token]) });
    followerAddress = await listening(follower);
    const headers = { authorization: `Bearer ${secret}`, 'Statecraft-Session': '5' };
    const inSession = { ...headers, 'Statecraft-Sequence': '1' };
    const location = await rawRedirect('PUT', '/v1/kv/shop/../x', inSession);
    expect(location).toBe(`${address}/v1/kv/?key=shop%2F..%2Fx`);
  });

  it('is judged by the token for it, and named in the audit log, without other parameters', async () => {
    await service.close();
    const onAudit = (event: AuditEvent) => events.push(event);
    service = serviceOf(server, {
      ...{ tokens: new Tokens([known.token]), auditsWrites: true, onAudit },
    });
    const headers = { authorization: `Bearer ${known.secret}` };
    const ask = (url: string, method: 'PUT' | 'POST' = 'PUT') =>
      service.app.inject({ method, url, headers, payload: 'v' });
    expect((await ask('/v1/kv/?key=app%2F..')).statusCode).toBe(200);
    expect((await ask('/v1/kv/?key=other')).statusCode).toBe(403);
    expect((await ask('/v1/kv/append?key=other', 'POST')).statusCode).toBe(403);
    expect((await ask('/v1/kv/app/k?key=other')).statusCode).toBe(400);
    expect(events.map(({ path }) => path)).toEqual([
      '/v1/kv/?key=app%2F..',
      '/v1/kv/?key=other',
      '/v1/kv/append?key=other',
      '/v1/kv/app/k?key=other',
    ]);
  });
});

async function rawRedirect(
  method: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<string | undefined> {
  const { hostname, port } = new URL(followerAddress);
  return new Promise((resolve, reject) => {
    const asking = request({ hostname, port, method, path, headers }, (response) => {
      response.resume();
      resolve(response.headers.location);
    });
    asking.on('error', reject);
    asking.end();
  });
}

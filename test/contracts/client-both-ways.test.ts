/** The same calls in a stream and over HTTP, against a real service: the same outcomes. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Client, connect } from '../../src/client/index.ts';
import { nodeHttpPort } from '../../src/node/http-port.ts';
import { makeToken } from '../../src/service/tokens/token.ts';
import { Tokens } from '../../src/service/tokens/tokens.ts';
import { listening } from './listening.ts';

const at = listening();
const clients: Client[] = [];

beforeEach(() => at.start());
afterEach(() => Promise.all(clients.splice(0).map((client) => client.close())));

function clientOf(options: Partial<Parameters<typeof connect>[0]>): Client {
  const client = connect({ endpoints: [`http://127.0.0.1:${at.port}`], ...options });
  clients.push(client);
  return client;
}

async function script(client: Client): Promise<unknown[]> {
  return [
    await client.put('a', 'x', { ifAbsent: true }),
    await client.put('a', 'y', { ifAbsent: true }),
    await client.append('a', 'yz'),
    await client.append('a', new Uint8Array([255]), { ifRevision: 99 }),
    await client.get('a'),
    await client.get('ä/..'),
    await client.put('ä/..', 'dots'),
    await client.get('ä/..', { consistency: 'stale' }),
    await client.list({ limit: 1 }),
    await client.list({ after: 'a', values: true }),
    await client.delete('a'),
    await client.delete('a'),
    await client.delete('a', { ifExists: true }),
    await client.put('a', new Uint8Array(1_048_577)),
    await client.append('ä/..', new Uint8Array(1_048_576)),
  ];
}

describe.each([
  ['with a session', true],
  ['without', false],
] as const)('%s', (_, session) => {
  it('every call ends the same way', async () => {
    const overHttp = await script(clientOf({ stream: false, session, http: nodeHttpPort() }));
    expect(at.service.inFlight.connections.budget.used).toBeGreaterThan(0);
    await at.start();
    const client = clientOf({ session, http: nodeHttpPort() });
    const streamed = await script(client);
    const metrics = (await at.service.app.inject('/metrics')).body;
    expect(metrics).toContain('stream_connections 1\n');
    expect(metrics).not.toContain('http_request_duration_seconds_count{method="PUT"');
    const withoutMessages = (outcomes: unknown[]) =>
      JSON.parse(JSON.stringify(outcomes, (key, value) => (key === 'message' ? '' : value)));
    expect(withoutMessages(streamed)).toEqual(withoutMessages(overHttp));
  });
});

it('the platform’s own way has streams, too', async () => {
  const client = clientOf({});
  expect(await client.put('k', 'v')).toMatchObject({ outcome: 'applied' });
  const got = await client.get('k');
  expect(got.outcome === 'applied' && got.result?.value).toEqual(new Uint8Array([118]));
  expect((await at.service.app.inject('/metrics')).body).toContain('stream_connections 1\n');
});

it('a fetch of one’s own has none', async () => {
  const client = clientOf({ fetch: globalThis.fetch });
  expect(await client.put('k', 'v')).toMatchObject({ outcome: 'applied' });
  expect((await at.service.app.inject('/metrics')).body).toContain('stream_connections 0\n');
});

it.each(['Node.js’s own', 'the platform’s'])(
  'a server that knows no streams is asked over HTTP (%s)',
  async (way) => {
    const asked: string[] = [];
    const older = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      const isPut = request.method === 'PUT';
      response.writeHead(isPut ? 200 : 404, { 'content-type': 'application/json' });
      response.end(isPut ? '{"key":"k","revision":3}' : '{"error":{"code":"not_found"}}');
    });
    await new Promise<void>((resolve) => older.listen(0, '127.0.0.1', resolve));
    const endpoints = [`http://127.0.0.1:${(older.address() as AddressInfo).port}`];
    const http = way.startsWith('Node') ? { http: nodeHttpPort() } : {};
    const client = clientOf({ endpoints, session: false, ...http });
    for (let turn = 0; turn < 3; turn += 1) {
      expect(await client.put('k', 'v')).toMatchObject({ outcome: 'applied' });
    }
    expect(asked).toEqual(['GET /v1/stream', ...Array(3).fill('PUT /v1/kv/k')]);
    older.closeAllConnections();
    older.close();
  },
);

it('the token opens the stream, and a revoked one is refused over either', async () => {
  const { token, secret } = makeToken({
    ...{ name: 'app', role: 'write', prefixes: [] },
    ...{ created: '2026-01-02T03:04:05Z', expires: null },
  });
  const tokens = new Tokens([token]);
  await at.start({ tokens });
  const client = clientOf({ token: secret, http: nodeHttpPort(), session: false });
  expect(await client.put('k', 'v')).toMatchObject({ outcome: 'applied' });
  expect((await at.service.app.inject('/metrics')).body).toContain('stream_connections 1\n');
  tokens.replace([]);
  const refused = await client.get('k');
  expect(refused).toMatchObject({ outcome: 'refused', reason: 'unauthenticated' });
});

/** Streams over TLS: who gets in, who hears why not, and what becomes of one that is open. */
import { once } from 'node:events';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { clientRequest, serverRequest } from '../../src/certificates/requests.ts';
import { type Client, type ConnectOptions, connect } from '../../src/client/index.ts';
import { type NodeHttpPortOptions, nodeHttpPort } from '../../src/node/http-port.ts';
import { watchTlsFiles } from '../../src/node/tls-files.ts';
import type { AuditEvent } from '../../src/service/audit.ts';
import type { ServiceOptions } from '../../src/service/context.ts';
import { makeToken } from '../../src/service/tokens/token.ts';
import { Tokens } from '../../src/service/tokens/tokens.ts';
import { VirtualClock } from '../../src/simulation/virtual-clock.ts';
import { type Certified, certified, newAuthority, type TestAuthority } from './certified.ts';
import { listening } from './listening.ts';
import { StreamWire, type WireOptions } from './stream-wire.ts';

const LOCAL = serverRequest([{ type: 'ip', value: '127.0.0.1' }]);

let authority: TestAuthority;
let stranger: TestAuthority;
let own: Certified;
let others: Certified;
let alice: Certified;
let mallory: Certified;
beforeAll(async () => {
  [authority, stranger] = await Promise.all([newAuthority(), newAuthority()]);
  own = await certified(authority, LOCAL);
  others = await certified(stranger, LOCAL);
  alice = await certified(authority, clientRequest('alice'));
  mallory = await certified(stranger, clientRequest('alice'));
});

const at = listening();
const audited: AuditEvent[] = [];
const clients: Client[] = [];
afterEach(() => Promise.all(clients.splice(0).map((client) => client.close())));

async function start(options: Partial<ServiceOptions> = {}): Promise<void> {
  audited.length = 0;
  await at.start({
    advertisedClientAddress: 'https://127.0.0.1:7101',
    tls: { cert: own.cert, key: own.key },
    onAudit: (event) => audited.push(event),
    ...options,
  });
}
const startMutual = () => start({ tls: { cert: own.cert, key: own.key, ca: authority.cert } });

/** Shows that certificate, and trusts the authority of the server. */
const showing = ({ cert, key }: Certified) => ({ ca: authority.cert, cert, key });

/** Why there is no stream: the HTTP answer to the handshake, or the error. */
async function refusal(options: WireOptions): Promise<string> {
  const { webSocket } = new StreamWire(at.port, options);
  const failed = once(webSocket, 'error').then(([error]) => `${error.code} ${error.message}`);
  const answered = once(webSocket, 'unexpected-response').then(async ([, response]) => {
    let text = `${(response as IncomingMessage).statusCode} `;
    for await (const part of response) text += part;
    return text;
  });
  const why = await Promise.race([failed, answered]);
  webSocket.terminate();
  return why;
}

function clientOf(tls: NodeHttpPortOptions, options: Partial<ConnectOptions> = {}): Client {
  const endpoints = [`https://127.0.0.1:${at.port}`];
  const client = connect({ endpoints, session: false, http: nodeHttpPort(tls), ...options });
  clients.push(client);
  return client;
}

const streamsOpen = async () => {
  const { body } = await at.service.app.inject('/metrics');
  return Number(/^stream_connections (\d+)$/m.exec(body)?.[1]);
};

async function works(wire: StreamWire, request: number): Promise<void> {
  wire.put(request, 'k', 'v');
  expect(await wire.ask(request)).toMatchObject({ type: 'written' });
}

describe('a server with a certificate', () => {
  it('carries streams over TLS, and over nothing else', async () => {
    await start();
    const wire = await at.stream({ tls: { ca: authority.cert } });
    await works(wire, 1);
    expect(await refusal({})).toMatch(/^400 .*use https:/);
  });

  it('hears nothing, a token least of all, from a client that does not trust it', async () => {
    await start();
    const heard: string[] = [];
    at.service.app.server.prependListener('secureConnection', (socket: TLSSocket) => {
      socket.on('data', (data) => heard.push(String(data)));
    });
    expect(await refusal({ tls: { ca: stranger.cert }, token: 'secret' })).toMatch(/^UNABLE_TO_/);
    const client = clientOf({ ca: stranger.cert }, { token: 'secret' });
    expect(await client.put('k', 'v')).toMatchObject({
      ...{ outcome: 'refused', reason: 'unreachable' },
      message: expect.stringMatching(/from an unknown authority: name its file/),
    });
    expect(heard).toEqual([]);
    expect(at.server.proposed).toEqual([]);
  });
});

describe('a server that wants certificates of its clients', () => {
  it('carries the stream of who shows one', async () => {
    await startMutual();
    await works(await at.stream({ tls: showing(alice) }), 1);
    expect(audited).toEqual([]);
  });

  it('answers the handshake of any other with the reason', async () => {
    await startMutual();
    const none = await refusal({ tls: { ca: authority.cert } });
    expect(none).toMatch(/^401 .*"unauthenticated".*none was shown/s);
    expect(await refusal({ tls: showing(mallory) })).toMatch(/^401 .*is refused: UNABLE_TO_/s);
    expect(audited.map(({ outcome }) => outcome)).toEqual(Array(2).fill('401 unauthenticated'));
    expect(await streamsOpen()).toBe(0);
  });

  it('asks for the token as well, where there are tokens', async () => {
    const { token, secret } = tokenUntil(null);
    const tls = { cert: own.cert, key: own.key, ca: authority.cert };
    await start({ tls, tokens: new Tokens([token]) });
    await works(await at.stream({ tls: showing(alice), token: secret }), 1);
    const wire = await at.stream({ tls: showing(alice) });
    expect(await wire.answer(0)).toMatchObject({ code: 'unauthenticated' });
    expect(await wire.untilClosed()).toMatchObject({ code: 4401 });
    const bare = await refusal({ tls: { ca: authority.cert }, token: secret });
    expect(bare).toMatch(/^401 /);
  });
});

describe('an open stream', () => {
  it('goes on when the files are replaced; the next one gets what is in them', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'statecraft-'));
    const path = (name: string) => join(directory, name);
    const put = (name: string, text: string) => {
      writeFileSync(path('aside'), text, { mode: 0o600 });
      renameSync(path('aside'), path(name));
    };
    const putAll = ({ cert, key, ca }: Certified) => {
      for (const [name, text] of Object.entries({ cert, key, ca })) put(name, text);
    };
    putAll(own);
    const clock = new VirtualClock();
    const files = watchTlsFiles(
      { cert: path('cert'), key: path('key'), ca: path('ca') },
      { clock, onChanged: (renewed) => at.service.renewTls(renewed) },
    );
    await start({ tls: files.value });
    const wire = await at.stream({ tls: showing(alice) });
    putAll(others);
    while (clock.fireNext(10_000));
    // Both its server's certificate and the authority of its own are no longer in the files.
    await works(wire, 1);
    expect(await refusal({ tls: showing(alice) })).toMatch(/^(UNABLE_TO|SELF_SIGNED)_/);
    expect(await refusal({ tls: { ...alice, ca: stranger.cert } })).toMatch(/^401 /);
    const next = await at.stream({ tls: { ...mallory, ca: stranger.cert } });
    await works(next, 1);
    await works(wire, 2);
    files.stop();
    rmSync(directory, { recursive: true });
  });

  it('ends within ten seconds when its token is revoked, or expires in silence', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    try {
      let now = 0;
      const brief = tokenUntil(new Date(1_000).toISOString());
      const lasting = tokenUntil(null);
      const tokens = new Tokens([brief.token, lasting.token], () => now);
      await start({ tokens });
      const tls = { ca: authority.cert };
      const expiring = await at.stream({ tls, token: brief.secret });
      const revoked = await at.stream({ tls, token: lasting.secret });
      await works(expiring, 1);
      now = 1_001;
      vi.advanceTimersByTime(10_000);
      expect(await expiring.untilClosed()).toMatchObject({ code: 4401 });
      await works(revoked, 1);
      tokens.replace([]);
      vi.advanceTimersByTime(10_000);
      expect(await revoked.untilClosed()).toMatchObject({ code: 4401 });
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('a client', () => {
  it('asks in a stream by itself, with its certificate, and over HTTP only if it must', async () => {
    await startMutual();
    const client = clientOf(showing(alice));
    expect(await client.put('k', 'v')).toMatchObject({ outcome: 'applied' });
    expect(await client.get('k')).toMatchObject({ outcome: 'applied', result: { revision: 1 } });
    expect(await streamsOpen()).toBe(1);
    const { body } = await at.service.app.inject('/metrics');
    expect(body).not.toContain('http_request_duration_seconds_count{method="PUT"');
    const overHttp = clientOf(showing(alice), { stream: false });
    expect(await overHttp.put('k', 'v')).toMatchObject({ result: { revision: 2 } });
    expect(await streamsOpen()).toBe(1);
  });

  it('hears that it has to show a certificate', async () => {
    await startMutual();
    expect(await clientOf({ ca: authority.cert }).put('k', 'v')).toMatchObject({
      ...{ outcome: 'refused', reason: 'unauthenticated' },
      message: expect.stringMatching(/requires a certificate of its clients, and none was shown/),
    });
    expect(await clientOf(showing(mallory)).put('k', 'v')).toMatchObject({
      ...{ outcome: 'refused', reason: 'unauthenticated' },
      message: expect.stringMatching(/is refused: UNABLE_TO_/),
    });
    expect(at.server.proposed).toEqual([]);
  });

  it('asks a server without streams over HTTP, by TLS, and shows its token there', async () => {
    const asked: string[] = [];
    const older = createServer(own, (request, response) => {
      const isPut = request.method === 'PUT';
      asked.push(`${request.method} ${request.url} ${request.headers.authorization ?? ''}`);
      response.writeHead(isPut ? 200 : 404, { 'content-type': 'application/json' });
      response.end(isPut ? '{"key":"k","revision":3}' : '{"error":{"code":"not_found"}}');
    });
    await new Promise<void>((resolve) => older.listen(0, '127.0.0.1', resolve));
    const endpoints = [`https://127.0.0.1:${(older.address() as AddressInfo).port}`];
    const client = clientOf({ ca: authority.cert }, { endpoints, token: 'secret' });
    expect(await client.put('k', 'v')).toMatchObject({ result: { revision: 3 } });
    expect(asked).toEqual(['GET /v1/stream ', 'PUT /v1/kv/k Bearer secret']);
    older.closeAllConnections();
    older.close();
  });
});

function tokenUntil(expires: string | null) {
  const name = expires === null ? 'lasting' : 'brief';
  return makeToken({ name, role: 'write', prefixes: [], created: '1970-01-01T00:00:00Z', expires });
}

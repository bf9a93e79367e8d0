/** Who may use a stream: what is refused in the handshake, in the hello, and for each request. */
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { AuditEvent } from '../../src/service/audit.ts';
import type { ServiceOptions } from '../../src/service/context.ts';
import { makeToken } from '../../src/service/tokens/token.ts';
import { Tokens } from '../../src/service/tokens/tokens.ts';
import * as requests from '../../src/streaming/requests.ts';
import { exchange } from './http-exchange.ts';
import { listening } from './listening.ts';
import { StreamWire, type WireOptions } from './stream-wire.ts';

const at = listening();
const audited: AuditEvent[] = [];

async function start(options: Partial<ServiceOptions> = {}): Promise<void> {
  audited.length = 0;
  await at.start({ onAudit: (event) => audited.push(event), ...options });
}

/** The status by which the handshake was refused; 101 when it was not. */
async function handshake(options: WireOptions): Promise<number> {
  const { webSocket } = new StreamWire(at.port, options);
  const [end] = await Promise.race([
    once(webSocket, 'unexpected-response').then(([, response]) => [response.statusCode]),
    once(webSocket, 'open').then(() => [101]),
  ]);
  webSocket.terminate();
  return end;
}

describe('the handshake', () => {
  it('is refused to pages of other sites, under other names, and without the subprotocol', async () => {
    await start({ allowedOrigins: ['https://app.example'] });
    expect(await handshake({})).toBe(101);
    expect(await handshake({ headers: { origin: 'https://evil.example' } })).toBe(403);
    expect(await handshake({ headers: { origin: 'null' } })).toBe(403);
    expect(await handshake({ headers: { origin: 'https://app.example' } })).toBe(101);
    expect(await handshake({ headers: { origin: `http://127.0.0.1:${at.port}` } })).toBe(101);
    expect(await handshake({ headers: { host: 'evil.example' } })).toBe(421);
    expect(await handshake({ subprotocols: ['statecraft.v9'] })).toBe(400);
    expect(await handshake({ subprotocols: ['statecraft.v9', 'statecraft.v1'] })).toBe(101);
    at.service.refuse();
    expect(audited.map(({ outcome }) => outcome)).toEqual([
      '403 forbidden',
      '403 forbidden',
      '421 wrong_host',
    ]);
  });

  it('is what a plain request is asked for', async () => {
    await start();
    const answer = await at.service.app.inject({ method: 'GET', url: '/v1/stream' });
    expect(answer.statusCode).toBe(426);
    expect(answer.headers.upgrade).toBe('websocket');
    expect(answer.json().error.code).toBe('upgrade_required');
  });

  it.each([false, true])(
    'is for WebSockets: any other upgrade is ignored, as HTTP permits (inspects: %s)',
    async (inspects) => {
      await start({ inspects });
      const ask = (...lines: string[]) =>
        exchange(at.port, Buffer.from(`${lines.join('\r\n')}\r\nHost: localhost\r\n\r\n`), {
          isAll: true,
        });
      const h2c = ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMA'];
      expect(await ask('GET /livez HTTP/1.1', ...h2c)).toMatchObject({ status: 200 });
      const other = ['Connection: Upgrade', 'Upgrade: websocket'];
      expect(await ask('GET /livez HTTP/1.1', ...other)).toMatchObject({ status: 200 });
      expect(await ask('GET /v1/stream HTTP/1.1', ...h2c)).toMatchObject({ status: 426 });
    },
  );
});

const made = (name: string, role: 'read' | 'write' | 'admin', prefixes: readonly string[] = []) =>
  makeToken({ name, role, prefixes, created: '2026-01-02T03:04:05Z', expires: null });

describe('with tokens', () => {
  const [alice, bob, reader, app] = [
    made('alice', 'write'),
    made('bob', 'admin'),
    made('reader', 'read'),
    made('app', 'write', ['app/']),
  ];
  const all = [alice, bob, reader, app].map(({ token }) => token);
  const opened = ({ secret: token }: { readonly secret: string }) => at.stream({ token });

  it.each([
    ['none', '', 'show it in the hello'],
    ['one that is not known', made('other', 'admin').secret, 'not known here'],
  ])(
    'the hello is refused with %s: said in an answer, since browsers hide it',
    async (_, token, why) => {
      await start({ tokens: new Tokens(all) });
      const wire = await at.stream({ token });
      expect(await wire.answer(0)).toMatchObject({
        ...{ type: 'not-applied', code: 'unauthenticated' },
        message: expect.stringContaining(why),
      });
      expect(await wire.untilClosed()).toMatchObject({ code: 4401 });
      expect(audited).toMatchObject([{ outcome: '401 unauthenticated', path: '/v1/stream' }]);
    },
  );

  it('nothing is carried out before the hello', async () => {
    await start({ tokens: new Tokens(all) });
    const wire = new StreamWire(at.port);
    await wire.connected();
    wire.put(1, 'k', 'v');
    wire.send();
    expect(await wire.untilClosed()).toMatchObject({ code: 4400 });
    const second = new StreamWire(at.port);
    await second.connected();
    requests.writeHello(second.writer, { name: '', token: bob.secret });
    second.put(1, 'k', 'v');
    second.send();
    expect(await second.untilClosed()).toMatchObject({ code: 4400 });
    expect(at.server.proposed).toEqual([]);
  });

  it.each([
    ['with a request number', '00000008 01 00000001 00 0000'],
    ['with a name of 65 bytes', `00000049 01 00000000 41 ${'61'.repeat(65)} 0000`],
  ])('a hello %s is not one', async (_, bytes) => {
    await start();
    const wire = new StreamWire(at.port);
    await wire.connected();
    wire.webSocket.send(Buffer.from(bytes.replaceAll(' ', ''), 'hex'));
    expect(await wire.untilClosed()).toMatchObject({ code: 4400 });
  });

  it('each request needs the role and the keys, and is refused by itself', async () => {
    await start({ tokens: new Tokens(all) });
    const forbidden = { type: 'not-applied', code: 'forbidden' };
    const reading = await opened(reader);
    reading.put(1, 'k', 'v');
    requests.writeOpenSession(reading.writer, 2, 0);
    reading.get(3, 'k');
    expect(await reading.ask(3)).toMatchObject({ type: 'no-such-key' });
    expect(await reading.answer(1)).toMatchObject(forbidden);
    expect(await reading.answer(2)).toMatchObject(forbidden);
    const own = await opened(app);
    own.put(1, 'app/k', 'v');
    own.put(2, 'k', 'v');
    own.get(3, 'k');
    requests.writeList(own.writer, 4, 0, {}, true);
    requests.writeList(own.writer, 5, 0, { prefix: 'app/' }, true);
    expect(await own.ask(1)).toMatchObject({ type: 'written' });
    for (const request of [2, 3, 4]) expect(await own.answer(request)).toMatchObject(forbidden);
    expect(await own.answer(5)).toMatchObject({ type: 'page' });
    expect(at.server.proposed).toHaveLength(1);
    expect(audited.map(({ token, method, path }) => `${token} ${method} ${path}`)).toEqual([
      'reader PUT /v1/kv/k',
      'reader POST /v1/sessions',
      'app PUT /v1/kv/k',
      'app GET /v1/kv/k',
      'app GET /v1/kv',
    ]);
  });

  it('a session belongs to the token that opened it', async () => {
    await start({ tokens: new Tokens(all) });
    const hers = await opened(alice);
    requests.writeOpenSession(hers.writer, 1, 0);
    const answer = await hers.ask(1);
    const session = answer.type === 'session-opened' ? answer.session : 0;
    const append = { type: 'append', key: 'k', value: 'x' } as const;
    hers.write(2, append, { session, sequence: 1 });
    hers.write(3, append, { session, sequence: 2, firstUnanswered: 1 });
    expect(await hers.ask(2)).toMatchObject({ type: 'written' });
    expect(await hers.answer(3)).toMatchObject({ type: 'written', length: 2 });
    const his = await opened(bob);
    his.write(1, append, { session, sequence: 3 });
    requests.writeCloseSession(his.writer, 2, 0, session);
    his.write(3, append, { session: 999, sequence: 1 });
    expect(await his.ask(1)).toMatchObject({ code: 'forbidden' });
    expect(await his.answer(2)).toMatchObject({ code: 'forbidden' });
    expect(await his.answer(3)).toMatchObject({ code: 'session_expired' });
    expect(at.server.proposed).toHaveLength(2);
  });

  it('a stream ends with its token, and a token that may do less does less', async () => {
    const tokens = new Tokens(all);
    await start({ tokens });
    const wire = await opened(alice);
    wire.put(1, 'k', 'v');
    expect(await wire.ask(1)).toMatchObject({ type: 'written' });
    tokens.replace([{ ...alice.token, role: 'read' }]);
    wire.put(2, 'k', 'v');
    expect(await wire.ask(2)).toMatchObject({ code: 'forbidden' });
    tokens.replace([]);
    expect(await wire.untilClosed()).toMatchObject({ code: 4401 });
  });

  it('one that has expired is refused with the next message', async () => {
    let now = 0;
    const expires = new Date(1_000).toISOString();
    await start({ tokens: new Tokens([{ ...alice.token, expires }], () => now) });
    const wire = await opened(alice);
    now = 2_000;
    wire.put(1, 'k', 'v');
    wire.send();
    expect(await wire.untilClosed()).toMatchObject({ code: 4401 });
    expect(at.server.proposed).toEqual([]);
  });
});

it('writes are audited as over HTTP, where they are', async () => {
  await start({ auditsWrites: true });
  const wire = await at.stream();
  wire.put(1, 'a b/c', 'v');
  wire.write(2, { type: 'append', key: 'k', value: 'v', ifExists: true });
  wire.write(3, { type: 'delete', key: 'k' });
  wire.get(4, 'k');
  await wire.ask(4);
  await wire.answer(2);
  expect(audited.map(({ event, method, path, outcome }) => [event, method, path, outcome])).toEqual(
    expect.arrayContaining([
      ['write', 'PUT', '/v1/kv/a%20b%2Fc', '200'],
      ['write', 'POST', '/v1/kv/k/append', '412'],
      ['write', 'DELETE', '/v1/kv/k', '200'],
    ]),
  );
  expect(audited).toHaveLength(3);
});

it('the metrics count what streams do', async () => {
  await start();
  const wire = await at.stream();
  wire.put(1, 'k', 'v');
  await wire.ask(1);
  at.server.forced = { outcome: 'unknown', reason: 'timed-out' };
  wire.put(2, 'k', 'v');
  await wire.ask(2);
  const text = (await at.service.app.inject('/metrics')).body;
  const count = 'stream_request_duration_seconds_count';
  expect(text).toContain(`${count}{operation="put",code="ok"} 1\n`);
  expect(text).toContain(`${count}{operation="put",code="outcome_unknown"} 1\n`);
  expect(text).toContain('stream_connections 1\n');
  expect(text).toContain('raft_proposals_failed_total 1\n');
});

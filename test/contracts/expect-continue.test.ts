/** Who asks before sending a body (RFC 9110 §10.1.1) is told at once when it would be sent in vain. */
import { execFile, spawnSync } from 'node:child_process';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LOOPBACK } from '../../src/node/remote-address.ts';
import type { ServiceOptions } from '../../src/service/context.ts';
import { createService, type Service } from '../../src/service/service.ts';
import { makeToken } from '../../src/service/tokens/token.ts';
import { Tokens } from '../../src/service/tokens/tokens.ts';
import { ModelServer } from './model-server.ts';

interface Running {
  readonly server: ModelServer;
  readonly service: Service;
  readonly port: number;
}

let one: Running;
const running: Service[] = [];
const sockets: Socket[] = [];

async function start(more: Partial<ServiceOptions> = {}): Promise<Running> {
  const server = new ModelServer();
  const advertisedClientAddress = 'http://127.0.0.1:7101';
  const options = { server, advertisedClientAddress, requestTimeoutMs: 5_000, version: '9.9.9' };
  const service = createService({ ...options, ...more });
  running.push(service);
  return { server, service, ...(await service.listen({ host: '127.0.0.1', port: 0 })) };
}

beforeEach(async () => {
  one = await start();
});

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const service of running.splice(0)) await service.close();
});

class Wire {
  received = '';
  readonly socket: Socket;

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1').on('error', () => {});
    this.socket.on('data', (bytes) => {
      this.received += bytes.toString('latin1');
    });
    sockets.push(this.socket);
  }

  ask(line: string, ...headers: readonly string[]): this {
    const own = headers.some((header) => /^expect:/i.test(header)) ? [] : [ASKS];
    const host = headers.some((header) => /^host:/i.test(header)) ? [] : ['Host: localhost'];
    const all = [`${line} HTTP/1.1`, ...host, ...own, ...headers];
    this.socket.write(`${all.join('\r\n')}\r\n\r\n`);
    return this;
  }

  async until(text: string): Promise<string> {
    while (!this.received.includes(text)) {
      if (this.socket.closed) throw new Error(`closed after: ${this.received}`);
      await new Promise((resolve) => setImmediate(resolve));
    }
    return this.received;
  }

  async closed(): Promise<void> {
    while (!this.socket.closed) await new Promise((resolve) => setImmediate(resolve));
  }
}

const ASKS = 'Expect: 100-continue';
const LENGTH = 'Content-Length: 2';
const CHUNKS = 'Transfer-Encoding: chunked';
const PUT = 'PUT /v1/kv/k';

/** What is asked, how the server is, and what is answered. */
type Row = readonly [
  answer: string,
  line: string,
  headers: readonly string[],
  given?: (is: Running) => void,
];

const follows = ({ server }: Running) => server.followLeader('b', 'http://127.0.0.1:7102');
const rows: readonly Row[] = [
  ['307 not_leader', PUT, [LENGTH], follows],
  ['307 not_leader', PUT, [CHUNKS], follows],
  ['307 not_leader', 'POST /v1/kv/k/append', [LENGTH], follows],
  ['307 not_leader', 'DELETE /v1/kv/k', [LENGTH], follows],
  ['307 not_leader', 'POST /v1/sessions', [LENGTH], follows],
  ['503 no_leader', PUT, [LENGTH], ({ server }) => server.followLeader(null, null)],
  [
    '503 not_ready',
    PUT,
    [LENGTH],
    ({ server }) => Object.assign(server, { overrides: { isReady: false } }),
  ],
  ['400 bad_request', 'PUT /v1/kv/%zz', [LENGTH]],
  ['400 bad_request', 'PUT /v1/kv/', [LENGTH]],
  ['400 bad_request', 'PUT /v1/kv/k?consistency=stale', [LENGTH]],
  ['400 bad_request', PUT, [LENGTH, 'If-Match: 1']],
  ['400 bad_request', PUT, [LENGTH, 'Statecraft-Session: 1']],
  ['404 not_found', 'PUT /v1/nothing', [LENGTH]],
  ['405 method_not_allowed', 'POST /v1/kv/k', [LENGTH]],
  ['405 method_not_allowed', 'PATCH /v1/kv/k', [LENGTH]],
  ['405 method_not_allowed', 'PUT /v1/status', [CHUNKS]],
  ['413 too_large', PUT, ['Content-Length: 1048577']],
  ['417 expectation_failed', PUT, [LENGTH, 'Expect: 200-ok']],
  ['417 expectation_failed', PUT, [LENGTH, 'Expect: 100-continue, more']],
  ['417 expectation_failed', 'GET /v1/kv/k', ['Expect: something']],
  ['421 wrong_host', PUT, [LENGTH, 'Host: evil.example']],
  ['429 overloaded', PUT, [LENGTH], ({ service }) => fill(service, 'requests')],
  ['429 overloaded', PUT, [LENGTH], ({ service }) => fill(service, 'bodyBytes')],
  ['507 quota_exceeded', PUT, [LENGTH], withQuota(2)],
  ['507 quota_exceeded', 'POST /v1/kv/k/append', [LENGTH], withQuota(2)],
];

function fill({ inFlight: underWay }: Service, budget: 'requests' | 'bodyBytes'): void {
  underWay[budget].take(LOOPBACK, underWay[budget].limit.max);
}

function withQuota(storedBytesMax: number) {
  return ({ server }: Running) => {
    server.overrides = { quota: { storedBytes: 0, storedBytesMax } };
  };
}

const answerIn = (text: string) =>
  `${/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1]} ${/"code":"(\w+)"/.exec(text)?.[1]}`;

describe('a body that would be sent in vain', () => {
  for (const [answer, line, headers, given] of rows) {
    it(`is not asked for: ${answer} to ${line} with ${headers.join(', ')}`, async () => {
      given?.(one);
      const wire = new Wire(one.port).ask(line, ...headers);
      expect(answerIn(await wire.until('"code"'))).toBe(answer);
      expect(one.server.proposed).toHaveLength(0);
    });
  }

  it.each(['unauthenticated', 'forbidden'])('is not asked for: %s', async (code) => {
    const { token, secret } = makeToken({
      ...{ name: 'app', role: 'read', prefixes: [], expires: null },
      created: '2026-01-02T03:04:05Z',
    });
    const guarded = await start({ tokens: new Tokens([token]) });
    const shown = code === 'forbidden' ? [`Authorization: Bearer ${secret}`] : [];
    const wire = new Wire(guarded.port).ask(PUT, LENGTH, ...shown);
    expect(answerIn(await wire.until('"code"'))).toMatch(code);
  });

  it('ends the connection, since nobody knows whether it comes all the same', async () => {
    follows(one);
    const wire = new Wire(one.port).ask(PUT, LENGTH);
    expect(await wire.until('"not_leader"')).toMatch(/^connection: close\r$/im);
    await wire.closed();
  });
});

describe('a body that is wanted', () => {
  it.each([LENGTH, CHUNKS])('is asked for, and then answered: %s', async (framing) => {
    const wire = new Wire(one.port).ask(PUT, framing);
    await wire.until('HTTP/1.1 100 Continue\r\n\r\n');
    wire.socket.write(framing === LENGTH ? 'hi' : '2\r\nhi\r\n0\r\n\r\n');
    expect(await wire.until('"revision":1}')).toContain('HTTP/1.1 200 OK');
  });

  it('is asked for within the quota, and where it makes less of a value', async () => {
    await one.service.app.inject({ method: 'PUT', url: '/v1/kv/k', payload: 'four' });
    withQuota(5)(one);
    one.server.overrides = { quota: { storedBytes: 5, storedBytesMax: 5 } };
    const wire = new Wire(one.port).ask(PUT, LENGTH);
    await wire.until('100 Continue');
  });

  it('is not waited for by a request without one, nor by HTTP/1.0', async () => {
    const wire = new Wire(one.port).ask('DELETE /v1/kv/k');
    expect(await wire.until('"code"')).toMatch(/^HTTP\/1.1 404 /);
    const old = new Wire(one.port);
    old.socket.write('PUT /v1/kv/k HTTP/1.0\r\nExpect: more\r\nContent-Length: 2\r\n\r\nhi');
    expect(await old.until('"revision"')).toMatch(/^HTTP\/1.1 200 /);
  });

  it('that breaks off is not put', async () => {
    const wire = new Wire(one.port).ask(PUT, LENGTH);
    await wire.until('100 Continue');
    wire.socket.destroy();
    while (one.service.inFlight.bodyBytes.used > 0) await new Promise((r) => setImmediate(r));
    expect(one.server.proposed).toHaveLength(0);
  });

  it('is asked for when it is its turn, and not before', async () => {
    let open = () => {};
    one.server.gate = new Promise((resolve) => {
      open = resolve;
    });
    const wire = new Wire(one.port);
    wire.socket.write(`${PUT} HTTP/1.1\r\nHost: localhost\r\n${LENGTH}\r\n\r\nhi`);
    wire.ask(PUT, LENGTH);
    while (one.service.inFlight.requests.used < 2) await new Promise((r) => setImmediate(r));
    expect(wire.received).toBe('');
    open();
    expect(await wire.until('100 Continue')).toMatch(/^HTTP\/1.1 200 OK.*100 Continue/s);
  });
});

describe.skipIf(spawnSync('curl', ['--version']).status !== 0)('curl -T -', () => {
  it.each([3, 500_000])('writes %i bytes through a server that does not lead', async (length) => {
    const leader = await start();
    one.server.followLeader('b', `http://127.0.0.1:${leader.port}`);
    const url = `http://127.0.0.1:${one.port}/v1/kv/k`;
    const out = await new Promise<string>((resolve) => {
      const curl = execFile('curl', ['-sS', '-L', '-T', '-', url], (_, stdout, stderr) =>
        resolve(stdout + stderr),
      );
      curl.stdin?.end('x'.repeat(length));
    });
    expect(out).toContain('"revision":1');
    expect(leader.server.proposed[0]?.command).toMatchObject({ key: 'k' });
    const read = await leader.service.app.inject({ method: 'GET', url: '/v1/kv/k' });
    expect(read.body).toHaveLength(length);
  });
});

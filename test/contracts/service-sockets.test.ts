/** The HTTP service on a real socket: what only shows on the wire. */

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Service } from '../../src/service/service.ts';
import { ModelServer, serviceOf } from './model-server.ts';

let server: ModelServer;
let service: Service;
let port: number;
let sockets: Socket[];

beforeEach(async () => {
  sockets = [];
  server = new ModelServer();
  service = serviceOf(server);
  ({ port } = await service.listen({ host: '127.0.0.1', port: 0 }));
});

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await service.close();
});

/** A connection that collects what it receives. */
class Wire {
  received = '';
  readonly socket: Socket;

  constructor() {
    this.socket = connect(port, '127.0.0.1');
    this.socket.on('error', () => {});
    this.socket.on('data', (bytes) => {
      this.received += bytes.toString('latin1');
    });
    sockets.push(this.socket);
  }

  send(head: readonly string[], body: string | Buffer = ''): this {
    this.socket.write(`${head.join('\r\n')}\r\n\r\n`, 'latin1');
    if (body.length > 0) this.socket.write(body);
    return this;
  }

  /** Resolves when `text` has arrived. */
  async until(text: string): Promise<string> {
    while (!this.received.includes(text)) {
      if (this.socket.destroyed) throw new Error(`closed after: ${this.received}`);
      await this.#next('data');
    }
    return this.received;
  }

  async closed(): Promise<string> {
    if (!this.socket.closed) await this.#next('close');
    return this.received;
  }

  /** A reset is a way of closing. */
  #next(event: 'data' | 'close' | 'connect'): Promise<void> {
    return new Promise((resolve) => {
      this.socket.once(event, () => resolve());
      this.socket.once('close', () => resolve());
    });
  }
}

const HOST = 'Host: 127.0.0.1';
const put = (path: string, ...headers: string[]) => [`PUT ${path} HTTP/1.1`, HOST, ...headers];

describe('a body', () => {
  it('is asked for before it is sent (Expect: 100-continue)', async () => {
    const wire = new Wire().send(put('/v1/kv/k', 'Content-Length: 2', 'Expect: 100-continue'));
    await wire.until('100 Continue\r\n\r\n');
    wire.socket.write('hi');
    expect(await wire.until('"revision":1}')).toContain('HTTP/1.1 200 OK');
  });

  it('that would be too long is refused before it is sent', async () => {
    const head = put('/v1/kv/k', 'Content-Length: 1048577', 'Expect: 100-continue');
    const answer = await new Wire().send(head).until('"too_large"');
    expect(answer).toMatch(/^HTTP\/1.1 413 /);
  });

  it('that says it is too long is answered although it never comes', async () => {
    const wire = new Wire().send(put('/v1/kv/k', 'Content-Length: 999999999999'));
    expect(await wire.until('"too_large"')).toMatch(/^HTTP\/1.1 413 /);
    await wire.closed();
  });

  it('that never ends is answered at the limit, and then cut off', async () => {
    const wire = new Wire().send(put('/v1/kv/k', 'Transfer-Encoding: chunked'));
    const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`;
    const feed = () => {
      while (!wire.socket.destroyed && wire.socket.write(chunk));
    };
    wire.socket.on('drain', feed);
    feed();
    expect(await wire.until('"too_large"')).toMatch(/^HTTP\/1.1 413 /);
    await wire.closed();
    expect(server.proposed).toHaveLength(0);
  });

  it('in chunks is put together, and the connection goes on', async () => {
    const wire = new Wire().send(
      put('/v1/kv/k', 'Transfer-Encoding: chunked'),
      '2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n',
    );
    await wire.until('"revision":1}');
    wire.send(['GET /v1/kv/k HTTP/1.1', HOST]);
    expect(await wire.until('hello')).toContain('ETag: "1"'.toLowerCase());
  });

  it('that breaks off is not put', async () => {
    for (const head of [
      put('/v1/kv/k', 'Content-Length: 100'),
      put('/v1/kv/k', 'Transfer-Encoding: chunked'),
    ]) {
      const body = head.at(-1)?.startsWith('T') ? '5\r\nhel' : 'hel';
      const wire = new Wire().send(head, body);
      await once(wire.socket, 'connect').catch(() => {});
      wire.socket.end();
      await wire.closed();
    }
    expect(server.proposed).toHaveLength(0);
  });
});

describe('a client that vanishes', () => {
  it('does no harm: its command goes on, and others are served', async () => {
    let open = () => {};
    server.gate = new Promise((resolve) => {
      open = resolve;
    });
    const gone = new Wire().send(put('/v1/kv/k', 'Content-Length: 4'), 'late');
    while (server.proposed.length === 0) await new Promise((resolve) => setImmediate(resolve));
    gone.socket.destroy();
    await gone.closed();
    open();
    const answer = await new Wire().send(['GET /v1/kv/k HTTP/1.1', HOST]).until('late');
    expect(answer).toMatch(/^HTTP\/1.1 200 /);
  });
});

describe('a target', () => {
  it('may hold no raw UTF-8: the answer says to escape it', async () => {
    const path = Buffer.from('/v1/kv/größe', 'utf8').toString('latin1');
    const answer = await new Wire().send(put(path, 'Content-Length: 1'), '7').closed();
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
    expect(answer).toContain('percent escape');
  });

  it('is in a redirect as it came', async () => {
    server.followLeader('b', 'http://127.0.0.1:7102');
    const head = put('/v1/kv/%c3%B6%2f%20//x', 'Content-Length: 1');
    const answer = await new Wire().send(head, '7').until('\r\n\r\n');
    expect(answer).toContain('location: http://127.0.0.1:7102/v1/kv/%c3%B6%2f%20//x\r\n');
  });

  it('may be absolute', async () => {
    const url = 'http://127.0.0.1:7101/v1/kv/k?consistency=stale';
    const answer = await new Wire().send([`GET ${url} HTTP/1.1`, HOST]).until('not_found');
    expect(answer).toContain('no such key: k');
  });

  it('may be as long as the longest key escaped', async () => {
    const path = `/v1/kv/${'%6B'.repeat(4_096)}`;
    const answer = await new Wire().send(put(path, 'Content-Length: 1'), '7').until('\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1.1 200 /);
  });
});

describe('what is not HTTP', () => {
  const rows = [
    ['nonsense', ['\u0000\u0001\u0002']],
    ['no Host', ['GET / HTTP/1.1']],
    ['endless headers', ['GET / HTTP/1.1', HOST, `X: ${'x'.repeat(40_000)}`]],
    ['two lengths', put('/v1/kv/k', 'Content-Length: 1', 'Content-Length: 2')],
    ['a length that is none', put('/v1/kv/k', 'Content-Length: -1')],
  ] as const;
  for (const [name, head] of rows) {
    it(`is 400, and the connection ends: ${name}`, async () => {
      const answer = await new Wire().send(head).closed();
      expect(answer).toMatch(/^HTTP\/1.1 400 /);
      expect(server.proposed).toHaveLength(0);
    });
  }

  it('is 405 or 404 for methods nobody has heard of here', async () => {
    const wire = new Wire().send(['PROPFIND /v1/kv/k HTTP/1.1', HOST]);
    expect(await wire.until('\r\n\r\n')).toMatch(/^HTTP\/1.1 405 /);
  });
});

describe('a service that stops', () => {
  it('accepts nobody, tells open connections, and lets answers under way out', async () => {
    let open = () => {};
    server.gate = new Promise((resolve) => {
      open = resolve;
    });
    const pending = new Wire().send(put('/v1/kv/k', 'Content-Length: 1'), '1');
    const kept = new Wire();
    while (server.proposed.length === 0) await new Promise((resolve) => setImmediate(resolve));
    kept.socket.write('GET /v1/kv/k HTTP/1.1\r\n');
    await new Wire().send(['GET /livez HTTP/1.1', HOST]).until('ok');
    service.refuse();
    const closed = service.close();
    kept.send([HOST]);
    expect(await kept.closed()).toMatch(/^HTTP\/1.1 503 .*"stopping"/s);
    open();
    expect(await pending.closed()).toMatch(/^HTTP\/1.1 200 /);
    await closed;
    const late = new Wire();
    await late.closed();
    expect(late.received).toBe('');
  });

  it('is not held up by connections that say nothing', async () => {
    const silent = new Wire();
    await once(silent.socket, 'connect');
    const half = new Wire().send(put('/v1/kv/k', 'Content-Length: 9'), 'half');
    await once(half.socket, 'connect');
    await service.close();
    await Promise.all([silent.closed(), half.closed()]);
  });
});

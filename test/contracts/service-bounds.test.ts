/** What clients can make a server hold is bounded, and given back however a request ends. */
import { once } from 'node:events';
import { connect, Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ServiceBounds } from '../../src/service/budget.ts';
import { limitOf } from '../../src/service/budget.ts';
import type { Service } from '../../src/service/service.ts';
import { ModelServer, serviceOf } from './model-server.ts';

let server: ModelServer;
let service: Service;
let port: number;
const wires: Wire[] = [];

/** A connection, and what came back over it. */
class Wire {
  received = '';
  readonly socket: Socket;

  constructor(from = '127.0.0.1') {
    this.socket = connect({ port, host: '127.0.0.1', localAddress: from });
    this.socket.on('error', () => {});
    this.socket.on('data', (bytes) => {
      this.received += bytes.toString('latin1');
    });
    wires.push(this);
  }

  send(...lines: string[]): this {
    this.socket.write(`${[...lines, 'Host: localhost'].join('\r\n')}\r\n\r\n`, 'latin1');
    return this;
  }

  /** Resolves when `text` has arrived. */
  async until(text: string): Promise<string> {
    while (!this.received.includes(text)) {
      if (this.socket.closed) throw new Error(`closed after: ${this.received}`);
      await new Promise((resolve) => {
        this.socket.once('data', resolve);
        this.socket.once('close', resolve);
      });
    }
    return this.received;
  }
}

async function start(bounds: Partial<ServiceBounds>): Promise<void> {
  server = new ModelServer();
  service = serviceOf(server, { bounds });
  ({ port } = await service.listen({ host: '127.0.0.1', port: 0 }));
}

afterEach(async () => {
  for (const { socket } of wires.splice(0)) socket.destroy();
  await service.close();
});

async function turnUntil(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}

const chunk = (size: number) => `${size.toString(16)}\r\n${'x'.repeat(size)}\r\n`;
const put = (length: number) => ['PUT /v1/kv/k HTTP/1.1', `Content-Length: ${length}`];
const GET = 'GET /v1/kv/k HTTP/1.1';
const SMALL = 'PUT /v1/kv/k HTTP/1.1\r\nContent-Length: 1';

describe('bodies under way', () => {
  it('are refused before they are read when there is no room, and the connection goes on', async () => {
    await start({ bodyBytes: limitOf(100) });
    const first = new Wire().send(...put(60));
    await turnUntil(() => bodyBytes() === 60);
    const second = new Wire().send(...put(60));
    const answer = await second.until('"overloaded"');
    expect(answer).toMatch(/^HTTP\/1.1 429 /);
    expect(answer).toContain('retry-after: 1\r\n');
    expect(answer).toContain(
      'server a takes 100 bytes of request bodies at a time from all clients together, and this ' +
        'would be more; nothing was changed, try again in a moment',
    );
    first.socket.write('x'.repeat(60));
    await first.until('"revision":1}');
    second.socket.write('y'.repeat(60));
    second.send(...put(60)).socket.write('z'.repeat(60));
    await second.until('"revision":2}');
    expect(server.proposed).toHaveLength(2);
    expect(bodyBytes()).toBe(0);
  });

  it('are counted as they come in chunks, by what is held for them', async () => {
    await start({ bodyBytes: limitOf(50_000) });
    const wire = new Wire().send('PUT /v1/kv/k HTTP/1.1', 'Transfer-Encoding: chunked');
    wire.socket.write(chunk(10));
    await turnUntil(() => bodyBytes() === 16_384);
    wire.socket.write(chunk(20_000));
    await turnUntil(() => bodyBytes() === 32_768);
    wire.socket.destroy();
    await turnUntil(() => bodyBytes() === 0);
  });

  it('are refused in the middle, too, when they grow too large', async () => {
    await start({ bodyBytes: limitOf(50_000) });
    const wire = new Wire().send('PUT /v1/kv/k HTTP/1.1', 'Transfer-Encoding: chunked');
    for (const size of [10, 20_000, 20_000]) wire.socket.write(chunk(size));
    wire.socket.write('0\r\n\r\n');
    expect(await wire.until('HTTP/1.1 ')).toMatch(/^HTTP\/1.1 429 /);
    await turnUntil(() => bodyBytes() === 0);
    expect(server.proposed).toHaveLength(0);
  });

  it('are given back however the request ends: answered, refused, broken off, or in error', async () => {
    await start({ bodyBytes: limitOf(1_000) });
    const wrong = new Wire().send('PUT /v1/kv/k?x=1 HTTP/1.1', 'Content-Length: 1');
    wrong.socket.write('x');
    await wrong.until('bad_request');
    const body = new Wire().send(SMALL);
    body.socket.write('x');
    await body.until('"revision"');
    const open = server.hold();
    for (const bytes of ['', 'half', 'x'.repeat(100)]) {
      const gone = new Wire().send(...put(100));
      gone.socket.write(bytes);
      await turnUntil(() => bodyBytes() === 100);
      gone.socket.destroy();
      await turnUntil(() => bodyBytes() === 0);
    }
    // Sent behind another that is not answered yet: it waits, and nobody reads it.
    const behind = new Wire().send(GET);
    behind.send(...put(100)).socket.write('x'.repeat(100));
    await turnUntil(() => service.inFlight.requests.used === 2);
    expect(bodyBytes()).toBe(0);
    behind.socket.destroy();
    open();
    await turnUntil(() => service.inFlight.requests.used === 0);
  });

  it('take no more from one address than its share', async () => {
    await start({ bodyBytes: limitOf(100, 40) });
    const { inFlight: underWay } = service;
    const inject = (remoteAddress: string, length: number) =>
      service.app.inject({
        method: 'PUT',
        url: '/v1/kv/k',
        remoteAddress,
        headers: { host: 'localhost' },
        payload: 'x'.repeat(length),
      });
    expect((await inject('10.0.0.1', 40)).statusCode).toBe(200);
    const refused = await inject('10.0.0.1', 41);
    expect(refused.statusCode).toBe(429);
    expect(refused.json().error.message).toContain('40 bytes of request bodies at a time from 10.');
    expect((await inject('127.0.0.1', 100)).statusCode).toBe(200);
    expect(underWay.bodyBytes.used).toBe(0);
  });
});

function bodyBytes(): number {
  return service.inFlight.bodyBytes.used;
}

describe('requests under way', () => {
  it('are bounded in total', async () => {
    await start({ requests: limitOf(2) });
    const open = server.hold();
    const waiting = [new Wire().send(GET), new Wire().send(GET)];
    await turnUntil(() => server.queried.length === 2);
    const answer = await new Wire().send(GET).until('"overloaded"');
    expect(answer).toContain('takes 2 requests at a time from all clients together');
    open();
    for (const wire of waiting) await wire.until('not_found');
    await new Wire().send(GET).until('not_found');
  });

  it('are few over one connection at a time, and the others wait', async () => {
    await start({});
    const open = server.hold();
    const wire = new Wire();
    for (let i = 0; i < 70; i += 1) wire.send(GET);
    await turnUntil(() => service.inFlight.requests.used === 70);
    expect(server.queried).toHaveLength(64);
    open();
    const count = (text: string) => wire.received.split(text).length - 1;
    await turnUntil(() => count('HTTP/1.1 404') === 70);
  });
});

describe('what takes too long', () => {
  it('is cut off, and gives back what it held', async () => {
    await start({});
    const open = server.hold();
    const stuck = new Wire().send(GET);
    const quick = new Wire().send('GET /livez HTTP/1.1');
    await quick.until('ok');
    await turnUntil(() => service.inFlight.requests.used === 1);
    service.inFlight.connections.closeOlderThan(60_000);
    expect(service.inFlight.requests.used).toBe(1);
    service.inFlight.connections.closeOlderThan(0);
    await expect.poll(() => stuck.socket.closed).toBe(true);
    expect(service.inFlight.requests.used).toBe(0);
    expect(quick.socket.closed).toBe(false);
    open();
  });

  it('and the body of a read, which nobody wants, is thrown away as it comes', async () => {
    await start({});
    const open = server.hold();
    const [length, sockets] = [10_485_760, new Set<Socket>()];
    service.app.server.on('connection', (socket: Socket) => sockets.add(socket));
    const wire = new Wire().send(GET, `Content-Length: ${length}`);
    wire.socket.write('x'.repeat(length));
    await turnUntil(() => server.queried.length === 1);
    const received = () => [...sockets][0]?.bytesRead;
    await expect.poll(received, { timeout: 10_000 }).toBeGreaterThan(length);
    wire.send('GET /livez HTTP/1.1');
    open();
    await wire.until('\r\n\r\nok');
  });
});

describe('answers under way', () => {
  it('of values and lists are bounded, and given back when they are sent', async () => {
    await start({ answerBytes: limitOf(1_000) });
    await service.app.inject({ method: 'PUT', url: '/v1/kv/k', payload: 'x'.repeat(600) });
    const open = server.hold();
    const wires = [new Wire().send(GET), new Wire().send(GET)];
    await turnUntil(() => server.queried.length === 2);
    open();
    await turnUntil(() => wires.some(({ received }) => received.includes('429')));
    await turnUntil(() => wires.some(({ received }) => received.includes('xxx')));
    await turnUntil(() => service.inFlight.answerBytes.used === 0);
    await new Wire().send('GET /v1/kv?values=true HTTP/1.1').until('"overloaded"');
    await new Wire().send('GET /v1/kv HTTP/1.1').until('"next":null');
  });
});

describe('connections', () => {
  it('may all wait to be accepted at a time: beyond that, the kernel drops them for a second', async () => {
    const listen = vi.spyOn(Server.prototype, 'listen');
    await start({ connections: limitOf(3_000) });
    const [options] = listen.mock.lastCall ?? [];
    listen.mockRestore();
    expect(options).toMatchObject({ host: '127.0.0.1', backlog: 3_000 });
  });

  it('that are idle make room for new ones, whoever was idle longest first', async () => {
    await start({ connections: limitOf(2) });
    const first = new Wire().send('GET /livez HTTP/1.1');
    await first.until('ok');
    const second = new Wire().send('GET /livez HTTP/1.1');
    await second.until('ok');
    first.received = '';
    await first.send('GET /livez HTTP/1.1').until('ok');
    const third = new Wire().send('GET /livez HTTP/1.1');
    await third.until('ok');
    await turnUntil(() => first.socket.closed || second.socket.closed);
    expect(first.socket.closed).toBe(false);
    expect(service.inFlight.connections).toMatchObject({ replaced: 1, refused: 0 });
  });

  it('that are busy make room for nobody', async () => {
    await start({ connections: limitOf(1) });
    const open = server.hold();
    const busy = new Wire().send(GET);
    await turnUntil(() => server.queried.length === 1);
    await once(new Wire().socket, 'close');
    expect(service.inFlight.connections).toMatchObject({ replaced: 0, refused: 1 });
    open();
    await busy.until('not_found');
    await new Wire().send('GET /livez HTTP/1.1').until('ok');
  });

  it('that say nothing, or never end their headers, lock nobody out', async () => {
    await start({ connections: limitOf(4) });
    const silent = Array.from({ length: 12 }, (_, i) => {
      const wire = new Wire();
      if (i % 2 === 0) wire.socket.write('GET /livez HTTP/1.1\r\nX: ');
      return wire;
    });
    await Promise.all(silent.map(({ socket }) => once(socket, 'connect')));
    await new Wire().send('GET /livez HTTP/1.1').until('ok');
  });
});

/** Requests of one connection take effect in the order in which they were sent (RFC 9112 §9.3.2). */
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KeyValueCommand, KeyValueQuery } from '../../src/kv/vocabulary.ts';
import type { ProposeOptions, QueryOptions } from '../../src/ports/server.ts';
import type { ServiceBounds } from '../../src/service/budget.ts';
import { limitOf } from '../../src/service/budget.ts';
import type { Service } from '../../src/service/service.ts';
import { ModelServer, serviceOf } from './model-server.ts';
import { anyAsks, bytesOf, comparable, get, inTurn, pipelined, put, remove } from './pipelined.ts';

/** Takes its time for each call, and for some more than for others. */
class SlowServer extends ModelServer {
  #calls = 0;
  isSlow = true;
  underWay = 0;
  readonly mostUnderWay = { queries: 0, commands: 0 };

  override async propose(command: KeyValueCommand, options?: ProposeOptions) {
    return this.#within('commands', () => super.propose(command, options));
  }

  override async query(query: KeyValueQuery, options?: QueryOptions) {
    return this.#within('queries', () => super.query(query, options));
  }

  async #within<T>(kind: 'queries' | 'commands', call: () => Promise<T>): Promise<T> {
    this.underWay += 1;
    this.mostUnderWay[kind] = Math.max(this.mostUnderWay[kind], this.underWay);
    this.#calls += 1;
    if (this.isSlow) await delay((this.#calls * 7) % 4);
    try {
      return await call();
    } finally {
      this.underWay -= 1;
    }
  }
}

let server: SlowServer;
let service: Service;
let port: number;
const sockets: Socket[] = [];

async function start(bounds: Partial<ServiceBounds> = {}, inspects = false): Promise<void> {
  server = new SlowServer();
  service = serviceOf(server, { bounds, inspects });
  ({ port } = await service.listen({ host: '127.0.0.1', port: 0 }));
}

beforeEach(() => start());

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await service.close();
});

/** What came back until the connection closed, or as much as there is when `isEnough`. */
async function said(
  bytes: readonly Buffer[],
  isEnough: (text: string) => boolean = () => false,
): Promise<string> {
  const socket = opened(bytes);
  let text = '';
  socket.on('data', (data) => {
    text += data.toString('latin1');
  });
  while (!socket.closed && !isEnough(text)) await turn();
  return text;
}

function opened(bytes: readonly Buffer[]): Socket {
  const socket = connect(port, '127.0.0.1').on('error', () => {});
  sockets.push(socket);
  socket.write(Buffer.concat(bytes));
  return socket;
}

const turn = () => new Promise((resolve) => setImmediate(resolve));
async function turnUntil(isSo: () => boolean): Promise<void> {
  while (!isSo()) await turn();
}

const statuses = (text: string) => [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, is]) => is);
const SIZES = [3, 65_536, 1_048_576];

describe('requests that were sent at once', () => {
  it('begin when those before them have been answered', async () => {
    const open = server.hold();
    const asks = pipelined(port, [put('k', 3), put('k', 3)]);
    await turnUntil(() => server.underWay > 0);
    // As many turns as the second would need, many times over.
    for (let turns = 0; turns < 200; turns += 1) await turn();
    open();
    expect((await asks).map(({ status }) => status)).toEqual([200, 200]);
    expect(server.mostUnderWay.commands).toBe(1);
  });

  it.each(SIZES)('are answered in order, and so they took effect: %i bytes', async (length) => {
    const asks = [put('k', length), get('k'), remove('k'), get('k'), put('k', 1), remove('k')];
    const told = await pipelined(port, asks);
    expect(told.map(({ status }) => status)).toEqual([200, 200, 200, 404, 200, 200]);
    expect(told[1]?.body).toHaveLength(length);
    const left = await pipelined(port, [get('k')]);
    expect(left[0]?.status).toBe(404);
    expect(service.inFlight.requests.used).toBe(0);
  });

  it('are answered as if each had been waited for, whatever they are', async () => {
    const property = fc.asyncProperty(anyAsks, async (asks) => {
      await pipelined(port, ['k', 'l', 'm'].map(remove));
      expect(comparable(await pipelined(port, asks))).toEqual(inTurn(asks));
    });
    await fc.assert(property, { numRuns: 150 });
  });

  it('run side by side when they are safe, and one by one when they are not', async () => {
    const reads = Array.from({ length: 100 }, () => get('k'));
    await pipelined(port, [put('k', 3), ...reads, put('k', 3), put('k', 3), ...reads]);
    expect(server.mostUnderWay).toEqual({ queries: 64, commands: 1 });
  });

  it('may be sessions, too, which are opened, used and closed in order', async () => {
    const session = 'Statecraft-Session: 1\r\nStatecraft-Sequence: 1\r\n';
    const host = 'Host: localhost\r\n';
    const bytes = [
      `POST /v1/sessions HTTP/1.1\r\n${host}Content-Length: 0\r\n\r\n`,
      `POST /v1/kv/k/append HTTP/1.1\r\n${host}${session}Content-Length: 1\r\n\r\nx`,
      `DELETE /v1/sessions/1 HTTP/1.1\r\n${host}\r\n`,
      `POST /v1/kv/k/append HTTP/1.1\r\n${host}${session}Content-Length: 1\r\n\r\nx`,
    ].map((text) => Buffer.from(text));
    const text = await said(bytes, (so) => statuses(so).length === 4);
    expect(statuses(text)).toEqual(['201', '200', '200', '410']);
  });

  it('may be ten thousand: the server reads on when it has answered what it has', async () => {
    const asks = Array.from({ length: 10_000 }, (_, i) => (i % 5 === 0 ? put('k', 3) : get('k')));
    server.isSlow = false;
    let most = 0;
    const watching = setInterval(() => {
      most = Math.max(most, service.inFlight.requests.used);
    }, 1);
    const told = await pipelined(port, asks);
    clearInterval(watching);
    expect(told.every(({ status }) => status === 200)).toBe(true);
    // As many as fit into the 64 KiB that are read at a time.
    const perRead = 65_536 / (Buffer.concat(asks.map(bytesOf)).byteLength / asks.length);
    expect(most).toBeGreaterThan(64);
    expect(most).toBeLessThan(perRead + 64);
    expect(service.inFlight.requests.used).toBe(0);
  });
});

describe('a request behind another', () => {
  it('does not begin before, and nobody reads its body', async () => {
    const open = server.hold();
    opened([bytesOf(put('k', 3)), bytesOf(put('l', 1_048_576))]);
    await turnUntil(() => server.proposed.length === 1);
    await delay(50);
    expect(server.proposed).toHaveLength(1);
    expect(service.inFlight.requests.used).toBe(2);
    expect(service.inFlight.bodyBytes.used).toBe(3);
    open();
    await turnUntil(() => server.proposed.length === 2);
  });

  it('is not begun when the connection is gone by then', async () => {
    const open = server.hold();
    const socket = opened([bytesOf(put('k', 3)), bytesOf(remove('k')), bytesOf(remove('k'))]);
    await turnUntil(() => server.proposed.length === 1);
    service.inFlight.connections.closeOlderThan(0);
    await turnUntil(() => socket.closed);
    open();
    await turnUntil(() => server.underWay === 0);
    expect(service.inFlight.requests.used).toBe(0);
    expect((await pipelined(port, [get('k')]))[0]?.status).toBe(200);
  });

  it('is not begun when nobody knows what became of the one before', async () => {
    server.forced = { outcome: 'unknown', reason: 'timed-out' };
    const text = await said([bytesOf(put('k', 3)), bytesOf(remove('k'))]);
    expect(statuses(text)).toEqual(['504']);
    expect(text).toMatch(/^connection: close\r$/im);
    expect(server.proposed).toHaveLength(1);
  });

  it('is not begun when the one before was said to be the last', async () => {
    const last = Buffer.from(
      'PUT /v1/kv/k HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx',
    );
    expect(statuses(await said([last, bytesOf(remove('k'))]))).toEqual(['200']);
    expect(server.proposed).toHaveLength(1);
  });

  it('is not begun when the server stops', async () => {
    const open = server.hold();
    const text = said([bytesOf(put('k', 3)), bytesOf(remove('k')), bytesOf(remove('k'))]);
    await turnUntil(() => server.proposed.length === 1);
    service.refuse();
    open();
    expect(statuses(await text)).toEqual(['200']);
    expect(server.proposed).toHaveLength(1);
  });

  it('is refused when too many wait, and so is what is behind it', async () => {
    await service.close();
    await start({ requests: limitOf(3) });
    const open = server.hold();
    const asks = ['k', 'l', 'm', 'n', 'o'].map((key) => put(key, 3));
    const text = said(asks.map(bytesOf));
    await turnUntil(() => server.proposed.length === 1);
    open();
    expect(statuses(await text)).toEqual(['200', '200', '200', '429']);
    expect(await text).toContain('takes 3 requests at a time from all clients together');
    expect(service.inFlight.requests.used).toBe(0);
  });

  it('is one too many when they do not stop', async () => {
    await service.close();
    await start({ requests: limitOf(3) });
    server.hold();
    const socket = opened(Array.from({ length: 3 + 66 }, () => bytesOf(put('k', 3))));
    await turnUntil(() => socket.closed);
    await turnUntil(() => service.inFlight.requests.used === 0);
  });
});

describe('what is no request, or breaks off,', () => {
  const broken =
    'PUT /v1/kv/l HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n';
  it.each([
    ['no HTTP', 'nonsense\r\n\r\n'],
    ['a body that is none', broken],
  ])('does not answer for the request before it: %s', async (_, bytes) => {
    const text = await said([bytesOf(put('k', 3)), Buffer.from(bytes)]);
    expect(statuses(text)).toEqual(['200', '400']);
    expect(server.proposed).toHaveLength(1);
  });

  it('is answered after others, too, and then the connection is cut', async () => {
    const text = await said([...['k', 'l', 'm'].map((key) => bytesOf(put(key, 3)))], (so) =>
      so.includes('"m"'),
    );
    expect(statuses(text)).toHaveLength(3);
    const [socket] = sockets.slice(-1);
    let more = '';
    socket?.on('data', (data) => {
      more += data.toString('latin1');
    });
    socket?.write('nonsense\r\n\r\n');
    await turnUntil(() => socket?.closed ?? true);
    expect(statuses(more)).toEqual(['400']);
  });

  it('and never stops, is cut off', async () => {
    const socket = opened([Buffer.from('nonsense\r\n\r\n')]);
    const sending = setInterval(() => socket.write('nonsense\r\n\r\n'), 1);
    await turnUntil(() => socket.closed);
    clearInterval(sending);
  });
});

describe('the inspector', () => {
  const upgrade = [
    ...['GET /inspect/socket HTTP/1.1', 'Host: localhost', 'Connection: Upgrade'],
    ...['Upgrade: websocket', 'Sec-WebSocket-Version: 13'],
    ...['Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', '\r\n'],
  ].join('\r\n');

  it('that waits for its turn harms nobody when its connection is reset', async () => {
    await service.close();
    await start({}, true);
    const accepted: Socket[] = [];
    service.app.server.on('connection', (socket: Socket) => accepted.push(socket));
    const open = server.hold();
    const socket = opened([bytesOf(put('k', 3)), Buffer.from(upgrade)]);
    await turnUntil(() => server.underWay === 1 && accepted[0]?.listenerCount('error') === 1);
    // Without a listener this would end the process.
    accepted[0]?.emit('error', new Error('read ECONNRESET'));
    await turnUntil(() => socket.closed);
    open();
    await turnUntil(() => server.underWay === 0);
    expect(accepted[0]?.destroyed).toBe(true);
  });

  it('is opened when the requests before it have been answered', async () => {
    await service.close();
    await start({}, true);
    const bytes = [bytesOf(put('k', 3)), Buffer.from(upgrade)];
    const text = await said(bytes, (so) => statuses(so).length === 2);
    expect(statuses(text)[0]).toBe('200');
  });
});

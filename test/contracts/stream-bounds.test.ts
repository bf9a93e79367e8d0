/** What streams can make a server hold is bounded, shared with HTTP, and given back however they end. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { offerDirectCalls } from '../../src/host/direct-calls.ts';
import { limitOf, type ServiceBounds } from '../../src/service/budget.ts';
import type { Service } from '../../src/service/service.ts';
import * as requests from '../../src/streaming/requests.ts';
import { ModelServer, serviceOf } from './model-server.ts';
import { StreamWire } from './stream-wire.ts';

let server: ModelServer;
let service: Service;
let port: number;

async function start(bounds: Partial<ServiceBounds> = {}, requestsPerSecondMax?: number) {
  server = new ModelServer();
  service = serviceOf(server, { bounds, requestsPerSecondMax });
  ({ port } = await service.listen({ host: '127.0.0.1', port: 0 }));
}

afterEach(() => service.close());

const overloaded = { type: 'not-applied', code: 'overloaded', retryAfterMs: 1_000 };
const unused = () => {
  const { requests, bodyBytes, answerBytes } = service.inFlight;
  return [requests.used, bodyBytes.used, answerBytes.used];
};

async function turnUntil(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}

describe('requests under way', () => {
  it('are as many as the welcome says; another one is overloaded, and the rest goes on', async () => {
    await start();
    const wire = await StreamWire.open(port);
    const release = server.hold();
    for (let request = 1; request <= 1_024; request += 1) wire.get(request, 'k');
    wire.send();
    await turnUntil(() => service.inFlight.requests.used === 1_024);
    wire.get(2_000, 'k');
    requests.writePing(wire.writer, 3_000);
    await wire.ask(3_000);
    const told = wire.answers.filter(({ request }) => request === 2_000);
    expect(told).toMatchObject([{ answer: overloaded }]);
    release();
    expect(await wire.answer(1_024)).toMatchObject({ type: 'no-such-key' });
    wire.get(2_001, 'k');
    expect(await wire.ask(2_001)).toMatchObject({ type: 'no-such-key' });
    expect(unused()).toEqual([0, 0, 0]);
  });

  it('share the bounds of the server, each of them', async () => {
    await start({ requests: limitOf(2), bodyBytes: limitOf(60), answerBytes: limitOf(100) });
    const wire = await StreamWire.open(port);
    const release = server.hold();
    for (const request of [1, 2, 3]) wire.get(request, 'k');
    expect(await wire.ask(3)).toMatchObject(overloaded);
    release();
    await wire.answer(2);
    wire.put(4, 'k', 'v'.repeat(60));
    expect(await wire.ask(4)).toMatchObject(overloaded);
    for (const request of [5, 6, 7]) {
      wire.write(request, { type: 'append', key: 'k', value: 'v'.repeat(40) });
      expect(await wire.ask(request)).toMatchObject({ type: 'written' });
    }
    wire.get(8, 'k');
    expect(await wire.ask(8)).toMatchObject(overloaded);
    expect(unused()).toEqual([0, 0, 0]);
  });

  it('hold nothing any more when their connection is gone', async () => {
    await start();
    const wire = await StreamWire.open(port);
    const release = server.hold();
    wire.put(1, 'k', 'value');
    wire.get(2, 'k');
    wire.send();
    await turnUntil(() => service.inFlight.requests.used === 2);
    expect(service.inFlight.bodyBytes.used).toBeGreaterThan(5);
    wire.webSocket.terminate();
    await turnUntil(() => service.inFlight.requests.used === 0);
    expect(unused()).toEqual([0, 0, 0]);
    release();
    await turnUntil(() => server.applied$.value === 1);
    expect(unused()).toEqual([0, 0, 0]);
  });

  it('are counted by the second, where that is asked for', async () => {
    await start({}, 2);
    const wire = await StreamWire.open(port);
    for (const request of [1, 2, 3]) wire.get(request, 'k');
    expect(await wire.ask(3)).toMatchObject(overloaded);
    expect(await wire.answer(2)).toMatchObject({ type: 'no-such-key' });
  });
});

describe('connections', () => {
  it('without a hello are 64: another one takes the place of the oldest', async () => {
    await start();
    const waiting = Array.from({ length: 65 }, () => new StreamWire(port));
    for (const wire of waiting) await wire.connected();
    const [oldest, second] = waiting;
    expect(await oldest?.untilClosed()).toMatchObject({ code: 1013 });
    expect(second?.closed).toBeNull();
    for (const wire of waiting) wire.webSocket.terminate();
  });

  it('without a hello for five seconds are closed', async () => {
    await start();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const wire = new StreamWire(port);
      await wire.connected();
      await vi.advanceTimersByTimeAsync(4_999);
      expect(wire.closed).toBeNull();
      await vi.advanceTimersByTimeAsync(1);
      expect(await wire.untilClosed()).toMatchObject({ code: 4408 });
    } finally {
      vi.useRealTimers();
    }
  });

  it('that send too much before their hello are cut', async () => {
    await start();
    const wire = new StreamWire(port);
    await wire.connected();
    // The beginning of a message that never ends.
    wire.webSocket.send(Buffer.alloc(4_096), { fin: false });
    expect(await wire.untilClosed()).toMatchObject({ code: 1006 });
  });

  it('without requests under way make room for others', async () => {
    await start({ connections: limitOf(2) });
    const idle = await StreamWire.open(port);
    const busy = await StreamWire.open(port);
    server.hold();
    busy.get(1, 'k');
    busy.send();
    await turnUntil(() => service.inFlight.requests.used === 1);
    await StreamWire.open(port);
    expect(await idle.untilClosed()).toMatchObject({ code: 1006 });
    expect(busy.closed).toBeNull();
  });

  it('whose messages are still arriving count for what has come', async () => {
    await start({ bodyBytes: limitOf(256 * 1_024) });
    const wire = await StreamWire.open(port);
    wire.webSocket.send(Buffer.alloc(200 * 1_024), { fin: false });
    await turnUntil(() => service.inFlight.bodyBytes.used > 100_000);
    wire.webSocket.send(Buffer.alloc(200 * 1_024), { fin: false });
    expect(await wire.untilClosed()).toMatchObject({ code: 1013 });
    await turnUntil(() => service.inFlight.bodyBytes.used === 0);
  });
});

describe('a client that does not read', () => {
  const value = 'v'.repeat(256 * 1_024);

  beforeEach(async () => {
    await start();
    const wire = await StreamWire.open(port);
    wire.put(1, 'k', value);
    await wire.ask(1);
  });

  it('is not read from, and gets everything when it reads on', async () => {
    const wire = await StreamWire.open(port);
    wire.webSocket.pause();
    let sent = 0;
    const askMore = () => {
      for (let count = 0; count < 16; count += 1) {
        sent += 1;
        wire.get(sent, 'k');
      }
      wire.send();
    };
    const turns = async () => {
      for (let turn = 0; turn < 50; turn += 1) await new Promise((next) => setImmediate(next));
    };
    // Until the kernel's buffers are full, and then the server's bound.
    for (let read = -1; read !== server.queried.length && sent < 400; ) {
      read = server.queried.length;
      askMore();
      await turns();
    }
    await turns();
    expect(server.queried.length).toBeLessThan(sent);
    expect(service.inFlight.answerBytes.used).toBeGreaterThan(0);
    wire.webSocket.resume();
    await wire.answer(sent);
    expect(wire.answers.filter(({ answer }) => answer.type === 'value')).toHaveLength(sent);
    await turnUntil(() => service.inFlight.answerBytes.used === 0);
  });
});

it('a short command does not keep the long message in memory that it came in', async () => {
  await start();
  await service.close();
  const kept: Uint8Array[] = [];
  offerDirectCalls(server, {
    propose: (bytes, _, settle) => {
      kept.push(bytes);
      settle({ outcome: 'refused', reason: 'stopped', leader: null, retry: true });
    },
    query: (_, __, { settle }) =>
      settle({ outcome: 'applied', result: { type: 'not-found' }, index: 1, term: 1 }),
  });
  service = serviceOf(server);
  ({ port } = await service.listen({ host: '127.0.0.1', port: 0 }));
  const wire = await StreamWire.open(port);
  for (let request = 1; request <= 100; request += 1) wire.get(request, 'k'.repeat(100));
  wire.put(101, 'k', 'v');
  await wire.ask(101);
  wire.put(102, 'k', 'v'.repeat(1_000));
  await wire.ask(102);
  expect(kept.map(({ byteLength }) => byteLength)).toEqual([6, 1_005]);
  for (const { buffer, byteLength } of kept) {
    expect(buffer.byteLength).toBeLessThanOrEqual(2 * byteLength + 100);
  }
});

/** What streams can make a server hold is bounded, shared with HTTP, and given back however they end. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { offerDirectCalls } from '../../src/host/direct-calls.ts';
import { limitOf } from '../../src/service/budget.ts';
import * as requests from '../../src/streaming/requests.ts';
import { listening, turnUntil } from './listening.ts';
import { StreamWire } from './stream-wire.ts';

const at = listening();

const overloaded = { type: 'not-applied', code: 'overloaded', retryAfterMs: 1_000 };
const unused = () => {
  const { requests, bodyBytes, answerBytes } = at.service.inFlight;
  return [requests.used, bodyBytes.used, answerBytes.used];
};

describe('requests under way', () => {
  it('are as many as the welcome says; another one is overloaded, and the rest goes on', async () => {
    await at.start();
    const wire = await at.stream();
    const release = at.server.hold();
    for (let request = 1; request <= 1_024; request += 1) wire.get(request, 'k');
    wire.send();
    await turnUntil(() => at.service.inFlight.requests.used === 1_024);
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
    await at.start({
      bounds: { requests: limitOf(2), bodyBytes: limitOf(60), answerBytes: limitOf(100) },
    });
    const wire = await at.stream();
    const release = at.server.hold();
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
    await at.start();
    const wire = await at.stream();
    const release = at.server.hold();
    wire.put(1, 'k', 'value');
    wire.get(2, 'k');
    wire.send();
    await turnUntil(() => at.service.inFlight.requests.used === 2);
    expect(at.service.inFlight.bodyBytes.used).toBeGreaterThan(5);
    wire.webSocket.terminate();
    await turnUntil(() => at.service.inFlight.requests.used === 0);
    expect(unused()).toEqual([0, 0, 0]);
    release();
    await turnUntil(() => at.server.applied$.value === 1);
    expect(unused()).toEqual([0, 0, 0]);
  });

  it('are counted by the second, where that is asked for', async () => {
    await at.start({ requestsPerSecondMax: 2 });
    const wire = await at.stream();
    for (const request of [1, 2, 3]) wire.get(request, 'k');
    expect(await wire.ask(3)).toMatchObject(overloaded);
    expect(await wire.answer(2)).toMatchObject({ type: 'no-such-key' });
  });
});

describe('connections', () => {
  it('without a hello are 64: another one takes the place of the oldest', async () => {
    await at.start();
    const waiting = Array.from({ length: 65 }, () => new StreamWire(at.port));
    for (const wire of waiting) await wire.connected();
    const [oldest, second] = waiting;
    expect(await oldest?.untilClosed()).toMatchObject({ code: 1013 });
    expect(second?.closed).toBeNull();
    for (const wire of waiting) wire.webSocket.terminate();
  });

  it('without a hello for five seconds are closed', async () => {
    await at.start();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const wire = new StreamWire(at.port);
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
    await at.start();
    const wire = new StreamWire(at.port);
    await wire.connected();
    // The beginning of a message that never ends.
    wire.webSocket.send(Buffer.alloc(4_096), { fin: false });
    expect(await wire.untilClosed()).toMatchObject({ code: 1006 });
  });

  it('without requests under way make room for others', async () => {
    await at.start({ bounds: { connections: limitOf(2) } });
    const idle = await at.stream();
    const busy = await at.stream();
    at.server.hold();
    busy.get(1, 'k');
    busy.send();
    await turnUntil(() => at.service.inFlight.requests.used === 1);
    await at.stream();
    expect(await idle.untilClosed()).toMatchObject({ code: 1006 });
    expect(busy.closed).toBeNull();
  });

  it('whose messages are still arriving count for what has come', async () => {
    await at.start({ bounds: { bodyBytes: limitOf(256 * 1_024) } });
    const wire = await at.stream();
    wire.webSocket.send(Buffer.alloc(200 * 1_024), { fin: false });
    await turnUntil(() => at.service.inFlight.bodyBytes.used > 100_000);
    wire.webSocket.send(Buffer.alloc(200 * 1_024), { fin: false });
    expect(await wire.untilClosed()).toMatchObject({ code: 1013 });
    await turnUntil(() => at.service.inFlight.bodyBytes.used === 0);
  });
});

describe('a client that does not read', () => {
  const value = 'v'.repeat(256 * 1_024);

  beforeEach(async () => {
    await at.start();
    const wire = await at.stream();
    wire.put(1, 'k', value);
    await wire.ask(1);
  });

  it('is not read from, and gets everything when it reads on', async () => {
    const wire = await at.stream();
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
    for (let read = -1; read !== at.server.queried.length && sent < 400; ) {
      read = at.server.queried.length;
      askMore();
      await turns();
    }
    await turns();
    expect(at.server.queried.length).toBeLessThan(sent);
    expect(at.service.inFlight.answerBytes.used).toBeGreaterThan(0);
    wire.webSocket.resume();
    await wire.answer(sent);
    expect(wire.answers.filter(({ answer }) => answer.type === 'value')).toHaveLength(sent);
    await turnUntil(() => at.service.inFlight.answerBytes.used === 0);
  });
});

it('a short command does not keep the long message in memory that it came in', async () => {
  await at.start();
  const kept: Uint8Array[] = [];
  offerDirectCalls(at.server, {
    propose: (bytes, _, settle) => {
      kept.push(bytes);
      settle({ outcome: 'refused', reason: 'stopped', leader: null, retry: true });
    },
    query: (_, __, { settle }) =>
      settle({ outcome: 'applied', result: { type: 'not-found' }, index: 1, term: 1 }),
  });
  await at.restart();
  const wire = await at.stream();
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

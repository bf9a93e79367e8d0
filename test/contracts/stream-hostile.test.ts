/** Clients of streams that mean harm: what they neither close, nor read, nor stop sending. */
import { connect } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { WebSocket } from 'ws';
import { DEFAULT_BOUNDS, limitOf, type ServiceBounds } from '../../src/service/budget.ts';
import { RequestsInFlight } from '../../src/service/in-flight.ts';
import type { Service } from '../../src/service/service.ts';
import { StreamAnswers } from '../../src/service/stream-answers.ts';
import { writePong } from '../../src/streaming/answers.ts';
import { ModelServer, serviceOf } from './model-server.ts';
import { StreamWire } from './stream-wire.ts';

let service: Service | null = null;
let port: number;

async function start(bounds: Partial<ServiceBounds> = {}): Promise<Service> {
  const started = serviceOf(new ModelServer(), { bounds });
  service = started;
  ({ port } = await started.listen({ host: '127.0.0.1', port: 0 }));
  return started;
}

afterEach(async () => {
  vi.useRealTimers();
  await service?.close();
  service = null;
});

/** Enough of them for whatever is on its way between the two ends of a connection. */
async function turns(): Promise<void> {
  for (let count = 0; count < 100; count += 1) await turn();
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

async function turnUntil(isSo: () => boolean): Promise<void> {
  while (!isSo()) await turn();
}

it('a handshake that is refused leaves no connection, even to one who never closes his end', async () => {
  const { inFlight } = await start();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => {});
  let answer = '';
  socket.on('data', (data) => {
    answer += data.toString();
  });
  socket.write(
    'GET /v1/stream HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
  );
  await new Promise((resolve) => socket.once('end', resolve));
  expect(answer).toMatch(/^HTTP\/1.1 400 .*"bad_request"/s);
  await vi.advanceTimersByTimeAsync(1_000);
  vi.useRealTimers();
  await turns();
  expect(inFlight.connections.budget.used).toBe(0);
  socket.destroy();
});

it('answers that are not taken are not kept for ever, however few, and whatever else comes', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
  const { inFlight } = await start();
  const wire = await StreamWire.open(port);
  wire.put(1, 'k', 'v'.repeat(256 * 1_024));
  await wire.ask(1);
  wire.webSocket.pause();
  // One by one, until the kernel takes no more: far from where the server would stop to read.
  const { answerBytes } = inFlight;
  for (let request = 2; answerBytes.used === 0; request += 1) {
    wire.get(request, 'k');
    wire.send();
    await turns();
  }
  for (let second = 0; second <= 80; second += 20) {
    expect(answerBytes.used).toBeGreaterThan(0);
    wire.webSocket.pong();
    await turns();
    await vi.advanceTimersByTimeAsync(20_000);
  }
  await turns();
  expect(answerBytes.used).toBe(0);
  wire.webSocket.terminate();
});

it('one who goes on sending is told once that there is no room', async () => {
  const { inFlight } = await start({ bodyBytes: limitOf(256 * 1_024) });
  const warnings: string[] = [];
  const onWarning = ({ message }: Error) => warnings.push(message);
  process.on('warning', onWarning);
  const wire = await StreamWire.open(port);
  // It does not read that it is to close.
  wire.webSocket.pause();
  wire.webSocket.send(Buffer.alloc(300 * 1_024), { fin: false });
  while (wire.closed === null) {
    if (wire.webSocket.readyState === wire.webSocket.OPEN) {
      wire.webSocket.send(Buffer.alloc(80 * 1_024), { fin: false });
    }
    await turn();
  }
  await turnUntil(() => inFlight.bodyBytes.used === 0);
  process.off('warning', onWarning);
  expect(warnings).toEqual([]);
});

describe('what no budget counts', () => {
  const webSocket = {
    ...{ OPEN: 1, readyState: 1, bufferedAmount: 0, isPaused: false },
    sent: [] as (() => void)[],
    send(message: Uint8Array, _: unknown, done: () => void) {
      this.bufferedAmount += message.byteLength;
      this.sent.push(() => {
        this.bufferedAmount -= message.byteLength;
        done();
      });
    },
    pause() {
      this.isPaused = true;
    },
    resume() {
      this.isPaused = false;
    },
  };

  it('is bounded by far less than values are, for one who does not read', () => {
    const inFlight = new RequestsInFlight('a', DEFAULT_BOUNDS);
    const answers = new StreamAnswers({
      webSocket: webSocket as unknown as WebSocket,
      ...{ inFlight, address: '192.0.2.1' },
      hold: () => inFlight.connections.hold({} as never),
    });
    expect(answers.holdAnswer(512 * 1_024)).toBeNull();
    answers.writer.begin(0x92, 1, 512 * 1_024);
    answers.writer.bytes(new Uint8Array(512 * 1_024));
    answers.writer.end();
    answers.flush();
    expect(webSocket.isPaused).toBe(false);
    for (let pings = 0; !webSocket.isPaused; pings += 1) {
      expect(pings).toBeLessThan(4_096);
      writePong(answers.writer, pings, 1);
      answers.flush();
    }
    expect(webSocket.bufferedAmount - 512 * 1_024).toBeGreaterThan(60 * 1_024);
    while (webSocket.isPaused) webSocket.sent.shift()?.();
    expect(webSocket.bufferedAmount).toBeGreaterThan(0);
    expect(webSocket.bufferedAmount).toBeLessThanOrEqual(32 * 1_024);
  });
});

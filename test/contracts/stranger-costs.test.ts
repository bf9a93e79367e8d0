/** What somebody who has proved nothing may cost: processor, memory, connections. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, createServer as createTcpServer } from 'node:net';
import { filter, firstValueFrom, Subject } from 'rxjs';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { encodeBody } from '../../src/formats/frame.ts';
import { encodeOpen, NONCE_BYTES } from '../../src/formats/peer-frame.ts';
import { SUBPROTOCOL } from '../../src/node/peer-listener.ts';
import { volatilePeerMemory } from '../../src/node/peer-memory.ts';
import type { TransportLimits } from '../../src/node/transport-limits.ts';
import type { TransportEvent } from '../../src/node/transport-log.ts';
import { type WebSocketTransport, webSocketTransport } from '../../src/node/websocket-transport.ts';
import { identityOf } from '../../src/testing/transport-contract.ts';
import { loopbackCluster } from './loopback.ts';

let a: WebSocketTransport;
let url: string;
let events: Subject<TransportEvent>;

async function open(limits: Partial<TransportLimits> = {}): Promise<void> {
  const cluster = await loopbackCluster(['a', 'b']);
  url = cluster.a ?? '';
  events = new Subject();
  const onEvent = (event: TransportEvent) => events.next(event);
  a = webSocketTransport({ id: 'a', cluster, limits, onEvent });
  await a.open(identityOf('a'));
}

afterEach(() => a.close());

const port = () => Number(new URL(url).port);

/** A WebSocket of somebody who knows how they begin. */
async function stranger(): Promise<{ webSocket: WebSocket; closed: Promise<void> }> {
  const webSocket = new WebSocket(url, [SUBPROTOCOL]);
  webSocket.on('error', () => {});
  const closed = new Promise<void>((resolve) => webSocket.on('close', () => resolve()));
  await new Promise((resolve) => webSocket.once('open', resolve));
  return { webSocket, closed };
}

/** Long after its deadline, and long before Node.js looks for itself. */
async function within2s(closed: Promise<unknown>): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(resolve, 2_000, 'still there');
  });
  const outcome = await Promise.race([closed.then(() => 'closed'), late]);
  clearTimeout(timer);
  return outcome;
}

describe('a stranger costs little', () => {
  test('processor, whatever is in the list of protocols', async () => {
    await open();
    const list = `a${' '.repeat(15_000)}b`;
    const before = process.cpuUsage();
    for (let count = 0; count < 3; count += 1) {
      const socket = connect(port(), '127.0.0.1');
      const answer = new Promise((resolve) => socket.once('data', resolve));
      socket.write(
        `GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
          `Sec-WebSocket-Protocol: ${list}\r\n\r\n`,
      );
      expect(String(await answer)).toMatch(/^HTTP\/1.1 426/);
      socket.destroy();
    }
    const { user } = process.cpuUsage(before);
    expect(user / 1_000).toBeLessThan(300);
  });

  test('processor, whatever is in its opening: one that is longer than any is not read', async () => {
    await open();
    const told = firstValueFrom(events.pipe(filter(({ type }) => type === 'malformed')));
    const { webSocket, closed } = await stranger();
    webSocket.send(encodeBody(67, { filler: 'x'.repeat(4_096) }));
    expect((await told).message).toMatch(/a frame of 41\d\d bytes before the handshake is over/);
    await closed;
  });

  test('memory, also after it was refused: what it sends then is not waited for', async () => {
    await open({ handshakeDeadlineMs: 60_000 });
    const { webSocket, closed } = await stranger();
    // It does not read that it is to close.
    webSocket.pause();
    webSocket.send('no frame of ours');
    webSocket.send(new Uint8Array(4 * 1024 * 1024), { fin: false });
    expect(await within2s(closed)).toBe('closed');
    expect(a.counters.malformed).toBe(1);
  });

  test('connections: one that takes the port of another that it reset is counted, too', async () => {
    await open({ handshakeDeadlineMs: 50 });
    const first = connect(port(), '127.0.0.1');
    await new Promise((resolve) => first.once('connect', resolve));
    const { localPort = 0 } = first;
    // Both are seen by the server in one turn.
    first.resetAndDestroy();
    const second = connect({ port: port(), host: '127.0.0.1', localPort });
    second.on('error', () => {}).resume();
    const closed = new Promise((resolve) => second.once('close', resolve));
    expect(await within2s(closed)).toBe('closed');
  });
});

test('who has taken a member’s port tells one line a minute, whatever it answers', async () => {
  const cluster = await loopbackCluster(['a', 'b']);
  let status = 400;
  const squatter = createServer((_, response) => {
    status += 1;
    response.writeHead(status).end();
  });
  await new Promise<void>((resolve) =>
    squatter.listen(Number(new URL(cluster.b ?? '').port), '127.0.0.1', resolve),
  );
  const told: string[] = [];
  const memory = volatilePeerMemory();
  const onEvent = ({ message }: TransportEvent) => told.push(message);
  a = webSocketTransport({ id: 'a', cluster, limits: { dialWaitMaxMs: 5 }, memory, onEvent });
  await a.open(identityOf('a'));
  while (status < 405) await once(squatter, 'request');
  squatter.closeAllConnections();
  squatter.close();
  expect(told).toEqual([expect.stringMatching(/Server b cannot be reached .* 401/)]);
});

test('who has taken a member’s port holds no attempt for longer than the deadline', async () => {
  const cluster = await loopbackCluster(['a', 'b']);
  const dripping: NodeJS.Timeout[] = [];
  const squatter = createTcpServer((socket) => {
    socket
      .on('error', () => {})
      .setNoDelay()
      .resume();
    dripping.push(setInterval(() => socket.write('X'), 5));
    socket.write('HTTP/1.1 101 Switching Protocols\r\nX: ');
  });
  await new Promise<void>((resolve) =>
    squatter.listen(Number(new URL(cluster.b ?? '').port), '127.0.0.1', resolve),
  );
  const told: string[] = [];
  const limits = { dialWaitMaxMs: 5, handshakeDeadlineMs: 40 };
  const memory = volatilePeerMemory();
  const onEvent = ({ message }: TransportEvent) => told.push(message);
  a = webSocketTransport({ id: 'a', cluster, limits, memory, onEvent });
  await a.open(identityOf('a'));
  const second = once(squatter, 'connection').then(() => once(squatter, 'connection'));
  expect(await within2s(second)).toBe('closed');
  for (const drip of dripping) clearInterval(drip);
  squatter.close();
  expect(told).toEqual([expect.stringMatching(/Server b cannot be reached .* in time/)]);
});

test('the longest opening of an honest server is read', () => {
  const opening = encodeOpen({
    versions: Array(16).fill(2 ** 50),
    clusterId: 'c'.repeat(64),
    from: 'f'.repeat(64),
    to: 't'.repeat(64),
    nonce: new Uint8Array(NONCE_BYTES),
    keyNames: Array(16).fill('0'.repeat(16)),
  });
  expect(opening.byteLength).toBeLessThan(1_024);
});

/**
 * Whoever sends what is none of ours loses the connection, is counted, and reads why where there is
 * somebody to read; nothing that came from it reaches the server.
 */
import { connect, type Socket } from 'node:net';
import { filter, firstValueFrom, Subject } from 'rxjs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { Message } from '../../machines/rules/messages.ts';
import { encodeBody, FRAME_BYTES_MAX } from '../../src/formats/frame.ts';
import { encodeFrame } from '../../src/formats/message-frame.ts';
import { encodeKeepalive, encodeOpen } from '../../src/formats/peer-frame.ts';
import { volatilePeerMemory } from '../../src/node/peer-memory.ts';
import type { TransportLimits } from '../../src/node/transport-limits.ts';
import type { TransportEvent } from '../../src/node/transport-log.ts';
import { type WebSocketTransport, webSocketTransport } from '../../src/node/websocket-transport.ts';
import { identityOf } from '../../src/testing/transport-contract.ts';
import { wireFields } from './arbitrary-messages.ts';
import { loopbackCluster } from './loopback.ts';
import { type Visitor, type VisitorOptions, visitor } from './peer-visitor.ts';

const MESSAGE: Message = { type: 'TimeoutNow', from: 'b', to: 'a', term: 1, requestId: 1 };

let a: WebSocketTransport;
let url: string;
let events: Subject<TransportEvent>;
let received: Message[];
const peers: WebSocket[] = [];

beforeEach(() => openWith({}));

async function openWith(limits: Partial<TransportLimits>): Promise<void> {
  const cluster = await loopbackCluster(['a', 'b']);
  url = cluster.a ?? '';
  events = new Subject();
  received = [];
  a = webSocketTransport({
    id: 'a',
    cluster,
    memory: volatilePeerMemory(),
    limits: { dialWaitMaxMs: 40, unauthenticatedConnectionsMax: 8, ...limits },
    onEvent: (event) => events.next(event),
  });
  a.received$.subscribe((message) => received.push(message));
  await a.open(identityOf('a'));
}

/** Silence is cut off at once, which is too early for whoever has something to say. */
async function openImpatiently(): Promise<void> {
  await a.close();
  await openWith({ handshakeDeadlineMs: 20 });
}

afterEach(async () => {
  for (const peer of peers.splice(0)) peer.terminate();
  await a.close();
});

const event = (type: TransportEvent['type']) =>
  firstValueFrom(events.pipe(filter((event) => event.type === type)));

/** What becomes of a handshake. */
async function answerTo(visit: () => Visitor): Promise<{ bad: Visitor; message: string }> {
  const refused = event('refused');
  const bad = visit();
  const welcomed = bad.welcomed.then(() => ({ message: 'it is welcome' }));
  return { bad, message: (await Promise.race([refused, welcomed])).message };
}

function visit(options: VisitorOptions, ...frames: (Uint8Array | string)[]): Visitor {
  const peer = visitor(url, options, ...frames);
  peers.push(peer.webSocket);
  return peer;
}

/** Proves nothing, and says that instead. */
const intrude = (...frames: (Uint8Array | string)[]) => visit({ isSilent: true }, ...frames);

/** One that proves who it is is still served. */
async function expectServes(): Promise<void> {
  const connected = firstValueFrom(a.connections$.pipe(filter(({ isConnected }) => isConnected)));
  const arrived = firstValueFrom(a.received$);
  const good = visit({});
  await connected;
  good.webSocket.send(encodeFrame(MESSAGE));
  expect(await arrived).toEqual(MESSAGE);
}

const OPENING = {
  versions: [2],
  clusterId: 'contract',
  from: 'b',
  to: 'a',
  nonce: new Uint8Array(32),
  keyNames: [],
};
const OPEN = encodeOpen(OPENING);
const flipped = (frame: Uint8Array, place: number) => {
  const copy = frame.slice();
  copy[place] = (copy[place] ?? 0) ^ 0xff;
  return copy;
};
const declaring = (length: number) => {
  const frame = encodeFrame(MESSAGE);
  new DataView(frame.buffer).setUint32(0, length);
  return frame;
};

describe('after the handshake, the connection is closed for', () => {
  test.each<[string, Uint8Array | string, RegExp]>([
    ['text', 'hello', /text/],
    ['an empty message', new Uint8Array(0), /too few/],
    ['a truncated frame', encodeFrame(MESSAGE).slice(0, 20), /declares/],
    ['a declared length of 0xFFFFFFFF', declaring(0xffffffff), /declares 4294967295/],
    ['another protocol version', flipped(encodeFrame(MESSAGE), 4), /protocol version 253/],
    ['a body that is none', flipped(encodeFrame(MESSAGE), 6), /body/],
    [
      'a field that is none',
      encodeBody(9, { ...wireFields(MESSAGE), number: -1 }),
      /number must be a safe/,
    ],
    ['a message from another server', encodeFrame({ ...MESSAGE, from: 'c' }), /from c to a/],
    ['a message to another server', encodeFrame({ ...MESSAGE, to: 'c' }), /from b to c/],
    ['a second handshake', OPEN, /second handshake/],
  ])('%s', async (_, frame, reason) => {
    const malformed = event('malformed');
    const bad = visit({}, frame, encodeFrame(MESSAGE));
    expect((await malformed).message).toMatch(reason);
    await bad.closed;
    expect(bad.refusal()).toMatch(reason);
    expect(a.counters.malformed).toBe(1);
    expect(received).toEqual([]);
    await expectServes();
  });

  test('a message over the limit, which is not even read', async () => {
    const malformed = event('malformed');
    const bad = visit({}, new Uint8Array(FRAME_BYTES_MAX + 1));
    expect((await malformed).message).toMatch(/Max payload size exceeded/);
    await bad.closed;
    expect(received).toEqual([]);
    await expectServes();
  });
});

test('a frame of an unknown kind is counted and dropped, and the connection stays', async () => {
  const arrived = firstValueFrom(a.received$);
  const peer = visit({}, encodeBody(200, { x: 1 }), encodeFrame(MESSAGE));
  await arrived;
  expect(a.counters).toMatchObject({ unknownKinds: 1, malformed: 0 });
  expect(peer.webSocket.readyState).toBe(WebSocket.OPEN);
});

describe('before the proof, the connection is closed for', () => {
  test.each<[string, Uint8Array | string, RegExp]>([
    ['a message', encodeFrame(MESSAGE), /a frame of kind 9 before the handshake/],
    ['a keepalive', encodeKeepalive(1), /a frame of kind 72 before the handshake/],
    ['a frame of an unknown kind', encodeBody(200, {}), /a frame of kind 200 before the handshake/],
    ['text', 'hello', /text/],
    ['more than a stranger may say', new Uint8Array(1024 * 1024), /a handshake that does not end/],
  ])('%s', async (_, frame, reason) => {
    const malformed = event('malformed');
    const bad = intrude(frame, encodeFrame(MESSAGE));
    expect((await malformed).message).toMatch(reason);
    await bad.closed;
    expect(a.counters.malformed).toBe(1);
    expect(received).toEqual([]);
    await expectServes();
  });

  test('silence, when the deadline is over', async () => {
    await openImpatiently();
    const stranger = event('unauthenticated');
    await intrude().closed;
    expect((await stranger).message).toMatch(/who it is in time|said nothing in time/);
    expect(a.counters.unauthenticatedConnections).toBe(1);
  });
});

describe('a handshake is refused, with the reason on both sides,', () => {
  test.each<[string, VisitorOptions, RegExp]>([
    ['from another cluster', { clusterId: 'other' }, /is of cluster other/],
    ['for another server', { to: 'c' }, /wants server c, and this is server a/],
    ['from a server of the same name', { from: 'a' }, /calls itself a, too/],
  ])('%s', async (_, wrong, reason) => {
    const { bad, message } = await answerTo(() => visit(wrong, encodeFrame(MESSAGE)));
    expect(message).toMatch(reason);
    await bad.closed;
    expect(bad.refusal()).toMatch(reason);
    expect(a.counters.refusals).toBe(1);
    expect(received).toEqual([]);
    await expectServes();
  });

  test('in a protocol version that is not ours', async () => {
    const refused = event('refused');
    const bad = intrude(encodeOpen({ ...OPENING, versions: [3, 4] }));
    expect((await refused).message).toMatch(/speaks protocol versions 3, 4.*version 2/);
    await bad.closed;
    expect(bad.refusal()).toMatch(/update the older one/);
  });

  test('with another directory than the one known: it was replaced', async () => {
    await expectServes();
    const replaced = { hello: { storageId: 'another' } };
    const { bad, message } = await answerTo(() => visit(replaced, encodeFrame(MESSAGE)));
    expect(message).toMatch(/directory was replaced.*could vote twice/);
    await bad.closed;
    expect(bad.refusal()).toMatch(/storage another.*known here \(storage-of-b\)/);
    expect(received).toEqual([MESSAGE]);
  });

  test('with a lower write number than the one last sent in a keepalive: it is of an older day', async () => {
    await expectServes();
    const lost = event('lost');
    peers[0]?.send(encodeKeepalive(50));
    peers[0]?.close();
    await lost;
    const older = { hello: { incarnation: 'another-run', writeNumber: 49 } };
    const { bad, message } = await answerTo(() => visit(older));
    expect(message).toMatch(/ends with write 49.*completed write 50.*older backup/);
    await bad.closed;
    const connected = event('connected');
    visit({ hello: { writeNumber: 50 } });
    await connected;
  });

  test('but never for not being in our configuration', async () => {
    const connected = event('connected');
    visit({ from: 'z' });
    expect((await connected).peer).toBe('z');
  });
});

test('a peer at the address of another one is refused by who dialled it', async () => {
  const cluster = await loopbackCluster(['b', 'c']);
  const refusals = new Subject<TransportEvent>();
  const c = webSocketTransport({ id: 'c', cluster: { c: cluster.c ?? '' } });
  await c.open(identityOf('c'));
  const b = webSocketTransport({
    id: 'b',
    cluster: { ...cluster, d: cluster.c ?? '', c: 'ws://127.0.0.1:1' },
    onEvent: (event) => event.type === 'refusedByPeer' && refusals.next(event),
  });
  const refused = firstValueFrom(refusals);
  await b.open(identityOf('b'));
  expect((await refused).message).toMatch(/wants server d, and this is server c/);
  await Promise.all([b.close(), c.close()]);
});

describe('what is no WebSocket is sent away', () => {
  const raw = (text: string): Promise<{ answer: string }> =>
    new Promise((resolve) => {
      const { hostname, port } = new URL(url);
      let answer = '';
      const socket: Socket = connect(Number(port), hostname, () => socket.write(text));
      socket.on('error', () => {});
      socket.on('data', (data) => {
        answer += data.toString('latin1');
      });
      socket.on('close', () => resolve({ answer }));
    });

  test('an HTTP request, with a hint', async () => {
    const { answer } = await raw('GET /v1/status HTTP/1.1\r\nHost: x\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1.1 426 .*Clients use another one/s);
    expect(a.counters.malformed).toBe(1);
    await expectServes();
  });

  test.each([
    ['binary garbage', '\xff\xff\xff\xff\0\0\0'],
    ['a TLS greeting', '\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03'],
    ['an endless header', `GET / HTTP/1.1\r\nX: ${'x'.repeat(100_000)}`],
    ['an upgrade to something else', 'GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n'],
  ])('%s', async (_, text) => {
    await raw(text);
    expect(a.counters.malformed).toBe(1);
    expect(received).toEqual([]);
    await expectServes();
  });

  test('but who resets its connection before it has said anything has sent nothing wrong', async () => {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    await new Promise((resolve) => socket.once('connect', resolve));
    socket.resetAndDestroy();
    // The server hears of the reset before it hears of whoever comes behind.
    await expectServes();
    expect(a.counters.malformed).toBe(0);
  });

  test('somebody who says nothing at all', async () => {
    await openImpatiently();
    const stranger = event('unauthenticated');
    await raw('');
    expect((await stranger).message).toMatch(/said nothing in time/);
  });

  test('one stranger too many: the oldest goes, and whoever proves who it is comes in', async () => {
    const tooMany = firstValueFrom(
      events.pipe(filter(({ message }) => message.includes('than 8'))),
    );
    const visits = Array.from({ length: 9 }, () => raw(''));
    await tooMany;
    await visits[0];
    expect(a.counters.unauthenticatedConnections).toBe(1);
    await expectServes();
  });
});

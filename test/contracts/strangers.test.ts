/**
 * Strangers at the peer port of a real server: what they send changes no state, no term, no file, and
 * is told in one line of the log a minute.
 */
import { connect } from 'node:net';
import { filter, firstValueFrom, Subject } from 'rxjs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { Message } from '../../machines/rules/messages.ts';
import { encodeFrame } from '../../src/formats/message-frame.ts';
import { clusterKeyOf } from '../../src/node/cluster-key.ts';
import { SUBPROTOCOL } from '../../src/node/peer-listener.ts';
import { volatilePeerMemory } from '../../src/node/peer-memory.ts';
import type { TransportEvent } from '../../src/node/transport-log.ts';
import { type WebSocketTransport, webSocketTransport } from '../../src/node/websocket-transport.ts';
import type { KnownPeers } from '../../src/ports/peer-memory.ts';
import { identityOf } from '../../src/testing/transport-contract.ts';
import { loopbackCluster } from './loopback.ts';
import { visitor } from './peer-visitor.ts';

const FORGED: Message = {
  type: 'AppendEntries',
  from: 'b',
  to: 'a',
  term: 2 ** 50,
  requestId: 1,
  prevLogIndex: 0,
  prevLogTerm: 0,
  entries: [],
  leaderCommit: 0,
};

let a: WebSocketTransport;
let url: string;
let told: TransportEvent[];
let events: Subject<TransportEvent>;
let received: Message[];
let remembered: KnownPeers;
const open: { terminate(): void }[] = [];

beforeEach(async () => {
  const cluster = await loopbackCluster(['a', 'b']);
  url = cluster.a ?? '';
  told = [];
  received = [];
  remembered = {};
  events = new Subject();
  const memory = volatilePeerMemory();
  a = webSocketTransport({
    id: 'a',
    cluster,
    memory: {
      load: () => memory.load(),
      save: async (peers) => {
        remembered = peers;
        await memory.save(peers);
      },
    },
    limits: {
      dialWaitMaxMs: 40,
      unauthenticatedConnectionsMax: 8,
      unauthenticatedPerAddressMax: 4,
    },
    onEvent: (event) => {
      if (event.type !== 'unreachable') told.push(event);
      events.next(event);
    },
  });
  a.received$.subscribe((message) => received.push(message));
  await a.open(identityOf('a'));
});

afterEach(async () => {
  for (const socket of open.splice(0)) socket.terminate();
  await a.close();
});

const event = (type: TransportEvent['type']) =>
  firstValueFrom(events.pipe(filter((event) => event.type === type)));

/** The status with which an opening request is refused; 101 if it is not. */
function statusOf(headers: Record<string, string>, protocols = [SUBPROTOCOL]): Promise<number> {
  return new Promise((resolve) => {
    const socket = new WebSocket(url, protocols, { headers });
    open.push(socket);
    socket.on('open', () => resolve(101));
    socket.on('unexpected-response', (_, response) => resolve(response.statusCode ?? 0));
    socket.on('error', () => {});
  });
}

describe('a page of the web', () => {
  test.each(['http://127.0.0.1:7101', 'https://evil.example', 'null', 'http://localhost'])(
    'from %s is refused, whatever it says',
    async (origin) => {
      expect(await statusOf({ origin })).toBe(403);
      expect(told.map(({ type }) => type)).toEqual(['malformed']);
      expect(told[0]?.message).toContain(`Origin: ${origin}`);
    },
  );

  test('whose origin draws on the terminal is told in visible characters', async () => {
    expect(await statusOf({ origin: 'http://a\u009b31m' })).toBe(403);
    expect(told[0]?.message).toContain('\\x9b31m');
  });
});

test('a server of an older version is refused, and its people are told why', async () => {
  expect(await statusOf({}, [])).toBe(426);
  expect(told[0]?.message).toMatch(
    /servers of version 1 do.*statecraft-peer\.2.*update them together/,
  );
});

describe('somebody without the key', () => {
  const stolen = clusterKeyOf(new Uint8Array(32).fill(66));

  test('is not heard, under a member’s name or another, with whatever it sends behind', async () => {
    for (const from of ['b', 'x']) {
      const refused = visitor(
        url,
        { from, keys: [stolen], hello: { writeNumber: 2 ** 50 } },
        encodeFrame({ ...FORGED, from }),
      );
      open.push(refused.webSocket);
      await refused.closed;
      expect(refused.refusal()).toMatch(/could not prove that it has this cluster's key/);
    }
    expect(received).toEqual([]);
    expect(remembered).toEqual({});
    const real = visitor(url);
    open.push(real.webSocket);
    await real.welcomed;
  });

  test('is told of in one line a minute, whatever its text', async () => {
    for (const from of ['one', 'two', 'three', 'four', 'five']) {
      const { closed, webSocket } = visitor(url, { from, keys: [stolen] });
      open.push(webSocket);
      await closed;
    }
    expect(told).toHaveLength(1);
    expect(told[0]?.message).toMatch(/A peer that claims to be server one .*\(127\.0\.0\.1\)/);
    expect(a.counters.refusals).toBe(5);
  });

  test('cannot keep members out by standing in the door: the oldest stranger goes', async () => {
    const stranger = event('unauthenticated');
    const { hostname, port } = new URL(url);
    for (let count = 0; count < 20; count += 1) {
      const socket = connect(Number(port), hostname);
      socket.on('error', () => {});
      open.push({ terminate: () => socket.destroy() });
      await new Promise((resolve) => socket.once('connect', resolve));
    }
    expect((await stranger).message).toMatch(/more than 4 from one address/);
    const member = visitor(url);
    open.push(member.webSocket);
    await member.welcomed;
  });
});

describe('who has the key', () => {
  test('is heard, but not kept in the memory of peers unless it is a member', async () => {
    for (let count = 0; count < 30; count += 1) {
      const joiner = visitor(url, { from: `joiner-${count}` });
      open.push(joiner.webSocket);
      await joiner.welcomed;
    }
    const member = visitor(url);
    open.push(member.webSocket);
    await member.welcomed;
    await a.close();
    expect(Object.keys(remembered)).toEqual(['b']);
  });

  test('is not called restored from an older day for what its own other connection has said', async () => {
    const first = visitor(url, { hello: { writeNumber: 10 } });
    open.push(first.webSocket);
    await first.welcomed;
    const second = visitor(url, { hello: { writeNumber: 9 } });
    open.push(second.webSocket);
    await second.welcomed;
    const third = visitor(url, { hello: { incarnation: 'another', writeNumber: 9 } });
    open.push(third.webSocket);
    await third.closed;
    expect(third.refusal()).toMatch(/ends with write 9, but it had completed write 10/);
  });

  test('gives no address that would forge an answer to a client', async () => {
    for (const clientAddress of [
      'http://a\r\nSet-Cookie: x',
      'javascript:alert(1)',
      'http://a b',
    ]) {
      const liar = visitor(url, { hello: { clientAddress } });
      open.push(liar.webSocket);
      await liar.closed;
      expect(liar.refusal()).toMatch(/clientAddress must be an address/);
    }
  });
});

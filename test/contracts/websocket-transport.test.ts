/** The transport of real servers, over loopback: the contract, and what only sockets can do. */
import { filter, firstValueFrom } from 'rxjs';
import { afterEach, describe, expect, it, test } from 'vitest';
import type { WebSocket } from 'ws';
import { StartError } from '../../src/host/errors.ts';
import { type WebSocketTransport, webSocketTransport } from '../../src/node/websocket-transport.ts';
import type { Transport } from '../../src/ports/transport.ts';
import { identityOf, transportContract } from '../../src/testing/transport-contract.ts';
import { loopbackCluster } from './loopback.ts';
import { visitor } from './peer-visitor.ts';

const limits = { dialWaitMinMs: 5, dialWaitMaxMs: 40 };

transportContract({ describe, it }, 'WebSockets', async () => {
  const cluster = await loopbackCluster(['a', 'b', 'c']);
  const made: Transport[] = [];
  return {
    make: (id) => {
      const transport = webSocketTransport({ id, cluster, limits });
      made.push(transport);
      return transport;
    },
    dispose: async () => {
      await Promise.all(made.map((transport) => transport.close()));
    },
  };
});

describe('WebSockets', () => {
  const made: WebSocketTransport[] = [];
  afterEach(async () => {
    await Promise.all(made.splice(0).map((transport) => transport.close()));
  });
  const make = (id: string, cluster: Record<string, string>, more = {}) => {
    const transport = webSocketTransport({ id, cluster, limits, ...more });
    made.push(transport);
    return transport;
  };
  const connection = ({ connections$ }: Transport, peer: string, isConnected = true) =>
    firstValueFrom(
      connections$.pipe(
        filter((change) => change.peer === peer && change.isConnected === isConnected),
      ),
    );

  test('of two connections that cross, the one dialled by the smaller id stays', async () => {
    const cluster = await loopbackCluster(['a', 'b']);
    const a = make('a', cluster);
    const b = make('b', cluster);
    const changes: boolean[] = [];
    a.connections$.subscribe(({ isConnected }) => changes.push(isConnected));
    const both = Promise.all([connection(a, 'b'), connection(b, 'a')]);
    await Promise.all([a.open(identityOf('a')), b.open(identityOf('b'))]);
    await both;
    for (let number = 1; number <= 50; number += 1) {
      const echoed = firstValueFrom(a.received$);
      b.send({ type: 'TimeoutNow', from: 'b', to: 'a', term: 1, requestId: number });
      await echoed;
    }
    expect(changes).toEqual([true]);
    expect(a.counters.peers.b).toMatchObject({ receivedMessages: 50, connections: 1 });
    expect(b.counters.peers.a).toMatchObject({ sentMessages: 50, droppedMessages: 0 });
  });

  test('a taken port is a StartError that names it', async () => {
    const cluster = await loopbackCluster(['a', 'b']);
    await make('a', cluster).open(identityOf('a'));
    const port = Number(new URL(cluster.a ?? '').port);
    const second = make('a', cluster).open(identityOf('a'));
    await expect(second).rejects.toBeInstanceOf(StartError);
    await expect(second).rejects.toMatchObject({ code: 'EADDRINUSE', port });
    await expect(second).rejects.toThrow(`Port ${port} of 127.0.0.1 is taken`);
  });

  test('an address that is none, and a missing one, are StartErrors', () => {
    expect(() => webSocketTransport({ id: 'a', cluster: { a: '127.0.0.1:1' } })).toThrow(
      StartError,
    );
    expect(() => webSocketTransport({ id: 'a', cluster: { a: 'http://x:1' } })).toThrow(/ws:\/\//);
    expect(() => webSocketTransport({ id: 'a', cluster: { b: 'ws://127.0.0.1:1' } })).toThrow(
      /own address/,
    );
  });

  test('a peer that never reads costs at most its queue, and delays nobody else', async () => {
    const cluster = await loopbackCluster(['a', 'b', 'c']);
    const queueBytesMax = 2 * 1024 * 1024;
    const a = make('a', cluster, { limits: { ...limits, queueBytesMax } });
    const c = make('c', cluster);
    const ready = Promise.all([connection(a, 'c'), connection(c, 'a')]);
    await Promise.all([a.open(identityOf('a')), c.open(identityOf('c'))]);
    await ready;
    const mute = await acceptedPeer(a, cluster.a ?? '', 'b');
    mute.pause();
    const bytes = new Uint8Array(256 * 1024);
    const before = process.memoryUsage().arrayBuffers;
    for (let number = 1; number <= 1_000; number += 1) {
      a.send(appendEntries('b', number, bytes));
      if (number % 100 === 0) {
        const arrived = firstValueFrom(c.received$);
        a.send(appendEntries('c', number, bytes));
        await arrived;
      }
    }
    const { b: counters } = a.counters.peers;
    expect(counters?.droppedMessages).toBeGreaterThan(900);
    expect(a.counters.peers.c?.droppedMessages).toBe(0);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100 * 1024 * 1024);
    mute.terminate();
  });

  test('a connection on which nothing comes any more is lost', async () => {
    const cluster = await loopbackCluster(['a', 'b']);
    const a = make('a', cluster, { limits: { ...limits, keepaliveIntervalMs: 10 } });
    await a.open(identityOf('a'));
    const lost = connection(a, 'b', false);
    const silent = await acceptedPeer(a, cluster.a ?? '', 'b');
    expect(await lost).toEqual({ peer: 'b', isConnected: false });
    silent.terminate();
  });

  test('a connection on which only keepalives come is kept', async () => {
    const cluster = await loopbackCluster(['a', 'b']);
    const keepalives = { limits: { ...limits, keepaliveIntervalMs: 5, missedKeepalivesMax: 100 } };
    const a = make('a', cluster, keepalives);
    let writeNumber = 1;
    let lost = 0;
    a.connections$.subscribe(({ isConnected }) => {
      if (!isConnected) lost += 1;
    });
    const b = make('b', cluster, keepalives);
    const met = connection(a, 'b');
    await a.open(identityOf('a'));
    const asked = new Promise<void>((resolve) => {
      void b.open({
        ...identityOf('b'),
        writeNumber: () => {
          writeNumber += 1;
          if (writeNumber > 20) resolve();
          return writeNumber;
        },
      });
    });
    await met;
    await asked;
    expect(lost).toBe(0);
  });
});

/** A peer of our own making, which `transport` has accepted. */
async function acceptedPeer(transport: Transport, url: string, id: string): Promise<WebSocket> {
  const connected = firstValueFrom(
    transport.connections$.pipe(filter(({ peer, isConnected }) => peer === id && isConnected)),
  );
  const { webSocket } = visitor(url, { from: id });
  await connected;
  return webSocket;
}

function appendEntries(to: string, number: number, bytes: Uint8Array) {
  return {
    type: 'AppendEntries',
    from: 'a',
    to,
    term: 1,
    requestId: number,
    prevLogIndex: 0,
    prevLogTerm: 0,
    entries: [{ index: 1, term: 1, time: 0, type: 'command', bytes }],
    leaderCommit: 0,
  } as const;
}

/** Connections that are replaced, and those that are not, when keys change and processes restart. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { filter, firstValueFrom } from 'rxjs';
import { afterEach, describe, expect, test } from 'vitest';
import { clusterKeyOf } from '../../src/node/cluster-key.ts';
import { makeClusterKeyFile, readClusterKeys } from '../../src/node/cluster-key-file.ts';
import type { PeerConnection } from '../../src/node/peer-connection.ts';
import { peerRenewal } from '../../src/node/peer-renewal.ts';
import type { PeerSecurity } from '../../src/node/peer-security.ts';
import { type WebSocketTransport, webSocketTransport } from '../../src/node/websocket-transport.ts';
import { VirtualClock } from '../../src/simulation/virtual-clock.ts';
import { identityOf } from '../../src/testing/transport-contract.ts';
import { loopbackCluster } from './loopback.ts';
import { visitor } from './peer-visitor.ts';

const made: WebSocketTransport[] = [];
afterEach(async () => {
  await Promise.all(made.splice(0).map((transport) => transport.close()));
});

describe('a connection whose key was dropped', () => {
  function watch() {
    const clock = new VirtualClock();
    const keys = [{ name: 'old' }];
    let closed = 0;
    let asked = 0;
    const connection = {
      peer: { keyName: 'old' },
      socket: new Socket(),
      requestRenewal: () => {
        asked += 1;
      },
      close: () => {
        closed += 1;
      },
    } as unknown as PeerConnection;
    const security = {
      keys,
      kind: 'loopback',
      isStillTrusted: (name: string) => keys.some((key) => key.name === name),
    } as unknown as PeerSecurity;
    const renewal = peerRenewal(security, clock, 15_000);
    const changeTo = (name: string, connections = [connection]) => {
      keys.splice(0, 1, { name });
      renewal.changed(connections);
    };
    const pass = (durationMs: number) => {
      const until = clock.now() + durationMs;
      while (clock.fireNext(until));
      clock.advanceTo(until);
    };
    return { changeTo, pass, renewal, connection, closed: () => closed, asked: () => asked };
  }

  test('stays when the key is put back in time', () => {
    const { changeTo, pass, closed } = watch();
    changeTo('new');
    pass(10_000);
    changeTo('old');
    pass(60_000);
    expect(closed()).toBe(0);
  });

  test('is renewed, or closed, when the key was dropped during its handshake', () => {
    const { renewal, connection, changeTo, pass, closed, asked } = watch();
    renewal.began(connection.socket);
    renewal.connected(connection);
    expect(asked()).toBe(0);
    renewal.began(connection.socket);
    // It is not among the connections yet.
    changeTo('new', []);
    expect(asked()).toBe(0);
    renewal.connected(connection);
    expect(asked()).toBe(1);
    pass(15_000);
    expect(closed()).toBe(1);
  });

  test('gets no more time by another change', () => {
    const { changeTo, pass, closed } = watch();
    changeTo('new');
    pass(10_000);
    changeTo('newer');
    pass(6_000);
    expect(closed()).toBe(1);
  });
});

test('a peer that was restarted is heard, though the connection to its last run still looks alive', async () => {
  const cluster = await loopbackCluster(['a', 'b']);
  const clusterKey = randomBytes(32);
  const b = webSocketTransport({ id: 'b', cluster, clusterKey, limits: { dialWaitMinMs: 60_000 } });
  const a = webSocketTransport({ id: 'a', cluster, clusterKey });
  made.push(a, b);
  await b.open(identityOf('b'));
  // Dialled by a: of two connections of one run the one that stays.
  const met = firstValueFrom(a.connections$.pipe(filter(({ isConnected }) => isConnected)));
  await a.open(identityOf('a'));
  await met;
  const changes: boolean[] = [];
  a.connections$.subscribe(({ isConnected }) => changes.push(isConnected));
  const { storageId, writeNumber } = { ...identityOf('b'), writeNumber: 1_000 };
  const restarted = visitor(cluster.a ?? '', {
    keys: [clusterKeyOf(clusterKey)],
    hello: { incarnation: 'another', storageId, writeNumber },
  });
  const outcome = await Promise.race([
    restarted.welcomed.then(() => 'welcomed'),
    restarted.closed.then(() => `refused: ${restarted.refusal()}`),
  ]);
  restarted.webSocket.terminate();
  expect(outcome).toBe('welcomed');
  expect(changes.slice(0, 2)).toEqual([false, true]);
});

test('a key that is dropped while its connection is judged proves nobody', async () => {
  const cluster = await loopbackCluster(['a', 'b']);
  const directory = mkdtempSync(join(tmpdir(), 'statecraft-judged-'));
  const file = join(directory, 'cluster.key');
  makeClusterKeyFile(file);
  const dropped = readClusterKeys(file);
  let save = () => {};
  const isAsked = new Promise<void>((asked) => {
    save = asked;
  });
  let kept = () => {};
  const memory = {
    load: async () => ({}),
    save: () => {
      save();
      return new Promise<void>((resolve) => {
        kept = resolve;
      });
    },
  };
  const isRenewed = new Promise<void>((renewed) => {
    made.push(
      webSocketTransport({
        id: 'a',
        cluster,
        clusterKey: { file },
        memory,
        limits: { renewalIntervalMs: 10, handshakeDeadlineMs: 60_000 },
        onEvent: ({ type }) => type === 'security' && renewed(),
      }),
    );
  });
  await made[0]?.open(identityOf('a'));
  const b = visitor(cluster.a ?? '', { keys: dropped });
  await isAsked;
  rmSync(file);
  makeClusterKeyFile(file);
  await isRenewed;
  kept();
  await b.closed;
  rmSync(directory, { recursive: true });
  expect(b.refusal()).toMatch(/was replaced here/);
});

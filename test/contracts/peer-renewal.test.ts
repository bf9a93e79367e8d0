/** Connections that are replaced, and those that are not, when keys change and processes restart. */
import { randomBytes } from 'node:crypto';
import { filter, firstValueFrom } from 'rxjs';
import { afterEach, describe, expect, test } from 'vitest';
import { clusterKeyOf } from '../../src/node/cluster-key.ts';
import type { PeerConnection } from '../../src/node/peer-connection.ts';
import { PeerRenewal } from '../../src/node/peer-renewal.ts';
import type { PeerSecurity } from '../../src/node/peer-security.ts';
import { type WebSocketTransport, webSocketTransport } from '../../src/node/websocket-transport.ts';
import { VirtualClock } from '../../src/simulation/virtual-clock.ts';
import { introductionOf } from '../../src/testing/transport-contract.ts';
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
    const connection = {
      peer: { keyName: 'old' },
      askRenewal: () => {},
      close: () => {
        closed += 1;
      },
    } as unknown as PeerConnection;
    const security = {
      keys,
      kind: 'loopback',
      stands: (name: string) => keys.some((key) => key.name === name),
    } as unknown as PeerSecurity;
    const renewal = new PeerRenewal(security, clock, 15_000);
    const changeTo = (name: string) => {
      keys.splice(0, 1, { name });
      renewal.changed([connection]);
    };
    const pass = (durationMs: number) => {
      const until = clock.now() + durationMs;
      while (clock.fireNext(until));
      clock.advanceTo(until);
    };
    return { changeTo, pass, closed: () => closed };
  }

  test('stays when the key is put back in time', () => {
    const { changeTo, pass, closed } = watch();
    changeTo('new');
    pass(10_000);
    changeTo('old');
    pass(60_000);
    expect(closed()).toBe(0);
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
  await b.open(introductionOf('b'));
  // Dialled by a: of two connections of one run the one that stays.
  const met = firstValueFrom(a.connections$.pipe(filter(({ isConnected }) => isConnected)));
  await a.open(introductionOf('a'));
  await met;
  const changes: boolean[] = [];
  a.connections$.subscribe(({ isConnected }) => changes.push(isConnected));
  const { storageId, writeNumber } = { ...introductionOf('b'), writeNumber: 1_000 };
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

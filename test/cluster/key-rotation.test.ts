/** The cluster's key is replaced under load: nobody is elected anew, and no call fails. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { connect } from '../../src/client/index.ts';
import { clusterIdOf } from '../../src/formats/cluster-id.ts';
import { readClusterKeys, rotateClusterKeyFile } from '../../src/node/cluster-key-file.ts';
import { nodeHttpPort } from '../../src/node/http-port.ts';
import { visitor } from '../contracts/peer-visitor.ts';
import { RunningCluster } from './running-cluster.ts';

test('rotation of the key, and what the old one is worth afterwards', async () => {
  const running = await RunningCluster.start();
  try {
    const before = await running.leader();
    const client = connect({ endpoints: running.endpoints, http: nodeHttpPort() });
    let isOver = false;
    let calls = 0;
    const failures: unknown[] = [];
    const work = async (lane: number) => {
      while (!isOver) {
        const outcome = await client.put(`k${lane}`, String(calls));
        calls += 1;
        if (outcome.outcome !== 'applied') failures.push(outcome);
      }
    };
    const load = Promise.all([1, 2, 3, 4].map(work));

    const file = join(running.directory, 'cluster.key');
    const [old] = readClusterKeys(file);
    for (const _ of ['added', 'preferred', 'dropped']) {
      rotateClusterKeyFile(file);
      const names = readClusterKeys(file).map(({ name }) => name);
      for (const id of running.ids) {
        await running.says(
          new RegExp(`server ${id}: The cluster key was reloaded: ${names.join(', ')}\\.`),
        );
      }
    }
    const [key] = readClusterKeys(file);
    for (const [id, peer] of [
      ['a', 'b'],
      ['a', 'c'],
      ['b', 'c'],
    ]) {
      await running.says(
        new RegExp(`server ${id}: The connection to ${peer} is now proved by key ${key?.name}`),
      );
    }
    isOver = true;
    await load;
    await client.close();

    const after = await running.leader();
    expect(failures).toEqual([]);
    expect(calls).toBeGreaterThan(100);
    expect({ id: after.id, term: after.term }).toEqual({ id: before.id, term: before.term });

    const stranger = visitor(`ws://127.0.0.1:${running.peerPort}`, {
      clusterId: clusterIdOf('statecraft', running.ids),
      keys: old === undefined ? [] : [old],
    });
    await stranger.closed;
    expect(stranger.refusal()).toMatch(/could not prove that it has this cluster's key/);
  } finally {
    await running.stop();
  }
});

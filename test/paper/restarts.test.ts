import { describe, expect, it } from 'vitest';
import { StorageError } from '../../src/host/errors.ts';
import {
  commit,
  converge,
  electLeader,
  electOther,
  keyValueCluster,
  others,
  put,
} from './scenario.ts';

const get = (key: string) => ({ type: 'get', key }) as const;

describe('crashes and restarts (§5.1, §5.5)', () => {
  it('whatever was acknowledged is there after everybody has crashed at one instant', async () => {
    for (let seed = 0; seed < 10; seed += 1) {
      const cluster = keyValueCluster({ seed });
      await electLeader(cluster);
      for (let key = 0; key < 5; key += 1) await commit(cluster, put(`k${key}`));
      for (const server of cluster.servers) server.crash();
      for (const server of cluster.servers) server.restart();
      const leader = await electLeader(cluster);
      for (let key = 0; key < 5; key += 1) {
        const answer = await cluster.settled(cluster.at(leader).query(get(`k${key}`)));
        expect(answer).toMatchObject({ outcome: 'applied', result: { type: 'found' } });
      }
    }
  });

  it('a crash after any event of a commit loses nothing that was acknowledged', async () => {
    for (let event = 0; event < 60; event += 1) {
      const cluster = keyValueCluster({ seed: 21 });
      const leader = await electLeader(cluster);
      const proposed = cluster.at(leader).propose(put('k'));
      let left = event;
      await cluster.run({ until: () => left-- <= 0, withinMs: 1_000 });
      const victim = cluster.ids[event % cluster.ids.length]!;
      cluster.at(victim).crash();
      const outcome = await cluster.settled(proposed);
      cluster.at(victim).restart();
      const next = await electLeader(cluster);
      await converge(cluster);
      const answer = await cluster.settled(cluster.at(next).query(get('k')));
      if (outcome.outcome === 'applied') {
        expect(answer).toMatchObject({ outcome: 'applied', result: { type: 'found' } });
      }
      expect(cluster.referee.violation).toBeNull();
    }
  });

  it('a server whose write fails stops at once, and the others go on', async () => {
    for (const leaving of ['lost', 'kept', 'torn'] as const) {
      const cluster = keyValueCluster({ seed: 22 });
      const leader = await electLeader(cluster);
      const follower = others(cluster, leader)[0]!;
      cluster.at(follower).failNextWrite(leaving);
      await commit(cluster, put('k'));
      await cluster.run({ until: () => cluster.at(follower).failure !== null, withinMs: 1_000 });
      expect(cluster.at(follower).failure).toBeInstanceOf(StorageError);
      await commit(cluster, put('l'));
      cluster.at(follower).restart();
      await converge(cluster);
    }
  });

  it('a leader whose write fails is replaced', async () => {
    const cluster = keyValueCluster({ seed: 23, servers: 5 });
    const leader = await electLeader(cluster);
    cluster.at(leader).failNextWrite();
    const proposed = cluster.at(leader).propose(put('k'));
    await electOther(cluster, leader);
    expect(await proposed).toMatchObject({ outcome: 'unknown', reason: 'stopped' });
    await commit(cluster, put('l'));
  });

  it('a server that shuts down hands its leadership over, so that nobody has to time out', async () => {
    const cluster = keyValueCluster({ seed: 24 });
    const leader = await electLeader(cluster);
    await cluster.run({ forMs: 200 });
    const began = cluster.clock.now();
    const gone = cluster.at(leader).shutDown();
    await electOther(cluster, leader);
    await cluster.settled(gone);
    expect(cluster.clock.now() - began).toBeLessThan(200);
  });
});

import { describe, expect, it } from 'vitest';
import {
  commit,
  converge,
  electLeader,
  electOther,
  keyValueCluster,
  others,
  put,
} from './scenario.ts';

describe('elections (§5.2)', () => {
  it.each([1, 2, 3, 5, 7])('a cluster of %i elects one leader', async (servers) => {
    const cluster = keyValueCluster({ seed: 11, servers });
    const leader = await electLeader(cluster);
    await cluster.run({ forMs: 1_000 });
    expect(cluster.leader()).toBe(leader);
    expect(new Set(cluster.servers.map((server) => server.status().term)).size).toBe(1);
  });

  it('split votes are resolved by randomised timeouts', async () => {
    for (let seed = 0; seed < 20; seed += 1) {
      const timing = { electionTimeoutMinMs: 150, electionTimeoutMaxMs: 151 };
      const tight = keyValueCluster({ seed, servers: 4, timing });
      await electLeader(tight, 60_000);
    }
  });

  it('a quiet cluster keeps its leader and its term', async () => {
    const cluster = keyValueCluster({ seed: 3, servers: 5 });
    const leader = await electLeader(cluster);
    const { term } = cluster.at(leader).status();
    await cluster.run({ forMs: 20_000 });
    expect([cluster.leader(), cluster.at(leader).status().term]).toEqual([leader, term]);
  });

  it('a crashed leader is replaced within tens of milliseconds, once its connection is lost', async () => {
    const cluster = keyValueCluster({ seed: 4, servers: 5 });
    const leader = await electLeader(cluster);
    const crashedAt = cluster.clock.now();
    cluster.at(leader).crash();
    await electOther(cluster, leader);
    expect(cluster.clock.now() - crashedAt).toBeLessThan(100);
  });

  it('a leader that is cut off steps down, and the others elect another (thesis §6.2)', async () => {
    const cluster = keyValueCluster({ seed: 5, servers: 5 });
    const leader = await electLeader(cluster);
    cluster.partition([leader], others(cluster, leader));
    await cluster.run({ until: () => cluster.at(leader).role() !== 'leader', withinMs: 1_000 });
    expect(await electOther(cluster, leader)).not.toBe(leader);
  });

  it('a returning server does not raise the term (thesis §9.6)', async () => {
    const cluster = keyValueCluster({ seed: 6 });
    const leader = await electLeader(cluster);
    const { term } = cluster.at(leader).status();
    const away = others(cluster, leader)[0]!;
    cluster.disconnect(away);
    await cluster.run({ forMs: 10_000 });
    cluster.heal();
    await cluster.run({ forMs: 2_000 });
    expect(cluster.leader()).toBe(leader);
    expect(cluster.servers.map((server) => server.status().term)).toEqual([term, term, term]);
  });

  it('without a majority nobody leads, and with one again somebody does', async () => {
    const cluster = keyValueCluster({ seed: 7 });
    const leader = await electLeader(cluster);
    await commit(cluster, put('k'));
    for (const id of others(cluster, leader)) cluster.at(id).crash();
    await cluster.run({ forMs: 5_000 });
    expect(cluster.leader()).toBeNull();
    cluster.at(others(cluster, leader)[0]!).restart();
    await electLeader(cluster);
    await converge(cluster);
  });

  it('a leader that is stopped and resumes hears that there is another', async () => {
    const cluster = keyValueCluster({ seed: 8 });
    const leader = await electLeader(cluster);
    cluster.at(leader).stop();
    const next = await electOther(cluster, leader);
    cluster.at(leader).resume();
    await cluster.run({ until: () => cluster.at(leader).role() === 'follower', withinMs: 1_000 });
    expect(cluster.leader()).toBe(next);
  });

  it('a candidate whose log lacks committed entries is not elected (§5.4.1)', async () => {
    const disks = {
      a: { term: 3, log: [1, 1, 3] },
      b: { term: 3, log: [1, 1, 3] },
      c: { term: 2, log: [1, 1, 2, 2, 2] },
    };
    for (let seed = 0; seed < 10; seed += 1) {
      expect(await electLeader(keyValueCluster({ seed, disks }))).not.toBe('c');
    }
  });
});

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

const committed = (cluster: ReturnType<typeof keyValueCluster>) =>
  Math.max(...cluster.servers.map((server) => server.status().commitIndex));

describe('majorities (§5.3, §5.5)', () => {
  it('two of three commit, one of three does not', async () => {
    const cluster = keyValueCluster({ seed: 51 });
    const leader = await electLeader(cluster);
    const [first, second] = others(cluster, leader) as [string, string];
    cluster.disconnect(first);
    await commit(cluster, put('with two'));
    cluster.disconnect(second);
    const before = committed(cluster);
    const proposed = cluster.at(leader).propose(put('alone'));
    await cluster.run({ forMs: 2_000 });
    expect(committed(cluster)).toBe(before);
    expect(await proposed).toMatchObject({ outcome: 'unknown', reason: 'leadership-lost' });
    cluster.heal();
    await electLeader(cluster);
    await converge(cluster);
  });

  it('a follower that was away agrees again, without its being noticed by clients', async () => {
    const cluster = keyValueCluster({ seed: 52 });
    const leader = await electLeader(cluster);
    const away = others(cluster, leader)[0]!;
    cluster.disconnect(away);
    for (const key of ['1', '2', '3', '4']) await commit(cluster, put(key));
    cluster.connect(away);
    await converge(cluster, 2_000);
    expect(cluster.leader()).toBe(leader);
  });

  it('a majority goes on while the rest is cut off, and the rest follows it when it is back', async () => {
    const cluster = keyValueCluster({ seed: 53, servers: 5 });
    const former = await electLeader(cluster);
    const [companion, ...majority] = others(cluster, former) as [string, ...string[]];
    cluster.partition([former, companion], majority);
    for (let lost = 0; lost < 50; lost += 1) {
      void cluster.at(former).propose(put('k', `lost ${lost}`));
    }
    await electOther(cluster, former);
    const leader = majority.find((id) => cluster.at(id).role() === 'leader')!;
    for (let kept = 0; kept < 50; kept += 1) {
      await cluster.settled(cluster.at(leader).propose(put('k', `kept ${kept}`)));
    }
    cluster.heal();
    await converge(cluster);
    for (const id of cluster.ids) {
      const answer = cluster.at(id).query({ type: 'get', key: 'k' }, { consistency: 'stale' });
      expect(await cluster.settled(answer)).toMatchObject({
        result: { value: new TextEncoder().encode('kept 49') },
      });
    }
  });

  it('a link that is heard in one direction only does not depose a leader for ever', async () => {
    const cluster = keyValueCluster({ seed: 54 });
    const leader = await electLeader(cluster);
    const deaf = others(cluster, leader)[0]!;
    cluster.block(leader, deaf);
    await cluster.run({ forMs: 10_000 });
    const { term } = cluster.at(cluster.leader() as string).status();
    await commit(cluster, put('k'));
    await cluster.run({ forMs: 10_000 });
    expect(cluster.at(cluster.leader() as string).status().term).toBe(term);
  });
});

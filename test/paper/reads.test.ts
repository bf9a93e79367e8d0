import { tap } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { commit, electLeader, electOther, keyValueCluster, others, put } from './scenario.ts';

const get = (key: string) => ({ type: 'get', key }) as const;

describe('linearizable reads (§8, thesis §6.4)', () => {
  it('a thousand concurrent reads cost at most five rounds and no entry', async () => {
    let heartbeats = 0;
    const cluster = keyValueCluster({
      seed: 41,
      link: () =>
        tap((message) => {
          if (message.type === 'AppendEntries') heartbeats += 1;
        }),
    });
    const leader = await electLeader(cluster);
    await commit(cluster, put('k'));
    await cluster.run({ forMs: 120 });
    const { lastLogIndex } = cluster.at(leader).status();
    heartbeats = 0;
    const reads = Array.from({ length: 1_000 }, () => cluster.at(leader).query(get('k')));
    const answers = await cluster.settled(Promise.all(reads));
    expect(answers.every(({ outcome }) => outcome === 'applied')).toBe(true);
    expect(heartbeats).toBeLessThanOrEqual(5 * others(cluster, leader).length);
    expect(cluster.at(leader).status().lastLogIndex).toBe(lastLogIndex);
  });

  it('a leader that was stopped until another one has written does not answer from the past', async () => {
    for (let seed = 0; seed < 10; seed += 1) {
      const cluster = keyValueCluster({ seed });
      const former = await electLeader(cluster);
      await commit(cluster, put('k', 'old'));
      cluster.at(former).stop();
      await electOther(cluster, former);
      const leader = others(cluster, former).find((id) => cluster.at(id).role() === 'leader')!;
      await cluster.settled(cluster.at(leader).propose(put('k', 'new')));
      const read = cluster.at(former).query(get('k'));
      cluster.at(former).resume();
      const answer = await cluster.settled(read);
      if (answer.outcome === 'applied') {
        expect(answer.result).toMatchObject({ value: new TextEncoder().encode('new') });
      } else expect(answer.outcome).toBe('refused');
    }
  });

  it('a leader that cannot reach a majority answers no read', async () => {
    const cluster = keyValueCluster({ seed: 43, servers: 5 });
    const leader = await electLeader(cluster);
    cluster.partition([leader, others(cluster, leader)[0]!]);
    const answer = await cluster.settled(cluster.at(leader).query(get('k')));
    expect(answer.outcome).not.toBe('applied');
  });
});

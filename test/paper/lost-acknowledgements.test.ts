/**
 * A disk that acknowledges what it has only in its cache loses it with its power. What its server had
 * acknowledged to the leader must not commit anything any more: it may be nowhere else.
 */
import { describe, expect, it } from 'vitest';
import {
  commit,
  converge,
  electLeader,
  electOther,
  type KeyValueCluster,
  keyValueCluster,
  others,
  put,
} from './scenario.ts';

const slow = { minMs: 150, maxMs: 150 };
const fast = { minMs: 0.1, maxMs: 0.5 };

const knownOf = (cluster: KeyValueCluster, leader: string, follower: string) =>
  cluster.at(leader).status().followers?.[follower];

/**
 * The leader's own disk is slow, and `away` is out of reach: only `forgetful` has acknowledged the
 * entry, and then loses it.
 */
async function untilLost(seed: number) {
  const cluster = keyValueCluster({ seed });
  const leader = await electLeader(cluster);
  await commit(cluster, put('before'));
  await converge(cluster);
  const [forgetful, away] = others(cluster, leader) as [string, string];
  cluster.partition([leader, forgetful]);
  cluster.at(leader).disk.setFaults({ writeMs: slow });
  const index = cluster.at(leader).log().lastIndex + 1;
  const outcome = cluster.at(leader).propose(put('k'));
  const isAcknowledged = () => knownOf(cluster, leader, forgetful)?.matchIndex === index;
  await cluster.run({ until: isAcknowledged, withinMs: 20 });
  cluster.at(forgetful).crash();
  cluster.at(forgetful).disk.loseEntriesFrom(index);
  cluster.at(forgetful).restart();
  const isNoticed = () => knownOf(cluster, leader, forgetful)?.mode === 'halted';
  await cluster.run({ until: isNoticed, withinMs: 100 });
  return { cluster, leader, forgetful, away, index, outcome };
}

describe('a follower whose disk has lost what it acknowledged (§5.1)', () => {
  it('commits nothing: an entry that nobody else holds would be lost with its leader', async () => {
    const { cluster, leader, forgetful, index, outcome } = await untilLost(31);
    expect(knownOf(cluster, leader, forgetful)).toMatchObject({
      mode: 'halted',
      hasLostEntries: true,
      matchIndex: index,
    });
    const { disk } = cluster.at(leader);
    const isOnDisk = () => disk.durable!.base.index + disk.durable!.entries.length >= index;
    await cluster.run({ until: isOnDisk, withinMs: 200 });
    await cluster.run({ forMs: 20 });
    expect(cluster.at(leader).status().commitIndex).toBe(index - 1);
    // The others go on without it, and its entry is replaced: nobody was told that it is committed.
    cluster.at(leader).crash();
    cluster.heal();
    await electOther(cluster, leader);
    await commit(cluster, put('after'));
    cluster.at(leader).restart();
    await converge(cluster);
    expect(await outcome).toMatchObject({ outcome: 'unknown' });
    expect(cluster.referee.violation).toBeNull();
  });

  it('keeps nobody in power and elects nobody, until a majority without it is back', async () => {
    const { cluster, leader, forgetful } = await untilLost(32);
    cluster.at(leader).disk.setFaults({ writeMs: fast });
    await cluster.run({ forMs: 5_000 });
    expect(cluster.ids.map((id) => cluster.at(id).role())).not.toContain('leader');
    cluster.heal();
    const next = await electLeader(cluster);
    await commit(cluster, put('after'));
    await converge(cluster);
    if (next === leader) expect(knownOf(cluster, leader, forgetful)?.hasLostEntries).toBe(false);
    expect(cluster.referee.violation).toBeNull();
  });
});

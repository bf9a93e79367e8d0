/** Some seconds of a cluster in which everything happens that can: to compare traces by. */
import { pipe } from 'rxjs';
import { drop, duplicate, reorder } from '../../src/simulation/index.ts';
import { keyValueCluster, put } from './scenario.ts';

export async function eventfulRun(seed: number): Promise<{ trace: string; hash: string }> {
  const cluster = keyValueCluster({
    seed,
    servers: 5,
    parameters: { snapshotAfterEntries: 20, trailingEntries: 5, chunkBytes: 512 },
    link: (_from, _to, world) =>
      pipe(drop(0.05, world), duplicate(0.05, world), reorder(0.05, world)),
  });
  const chance = cluster.random.fork('script');
  for (let step = 0; step < 120; step += 1) {
    const id = cluster.ids[chance.below(cluster.ids.length)]!;
    const server = cluster.at(id);
    const kind = chance.below(12);
    if (kind === 0) server.restart();
    if (kind === 1) server.stop();
    if (kind === 2) server.resume();
    if (kind === 3) cluster.partition([id, cluster.ids[chance.below(5)]!]);
    if (kind === 4 || kind === 5) cluster.heal();
    if (kind === 6) server.failNextWrite();
    if (kind === 7) server.setClockRate(chance.between(0.9, 1.1));
    for (const each of cluster.servers) void each.propose(put(`key ${step % 9}`, `value ${step}`));
    void server.query({ type: 'get', key: `key ${step % 9}` });
    await cluster.run({ forMs: chance.between(10, 150) });
    if (server.failure !== null) server.restart();
  }
  cluster.heal();
  for (const server of cluster.servers) server.resume();
  await cluster.run({ forMs: 3_000 });
  return { trace: cluster.trace(), hash: cluster.hash() };
}

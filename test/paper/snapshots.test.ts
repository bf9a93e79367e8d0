import { filter, tap } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { Message } from '../../machines/rules/messages.ts';
import { simulate } from '../../src/simulation/index.ts';
import { commit, converge, electLeader, keyValueCluster, others, put } from './scenario.ts';

const MEBIBYTE = 1024 * 1024;

/** One command sets the size of the state; the rest are there to fill the log. */
function blob() {
  let bytes = new Uint8Array(0);
  return {
    apply(size: number): number {
      if (size > 0) bytes = Uint8Array.from({ length: size }, (_, at) => (at * 31) & 0xff);
      return bytes.length;
    },
    query: () => bytes.length,
    snapshot: () => [bytes],
    async restore(chunks: AsyncIterable<Uint8Array>) {
      const parts: Uint8Array[] = [];
      for await (const chunk of chunks) parts.push(chunk);
      bytes = Uint8Array.from(parts.flatMap((part) => [...part]));
    },
    digest: () => `${bytes.length} ${bytes.at(-1) ?? ''}`,
  };
}

describe('snapshots (§7)', () => {
  it('a server that was away for too long gets a snapshot, and the rest of the log behind it', async () => {
    const cluster = keyValueCluster({
      seed: 31,
      parameters: { snapshotAfterEntries: 50, trailingEntries: 10, chunkBytes: 256 },
    });
    const leader = await electLeader(cluster);
    const away = others(cluster, leader)[0]!;
    cluster.at(away).crash();
    for (let key = 0; key < 120; key += 1) await commit(cluster, put(`k${key}`));
    expect(cluster.at(leader).status().snapshotIndex).toBeGreaterThan(50);
    cluster.at(away).restart();
    await converge(cluster);
    expect(cluster.at(away).status().snapshotIndex).toBeGreaterThan(50);
    const answer = cluster.at(away).query({ type: 'get', key: 'k0' }, { consistency: 'stale' });
    expect(await cluster.settled(answer)).toMatchObject({ result: { type: 'found' } });
  });

  it('one is taken on demand by any server, and cuts its log', async () => {
    const cluster = keyValueCluster({ seed: 34, parameters: { trailingEntries: 0 } });
    const leader = await electLeader(cluster);
    const [one, other] = others(cluster, leader) as [string, string];
    for (let key = 0; key < 5; key += 1) await commit(cluster, put(`k${key}`));
    await converge(cluster);
    for (const id of [leader, one]) cluster.at(id).takeSnapshot();
    await cluster.run({ forMs: 1_000 });
    for (const id of [leader, one]) {
      const { snapshotIndex, appliedIndex } = cluster.at(id).status();
      expect(snapshotIndex).toBe(appliedIndex);
      expect(cluster.at(id).log().firstIndex).toBe(snapshotIndex + 1);
    }
    expect(cluster.at(other).status().snapshotIndex).toBe(0);
    cluster.at(leader).restart();
    await electLeader(cluster);
    await commit(cluster, put('k5'));
    await converge(cluster);
  });

  it('3 MiB over a link that loses every third chunk arrive, for less than half as much again sent', async () => {
    let chunks = 0;
    let bytes = 0;
    const cluster = simulate({
      seed: 32,
      stateMachine: blob,
      parameters: { snapshotAfterEntries: 20, trailingEntries: 2, chunkBytes: 64 * 1024 },
      link: () =>
        filter((message) => {
          if (message.type !== 'InstallSnapshot') return true;
          chunks += 1;
          bytes += message.bytes.byteLength;
          return chunks % 3 !== 0;
        }),
    });
    const leader = await electLeader(cluster);
    const away = others(cluster, leader)[0]!;
    cluster.at(away).crash();
    for (let size = 0; size < 30; size += 1) {
      // The limit of a command is far below 3 MiB: the command only names the size.
      await cluster.settled(cluster.at(leader).propose(size === 0 ? 3 * MEBIBYTE : 0));
    }
    cluster.at(away).restart();
    await converge(cluster, 60_000);
    expect(cluster.at(away).status().snapshotIndex).toBeGreaterThan(0);
    expect(bytes).toBeGreaterThan(3 * MEBIBYTE);
    expect(bytes).toBeLessThan(1.5 * 3 * MEBIBYTE);
  });

  it('a late snapshot does not roll anybody back', async () => {
    const late: Message[] = [];
    const cluster = keyValueCluster({
      seed: 33,
      parameters: { snapshotAfterEntries: 20, trailingEntries: 5 },
      link: () =>
        tap((message) => {
          if (message.type === 'InstallSnapshot') late.push(message);
        }),
    });
    const leader = await electLeader(cluster);
    const away = others(cluster, leader)[0]!;
    cluster.at(away).crash();
    for (let key = 0; key < 60; key += 1) await commit(cluster, put(`k${key}`));
    cluster.at(away).restart();
    await converge(cluster);
    for (let key = 0; key < 60; key += 1) await commit(cluster, put(`l${key}`));
    const before = cluster.at(away).status().appliedIndex;
    expect(late.length).toBeGreaterThan(0);
    for (const message of late) cluster.inject(message);
    await cluster.run({ forMs: 1_000 });
    expect(cluster.at(away).status().appliedIndex).toBeGreaterThanOrEqual(before);
    await converge(cluster);
  });
});

/** Whole runs of a simulated cluster, told from the first step to the last. */
import { expect, test } from 'vitest';
import type { FeedFact, FeedFactOf, Kind } from '../../src/feed/feed-fact.ts';
import { sentenceOf } from '../../src/feed/sentences.ts';
import { electLeader, others } from '../paper/scenario.ts';
import { type Followed, follow } from './followed.ts';
import { kindsSeenOn } from './kinds.ts';

const put = (key: string) => ({ type: 'put', key, value: key }) as const;

function all<K extends Kind>(facts: readonly FeedFact[], kind: K): FeedFactOf<K>[] {
  return facts.filter((each): each is FeedFactOf<K> => each.kind === kind);
}

/** Its log is longer than a minority's, it crashes, comes back, and gets a snapshot. */
async function eventful(): Promise<Followed> {
  const followed = follow({ seed: 7, parameters: { trailingEntries: 0, chunkBytes: 64 } });
  const { cluster } = followed;
  const leader = await electLeader(cluster);
  const [away] = others(cluster, leader) as [string];
  cluster.at(away).crash();
  for (const key of ['k', 'l', 'm']) await cluster.settled(cluster.at(leader).propose(put(key)));
  cluster.at(leader).takeSnapshot();
  await cluster.run({ forMs: 200 });
  cluster.at(away).restart();
  await cluster.run({ forMs: 1_000 });
  return followed;
}

/** All have entries of term 2 that nobody has committed; whoever leads next leads term 3. */
async function oldEntries(): Promise<Followed> {
  const disk = { term: 2, log: [1, 2] };
  const followed = follow({ seed: 8, disks: { a: disk, b: disk, c: disk } });
  await electLeader(followed.cluster);
  return followed;
}

const runs = await Promise.all([eventful(), oldEntries()]);
const [first, second] = runs as [Followed, Followed];

test('what takes more than the paths of the chart have is told here', () => {
  const seen = new Set(runs.flatMap(({ facts }) => facts.map(({ kind }) => kind)));
  expect(kindsSeenOn('runs').filter((kind) => !seen.has(kind))).toEqual([]);
});

test('what is told agrees with what the cluster has done', () => {
  const { cluster, facts } = first;
  const leader = cluster.leader();
  const won = all(facts, 'wonElection').at(-1);
  expect(won).toMatchObject({ server: leader, term: cluster.at(leader ?? '').status().term });
  const committed = all(facts, 'committed').at(-1);
  expect(committed?.last.index).toBe(cluster.at(leader ?? '').status().commitIndex);
  const installed = all(facts, 'installedSnapshot');
  expect(installed.map(({ server, index }) => [server, index])).toEqual(
    others(cluster, leader ?? '')
      .filter((id) => cluster.at(id).status().snapshotIndex > 0)
      .map((id) => [id, cluster.at(id).status().snapshotIndex]),
  );
  expect(installed).toHaveLength(1);
  expect(all(facts, 'started')).toHaveLength(4);
});

test('every entry is told to be appended before it is told to be committed, by each server', () => {
  for (const { cluster, facts } of runs) {
    for (const id of cluster.ids) {
      let lastIndex = Math.max(0, ...all(facts, 'started').map((each) => each.lastLog.index));
      for (const each of facts.filter(({ server }) => server === id)) {
        if (each.kind === 'appendedEntries') lastIndex = each.runs.at(-1)?.through ?? lastIndex;
        if (each.kind === 'installedSnapshot') lastIndex = each.index;
        if (each.kind === 'committed') expect(each.last.index).toBeLessThanOrEqual(lastIndex);
        if (each.kind === 'learntCommitIndex') expect(each.through).toBeLessThanOrEqual(lastIndex);
      }
    }
  }
});

test('an entry of an older term waits for one of the leader’s own (§5.4.2)', () => {
  const told = second.facts.filter(({ kind }) => kind === 'withheldCommit' || kind === 'committed');
  expect(told.map(({ kind }) => kind)).toEqual(['withheldCommit', 'committed']);
  const [withheld, committed] = told.map(sentenceOf);
  const leader = second.cluster.leader();
  expect(withheld).toContain(`but the entry is of term 2, and ${leader} leads term 3`);
  expect(committed).toContain(`${leader} committed entries 1 to 3`);
});

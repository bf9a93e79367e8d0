/** A second leader of one term that somebody makes up (Figure 3, Election Safety; §5.2). */
import { describe, expect, it } from 'vitest';
import type { Effect } from '../../machines/rules/effects.ts';
import type { ServerId } from '../../machines/rules/entries.ts';
import type { AppendEntries, InstallSnapshot, TimeoutNow } from '../../machines/rules/messages.ts';
import { ServerFailed } from '../../src/simulation/index.ts';
import * as messages from '../rules/messages.ts';
import { commit, converge, electLeader, keyValueCluster, others, put } from './scenario.ts';

/** A follower of a settled cluster, its leader, and the server in whose name somebody else speaks. */
async function settled() {
  const effects: { readonly id: ServerId; readonly effect: Effect }[] = [];
  const observer = { onEffect: (id: ServerId, effect: Effect) => effects.push({ id, effect }) };
  const cluster = keyValueCluster({ seed: 41, observer });
  const leader = await electLeader(cluster);
  for (const key of ['x', 'y']) await commit(cluster, put(key));
  await converge(cluster);
  const [follower = '', other = ''] = others(cluster, leader);
  return { cluster, leader, follower, other, effects };
}

const log = { prevLogIndex: 3, prevLogTerm: 1, leaderCommit: 4 };
const forged: readonly [string, AppendEntries | InstallSnapshot | TimeoutNow][] = [
  ['an entry', messages.appendEntries({ ...log, terms: '1' })],
  ['a heartbeat', messages.appendEntries(log)],
  ['a chunk', messages.installSnapshot({ isLast: true })],
  ['TimeoutNow', messages.timeoutNow()],
];

describe('a follower that hears of a second leader of its term', () => {
  it.each(forged)(
    'by %s stops, its log, its disk and its answers as they were',
    async (_, message) => {
      const { cluster, leader, follower, other, effects } = await settled();
      const server = cluster.at(follower);
      const term = server.status().term;
      const before = { disk: server.disk.durable, state: server.state };
      expect(before.state).toMatchObject({ termLeader: leader, commitIndex: 3, currentTerm: term });
      effects.length = 0;

      cluster.inject({ ...message, from: other, to: follower, term });
      const run = cluster.run({ forMs: 1_000 });
      await expect(run).rejects.toThrow(ServerFailed);
      await expect(run).rejects.toThrow(
        `${follower} knows that ${leader} leads term ${term}, and ${other} says that it leads term ` +
          `${term} too (§5.2, Election Safety)`,
      );

      expect(server.isRunning).toBe(false);
      expect(effects.filter(({ id }) => id === follower)).toEqual([]);
      expect(server.disk.durable).toBe(before.disk);
      expect(server.log().lastIndex).toBe(before.state?.log.lastIndex);
    },
  );
});

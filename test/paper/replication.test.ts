import { filter, tap } from 'rxjs';
import { describe, expect, it } from 'vitest';
import {
  commit,
  converge,
  electLeader,
  electOther,
  keyValueCluster,
  others,
  put,
  termsOf,
} from './scenario.ts';

describe('log replication (§5.3)', () => {
  it('Figure 7: a new leader brings every kind of log to its own', async () => {
    const log = [1, 1, 1, 4, 4, 5, 5, 6, 6, 6];
    const disks = {
      leader: { term: 7, log },
      a: { term: 6, log: [1, 1, 1, 4, 4, 5, 5, 6, 6] },
      b: { term: 4, log: [1, 1, 1, 4] },
      c: { term: 6, log: [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6] },
      d: { term: 7, log: [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7] },
      e: { term: 4, log: [1, 1, 1, 4, 4, 4, 4] },
      f: { term: 3, log: [1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3] },
    };
    const servers = Object.keys(disks);
    const cluster = keyValueCluster({ seed: 7, servers, disks });
    // In the figure c and d cannot be reached while the leader is elected; their logs are newer.
    cluster.disconnect('c');
    cluster.disconnect('d');
    await electLeader(cluster, 30_000);
    cluster.heal();
    await converge(cluster, 30_000);
    const logs = new Set(servers.map((id) => termsOf(cluster, id)));
    expect(logs.size).toBe(1);
    expect([...logs][0]).toMatch(/^1 1 1 4 4 5 5 6 6/);
  });

  it('Figure 8: an entry of an older term is committed only along with one of the leader’s own (§5.4.2)', async () => {
    // As in (c): a leads again and its entry of term 2 is on a majority; e has one of term 3.
    const disks = {
      a: { term: 3, log: [1, 2] },
      b: { term: 3, log: [1, 2] },
      c: { term: 3, log: [1, 2] },
      d: { term: 3, log: [1] },
      e: { term: 3, log: [1, 3] },
    };
    for (let seed = 0; seed < 12; seed += 1) {
      const cluster = keyValueCluster({ seed, servers: 5, disks });
      for (let crash = 0; crash < 4; crash += 1) {
        await cluster.run({ until: () => cluster.leader() !== null, withinMs: 10_000 });
        const leader = cluster.leader() as string;
        cluster.at(leader).crash();
        cluster.at(leader).restart();
        await cluster.run({ forMs: 200 });
      }
      await electLeader(cluster, 10_000);
      await converge(cluster);
      // The referee has compared every commit with every later leader.
      expect(cluster.referee.violation).toBeNull();
    }
  });

  it('a deposed leader’s uncommitted entries are replaced, and its clients are told', async () => {
    const cluster = keyValueCluster({ seed: 9, servers: 5 });
    const former = await electLeader(cluster);
    cluster.partition([former], others(cluster, former));
    const lost = cluster.at(former).propose(put('lost'));
    await electOther(cluster, former);
    await commit(cluster, put('kept'));
    cluster.heal();
    await converge(cluster);
    const outcome = await cluster.settled(lost);
    expect(['refused', 'unknown']).toContain(outcome.outcome);
    const leader = cluster.leader() as string;
    const answer = await cluster.settled(cluster.at(leader).query({ type: 'get', key: 'lost' }));
    expect(answer).toMatchObject({ outcome: 'applied', result: { type: 'not-found' } });
  });

  it('a link of one’s own: without AppendEntriesResponse nothing is committed', async () => {
    let isSwallowing = false;
    const cluster = keyValueCluster({
      seed: 10,
      link: () => filter(({ type }) => !(isSwallowing && type === 'AppendEntriesResponse')),
    });
    const leader = await electLeader(cluster);
    const before = cluster.at(leader).status().commitIndex;
    isSwallowing = true;
    const proposed = cluster.at(leader).propose(put('k'));
    await cluster.run({ forMs: 5_000 });
    expect(Math.max(...cluster.servers.map((server) => server.status().commitIndex))).toBe(before);
    expect(await proposed).toMatchObject({ outcome: 'unknown' });
    isSwallowing = false;
    await electLeader(cluster);
    await commit(cluster, put('k'));
  });

  it('entries are sent ahead of the answers, within the bound (thesis §10.2.2)', async () => {
    const messagesInFlightMax = 8;
    const unanswered = new Map<string, Set<number>>();
    let most = 0;
    const cluster = keyValueCluster({
      seed: 12,
      latency: { minMs: 10, maxMs: 10 },
      parameters: { messagesInFlightMax, entriesPerAppendMax: 4 },
      link: (from, to) => {
        const sent = new Set<number>();
        unanswered.set(`${from}>${to}`, sent);
        return tap((message) => {
          if (message.type === 'AppendEntries' && message.entries.length > 0) {
            sent.add(message.requestId);
            most = Math.max(most, sent.size);
          }
          if (message.type === 'AppendEntriesResponse') {
            for (const number of unanswered.get(`${to}>${from}`) ?? []) {
              if (number <= message.requestId) unanswered.get(`${to}>${from}`)?.delete(number);
            }
          }
        });
      },
    });
    const leader = await electLeader(cluster);
    const value = 'x'.repeat(1024);
    const proposals = Array.from({ length: 100 }, (_, at) =>
      cluster.at(leader).propose(put(`k${at}`, value)),
    );
    const outcomes = await cluster.settled(Promise.all(proposals));
    expect(outcomes.every(({ outcome }) => outcome === 'applied')).toBe(true);
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(messagesInFlightMax);
  });
});

import { describe, expect, it } from 'vitest';
import { keyValue } from '../../src/kv/key-value.ts';
import { simulate } from '../../src/simulation/index.ts';

function clusterOf(servers = 3) {
  return simulate({
    seed: 5,
    servers,
    stateMachine: keyValue,
    latency: { minMs: 20, maxMs: 40 },
    timing: { heartbeatIntervalMs: 100 },
    followsTimers: true,
  });
}

type Cluster = ReturnType<typeof clusterOf>;

/** Started: they wait for word of any leader. */
async function waiting(servers = 3): Promise<Cluster> {
  const cluster = clusterOf(servers);
  await cluster.run({ forMs: 5 });
  return cluster;
}

/** A follower hears from its leader. */
async function hearing(): Promise<{ cluster: Cluster; leader: string; follower: string }> {
  const cluster = clusterOf();
  await cluster.run({
    until: () => cluster.servers.every(({ state }) => state?.commitIndex === 1),
    withinMs: 5_000,
  });
  const leader = cluster.leader()!;
  return { cluster, leader, follower: cluster.ids.find((id) => id !== leader)! };
}

const delaysOf = (cluster: Cluster, id: string) =>
  cluster
    .at(id)
    .timers()
    .map(({ actor, delay }) => `${actor} ${delay}`);

describe('timers', () => {
  it('are the statechart’s delays, with the virtual time at which each runs out', async () => {
    const cluster = await waiting();
    const timers = cluster.servers.map((server) => ({ id: server.id, timers: server.timers() }));
    for (const { timers: own } of timers) {
      expect(own).toEqual([
        {
          actor: 'server',
          delay: 'electionTimeout',
          state: 'server.follower.waiting',
          startedAtMs: expect.closeTo(0, 0),
          dueAtMs: expect.any(Number),
        },
      ]);
      expect(own[0]!.dueAtMs - own[0]!.startedAtMs).toBeGreaterThanOrEqual(300);
    }
    const [first] = timers.sort((a, b) => a.timers[0]!.dueAtMs - b.timers[0]!.dueAtMs);
    const isCandidate = () => cluster.at(first!.id).role() === 'candidate';
    await cluster.run({ until: isCandidate, withinMs: 700 });
    expect(cluster.clock.now()).toBe(first!.timers[0]!.dueAtMs);
  });

  it('of a leader are its own and its replication actors’', async () => {
    const { cluster, leader } = await hearing();
    const followers = cluster.ids.filter((id) => id !== leader);
    expect(delaysOf(cluster, leader)).toEqual([
      'server quorumCheckInterval',
      ...followers.map((id) => `${id} heartbeatInterval`),
    ]);
  });

  it('begin anew when their arrow restarts them, and are the same objects until then', async () => {
    const { cluster, follower } = await hearing();
    const before = cluster.at(follower).timers();
    const { requestId } = cluster.at(follower).state!;
    while (cluster.at(follower).timers() === before) await cluster.step();
    expect(cluster.at(follower).state!.requestId).toBe(requestId);
    const [timer] = cluster.at(follower).timers();
    expect(timer).toMatchObject({ delay: 'electionTimeoutMin', startedAtMs: cluster.clock.now() });
    expect(timer!.dueAtMs).toBeCloseTo(cluster.clock.now() + 300, 3);
  });

  it('run with the server’s own clock, fall due behind its back, and are gone with it', async () => {
    const cluster = await waiting();
    cluster.at('a').setClockRate(2);
    cluster.at('a').timeOut();
    await cluster.settle();
    const [timer] = cluster.at('a').timers();
    expect(timer).toMatchObject({ state: 'server.candidate.preVote' });
    expect(timer!.dueAtMs - timer!.startedAtMs).toBeLessThanOrEqual(300);
    cluster.at('a').stop();
    await cluster.run({ forMs: 1_000 });
    expect(cluster.at('a').timers()[0]).toBe(timer);
    cluster.at('a').crash();
    expect(cluster.at('a').timers()).toEqual([]);
  });

  it('are not looked up unless that was asked for', () => {
    const cluster = simulate({ seed: 5, stateMachine: keyValue });
    expect(() => cluster.at('a').timers()).toThrow('make the cluster with followsTimers: true');
  });
});

describe('timing a server out', () => {
  it('makes a follower that waits a candidate, at once', async () => {
    const cluster = await waiting();
    const now = cluster.clock.now();
    cluster.at('b').timeOut();
    await cluster.settle();
    expect(cluster.at('b').role()).toBe('candidate');
    expect(cluster.clock.now()).toBe(now);
    expect(delaysOf(cluster, 'b')).toEqual(['server electionTimeout', 'server retryInterval']);
  });

  it('makes a follower that hears from its leader forget it, and campaign', async () => {
    const { cluster, leader, follower } = await hearing();
    expect(delaysOf(cluster, follower)).toEqual(['server electionTimeoutMin']);
    cluster.at(follower).timeOut();
    await cluster.settle();
    expect(cluster.at(follower).role()).toBe('candidate');
    expect(cluster.at(follower).state?.heardLeader).toBeNull();
    expect(cluster.leader()).toBe(leader);
  });

  it('makes a follower without its leader’s connection campaign before its short wait is over', async () => {
    const { cluster, leader, follower } = await hearing();
    cluster.at(leader).crash();
    const isOrphaned = () => delaysOf(cluster, follower).includes('server lostLeaderWait');
    await cluster.run({ until: isOrphaned, withinMs: 100 });
    cluster.at(follower).timeOut();
    await cluster.settle();
    expect(cluster.at(follower).role()).toBe('candidate');
  });

  it('makes a candidate ask again, with a new number', async () => {
    const cluster = await waiting(5);
    cluster.at('b').timeOut();
    await cluster.settle();
    const first = cluster.at('b').state!.campaign!;
    cluster.at('b').timeOut();
    await cluster.settle();
    expect(cluster.at('b').state!.campaign!.requestId).toBeGreaterThan(first.requestId);
  });

  it('does nothing to a leader, nor to who is down, and waits for who is stopped', async () => {
    const { cluster, leader, follower } = await hearing();
    const { state } = cluster.at(leader);
    cluster.at(leader).timeOut();
    await cluster.settle();
    expect(cluster.at(leader).state).toBe(state);
    expect(cluster.at(leader).role()).toBe('leader');

    cluster.at(follower).stop();
    cluster.at(follower).timeOut();
    await cluster.settle();
    expect(cluster.at(follower).role()).toBe('follower');
    cluster.at(follower).resume();
    await cluster.run({ forMs: 0 });
    expect(cluster.at(follower).role()).toBe('candidate');

    cluster.at(follower).crash();
    cluster.at(follower).timeOut();
    await cluster.settle();
    expect(cluster.at(follower).isRunning).toBe(false);
  });
});

/** The course's door (MIT 6.824, lab 2): its verbs do what the handout says. */
import { describe, expect, it } from 'vitest';
import { Persister } from '../../src/lab/index.ts';
import { DoorCluster } from './door-cluster.ts';

const commandsOf = (cluster: DoorCluster, server: number) =>
  cluster.servers[server]?.applied.map((message) =>
    'commandValid' in message ? message.command : `snapshot ${message.snapshotIndex}`,
  );

async function elected(servers: number, seed: number) {
  const cluster = new DoorCluster(servers, seed);
  await cluster.run(3_000);
  const leader = cluster.leader();
  if (leader === undefined) throw new Error(`nobody leads after 3 s, seed ${seed}`);
  return { cluster, leader, place: cluster.servers.indexOf(leader) };
}

describe('the door of the course', () => {
  it('elects one leader, and nothing is committed before Start (2A, 2B)', async () => {
    const { cluster } = await elected(3, 1);
    const states = cluster.servers.map((server) => server.raft.getState());
    expect(states.filter((state) => state.isLeader)).toHaveLength(1);
    expect(new Set(states.map((state) => state.term)).size).toBe(1);
    expect(cluster.servers.every((server) => server.applied.length === 0)).toBe(true);
  });

  it('gives the first command index 1, and applies each on every server, in order (2B)', async () => {
    const { cluster, leader } = await elected(3, 2);
    const { term } = leader.raft.getState();
    expect(leader.raft.start('x')).toEqual({ index: 1, term, isLeader: true });
    expect(leader.raft.start('y')).toEqual({ index: 2, term, isLeader: true });
    await cluster.run(500);
    for (const server of [0, 1, 2]) expect(commandsOf(cluster, server)).toEqual(['x', 'y']);
  });

  it('refuses Start on a follower at once (2B)', async () => {
    const { cluster, place } = await elected(3, 3);
    const follower = cluster.servers[(place + 1) % 3];
    expect(follower?.raft.start('x').isLeader).toBe(false);
  });

  it('does not commit without a majority, and does once it is back (2B)', async () => {
    const { cluster, leader, place } = await elected(3, 4);
    const others = [(place + 1) % 3, (place + 2) % 3];
    for (const other of others) cluster.connect(other, false);
    leader.raft.start('alone');
    await cluster.run(2_000);
    expect(commandsOf(cluster, place)).toEqual([]);
    for (const other of others) cluster.connect(other, true);
    await cluster.run(3_000);
    const next = cluster.leader();
    next?.raft.start('together');
    await cluster.run(1_000);
    expect(commandsOf(cluster, place)?.at(-1)).toBe('together');
  });

  it('finds everything again after all servers crashed and restarted (2C)', async () => {
    const { cluster, leader } = await elected(3, 5);
    for (const command of ['x', 'y', 'z']) leader.raft.start(command);
    await cluster.run(500);
    for (const server of cluster.servers) server.raft.kill();
    for (const me of [0, 1, 2]) cluster.start(me);
    await cluster.run(3_000);
    cluster.leader()?.raft.start('again');
    await cluster.run(500);
    for (const server of [0, 1, 2]) {
      expect(commandsOf(cluster, server)).toEqual(['x', 'y', 'z', 'again']);
    }
  });

  it('drops the log behind a snapshot, and sends the snapshot to who was away (2D)', async () => {
    const { cluster, leader, place } = await elected(3, 6);
    const away = (place + 1) % 3;
    cluster.connect(away, false);
    for (let i = 1; i <= 40; i += 1) leader.raft.start(`command ${i}`);
    await cluster.run(1_000);
    const before = leader.persister.raftStateSize();
    leader.raft.snapshot(35, new TextEncoder().encode('state at 35'));
    await cluster.run(100);
    expect(leader.persister.raftStateSize()).toBeLessThan(before / 3);
    expect(leader.persister.snapshotSize()).toBe('state at 35'.length);
    cluster.connect(away, true);
    await cluster.run(2_000);
    expect(commandsOf(cluster, away)?.[0]).toBe('snapshot 35');
    expect(commandsOf(cluster, away)?.slice(1)).toEqual(
      [36, 37, 38, 39, 40].map((i) => `command ${i}`),
    );
  });

  it('keeps a snapshot over a restart, and over the next save (2D, TestSnapshotInit)', async () => {
    const { cluster, leader, place } = await elected(3, 7);
    for (let i = 1; i <= 11; i += 1) leader.raft.start(`command ${i}`);
    await cluster.run(500);
    leader.raft.snapshot(9, new TextEncoder().encode('nine'));
    for (const round of [1, 2]) {
      for (const server of cluster.servers) server.raft.kill();
      for (const me of [0, 1, 2]) cluster.start(me);
      await cluster.run(3_000);
      cluster.leader()?.raft.start(`round ${round}`);
      await cluster.run(500);
    }
    expect(commandsOf(cluster, place)).toEqual([
      'snapshot 9',
      'command 10',
      'command 11',
      'round 1',
      'round 2',
    ]);
  });

  it('a copied persister does not see what is saved afterwards', () => {
    const persister = new Persister();
    persister.save(new Uint8Array([1]), null);
    const copy = persister.copy();
    persister.save(new Uint8Array([2, 3]), new Uint8Array([4]));
    expect([...copy.readRaftState()]).toEqual([1]);
    expect(copy.readSnapshot()).toBeNull();
    expect([persister.raftStateSize(), persister.snapshotSize()]).toEqual([2, 1]);
  });
});

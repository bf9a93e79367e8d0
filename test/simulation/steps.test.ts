import { describe, expect, it } from 'vitest';
import type { Message } from '../../machines/rules/messages.ts';
import { keyValue } from '../../src/kv/key-value.ts';
import {
  type DeliveryOutcome,
  duplicate,
  type Flight,
  type SimulationOptions,
  simulate,
} from '../../src/simulation/index.ts';

type Made = Partial<SimulationOptions<ReturnType<typeof keyValue>>>;

function clusterOf(options: Made = {}) {
  return simulate({
    seed: 3,
    servers: 3,
    stateMachine: keyValue,
    latency: { minMs: 20, maxMs: 40 },
    timing: { heartbeatIntervalMs: 100 },
    followsTimers: true,
    ...options,
  });
}

async function led(options: Made = {}) {
  const cluster = clusterOf(options);
  const isLed = () =>
    cluster.leader() !== null && cluster.servers.every(({ state }) => state?.commitIndex === 1);
  await cluster.run({ until: isLed, withinMs: 5_000 });
  const leader = cluster.leader()!;
  const [follower, other] = cluster.ids.filter((id) => id !== leader) as [string, string];
  return { cluster, leader, follower, other };
}

describe('step', () => {
  it('by step is the same run, whoever watches', async () => {
    const run = clusterOf({ followsTimers: false });
    await run.run({ forMs: 3_000 });
    const stepped = clusterOf({ observer: { onDeliveryEnd: () => {}, onStateMachine: () => {} } });
    while (stepped.clock.nextDeadline <= 3_000) await stepped.step();
    expect(stepped.hash()).toBe(run.hash());
    expect(stepped.traceLength).toBe(run.traceLength);
  });

  it('never passes a deadline, and ends when nothing is left to happen', async () => {
    const cluster = clusterOf();
    for (let steps = 0; steps < 200; steps += 1) {
      const due = cluster.clock.nextDeadline;
      expect(await cluster.step()).toBe(true);
      expect(cluster.clock.now()).toBe(steps === 0 ? cluster.clock.now() : due);
    }
    for (const server of cluster.servers) server.crash();
    let steps = 0;
    while (await cluster.step()) steps += 1;
    expect(steps).toBeLessThan(100);
    expect(cluster.inFlight()).toEqual([]);
  });
});

describe('messages on their way', () => {
  function watched() {
    const landed: { flight: Flight; outcome: DeliveryOutcome; atMs: number }[] = [];
    const arrived: Message[] = [];
    const now = { ms: () => 0 };
    const observer = {
      onDeliveryEnd: (flight: Flight, outcome: DeliveryOutcome) =>
        landed.push({ flight, outcome, atMs: now.ms() }),
      onArrival: (message: Message) => arrived.push(message),
    };
    const timed = async (options: Made = {}) => {
      const made = await led({ ...options, observer });
      now.ms = () => made.cluster.clock.now();
      landed.length = 0;
      arrived.length = 0;
      return made;
    };
    return { landed, arrived, timed };
  }

  it('are numbered as they are sent, and arrive when they are due', async () => {
    const { landed, arrived, timed } = watched();
    const { cluster } = await timed();
    await cluster.run({ until: () => cluster.inFlight().length >= 2, withinMs: 500 });
    const flights = cluster.inFlight();
    const numbers = flights.map(({ number }) => number);
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    expect(cluster.inFlight()).toBe(flights);
    await cluster.run({ forMs: 50 });
    for (const flight of flights) {
      const way = flight.dueAtMs - flight.sentAtMs;
      expect(way).toBeGreaterThanOrEqual(20);
      expect(way).toBeLessThanOrEqual(40);
      expect(landed).toContainEqual({ flight, outcome: 'arrived', atMs: flight.dueAtMs });
      expect(arrived).toContain(flight.message);
    }
  });

  it('are lost one by one by who drops them', async () => {
    const { landed, arrived, timed } = watched();
    const { cluster } = await timed();
    await cluster.run({ until: () => cluster.inFlight().length >= 2, withinMs: 500 });
    const [first, second] = cluster.inFlight() as [Flight, Flight];
    expect(cluster.drop(first.number)).toBe(true);
    expect(cluster.drop(first.number)).toBe(false);
    expect(landed.at(-1)).toMatchObject({ flight: first, outcome: 'dropped' });
    expect(cluster.inFlight()).not.toContain(first);
    expect(cluster.trace()).toContain(`· loses ${first.message.type}`);
    await cluster.run({ forMs: 50 });
    expect(arrived).not.toContain(first.message);
    expect(arrived).toContain(second.message);
    expect(landed.filter(({ flight }) => flight === first)).toHaveLength(1);
  });

  it('end at a cut, at either end of it, and where nobody is', async () => {
    const { landed, timed } = watched();
    const { cluster, leader, follower, other } = await timed();
    const toFollower = () => cluster.inFlight().find(({ message }) => message.to === follower);
    await cluster.run({ until: () => toFollower() !== undefined, withinMs: 500 });
    const underWay = toFollower()!;
    cluster.block(leader, follower);
    cluster.at(other).crash();
    await cluster.run({ forMs: 200 });
    expect(landed).toContainEqual({ flight: underWay, outcome: 'cut', atMs: underWay.dueAtMs });
    const atOnce = landed.filter(({ flight }) => flight.sentAtMs === flight.dueAtMs);
    expect(atOnce.length).toBeGreaterThan(0);
    expect(new Set(atOnce.map(({ outcome }) => outcome))).toEqual(new Set(['cut']));
    const lost = landed.filter(({ outcome }) => outcome === 'nobody');
    expect(lost.length).toBeGreaterThan(0);
    expect(new Set(lost.map(({ flight }) => flight.message.to))).toEqual(new Set([other]));
  });

  it('are counted behind the faults of a user’s own: a copy is a message too', async () => {
    const { landed, timed } = watched();
    const { cluster } = await timed({
      link: (_from, _to, world) => duplicate(1, world, { minMs: 1, maxMs: 2 }),
    });
    await cluster.run({ forMs: 300 });
    const one = landed.find(({ flight }) => flight.sentAtMs > cluster.clock.now() - 250);
    const copies = landed.filter(({ flight }) => flight.message === one!.flight.message);
    expect(copies.map(({ outcome }) => outcome)).toEqual(['arrived', 'arrived']);
    expect(new Set(copies.map(({ flight }) => flight.number)).size).toBe(2);
  });
});

describe('links', () => {
  it('are cut and restored one direction at a time', async () => {
    const { cluster, leader, follower } = await led();
    const [from, to] = [leader, follower];
    cluster.block(from, to);
    cluster.block(to, from);
    cluster.partition(
      [leader],
      cluster.ids.filter((id) => id !== leader),
    );
    expect(cluster.cuts()).toMatchObject({
      blocked: [
        [from, to],
        [to, from],
      ],
      disconnected: [],
    });
    expect(cluster.cuts().groups?.[0]).toEqual([leader]);
    cluster.unblock(from, to);
    expect(cluster.cuts().blocked).toEqual([[to, from]]);
    expect(cluster.trace()).toContain(`${from}→${to} is restored`);
    cluster.heal();
    expect(cluster.cuts()).toEqual({ groups: null, blocked: [], disconnected: [] });
  });

  it('that are restored carry messages again', async () => {
    const { cluster, leader, follower } = await led();
    cluster.block(leader, follower);
    await cluster.run({ forMs: 200 });
    const isSent = () =>
      cluster.inFlight().some(({ message }) => message.to === follower && message.from === leader);
    expect(isSent()).toBe(false);
    cluster.unblock(leader, follower);
    await cluster.run({ until: isSent, withinMs: 150 });
  });
});

describe('the state machine of a server', () => {
  it('is shown to the observer, one for each life', async () => {
    const shown: [string, unknown][] = [];
    const { cluster, leader, follower } = await led({
      observer: { onStateMachine: (id, machine) => shown.push([id, machine]) },
    });
    expect(shown.map(([id]) => id).sort()).toEqual(['a', 'b', 'c']);
    const written = await cluster.settled(
      cluster.at(leader).propose({ type: 'put', key: 'x', value: '1' }),
    );
    expect(written.outcome).toBe('applied');
    const [, machine] = shown.find(([id]) => id === leader)! as [
      string,
      ReturnType<typeof keyValue>,
    ];
    expect(machine.query({ type: 'get', key: 'x' })).toMatchObject({ type: 'found' });
    cluster.at(follower).restart();
    await cluster.run({ forMs: 10 });
    expect(shown.map(([id]) => id)).toHaveLength(4);
    expect(shown.at(-1)?.[0]).toBe(follower);
  });
});

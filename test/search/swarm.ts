/**
 * One seeded history under random faults: loss, repetition, delay, partitions, crashes that lose or
 * tear writes, pauses, drifting clocks, snapshots small enough to be constant, clients with sessions.
 * The referee looks after every event; then all faults stop, and the cluster must converge.
 */

import { filter, merge } from 'rxjs';
import type { KeyValueResult } from '#kv/index';
import { keyValue } from '#kv/index';
import type { Outcome } from '#ports/outcome';
import {
  delay,
  drop,
  duplicate,
  reorder,
  SeededRandom,
  type SimulatedCluster,
  type SimulationOptions,
  simulate,
} from '#simulation/index';

const FAULTY_MS = 8_000;
const HEALING_MS = 30_000;

export interface SwarmReport {
  readonly servers: number;
  readonly terms: number;
  readonly acknowledged: number;
  readonly unknown: number;
  readonly crashes: number;
  readonly snapshots: number;
  readonly contradictions: readonly string[];
}

// biome-ignore lint/suspicious/noExplicitAny: the four types of the key/value state machine.
type Cluster = SimulatedCluster<any, any, any, any>;

interface Append {
  readonly key: string;
  readonly token: string;
  readonly outcomes: Outcome<KeyValueResult>[];
}

/** Every run draws its own world: what is rare in one is common in another. */
function drawn(
  random: SeededRandom,
  isFaulty: () => boolean,
): Partial<SimulationOptions> & { servers: number } {
  const loss = random.chance(0.3) ? 0 : random.between(0, 0.3);
  const repeats = random.chance(0.5) ? 0 : random.between(0, 0.5);
  const latency = { minMs: 0.1, maxMs: random.chance(0.5) ? 2 : random.between(2, 60) };
  const isReordering = random.chance(0.5);
  return {
    servers: 1 + Math.floor(random.between(0, 5)),
    latency,
    link: (_from, _to, world) => (source) => {
      const lossy = source.pipe(filter(isFaulty), drop(loss, world), duplicate(repeats, world));
      const late = isReordering
        ? lossy.pipe(reorder(0.4, world, { minMs: 1, maxMs: 120 }))
        : lossy.pipe(delay({ minMs: 0, maxMs: 5 }, world));
      return merge(late, source.pipe(filter(() => !isFaulty())));
    },
    parameters: {
      snapshotAfterEntries: 5 + Math.floor(random.between(0, 60)),
      trailingEntries: Math.floor(random.between(0, 10)),
      chunkBytes: 64 + Math.floor(random.between(0, 2_000)),
      messagesInFlightMax: 1 + Math.floor(random.between(0, 8)),
    },
    areCrashesNoticed: random.chance(0.5),
  };
}

export async function swarm(
  seed: number,
  machine?: SimulationOptions['machine'],
): Promise<SwarmReport> {
  const random = new SeededRandom(`swarm ${seed}`);
  let isFaulty = true;
  const options = {
    ...drawn(random, () => isFaulty),
    seed,
    stateMachine: keyValue,
    traceLinesMax: 2_000,
  };
  const cluster: Cluster = simulate(machine === undefined ? options : { ...options, machine });
  const counts = { crashes: 0 };
  const appends: Append[] = [];
  const clock = cluster.clock;

  const trouble = () => {
    if (!isFaulty) return;
    disturb(cluster, random, counts);
    clock.setTimeout(trouble, random.between(10, 600));
  };
  const client = (place: number) => {
    const retry = new SeededRandom(`client ${seed} ${place}`);
    void appendAgainAndAgain(cluster, retry, `list ${place}`, appends, () => isFaulty);
  };
  clock.setTimeout(trouble, 500);
  for (const place of [0, 1, 2]) client(place);
  await cluster.run({ forMs: FAULTY_MS });
  isFaulty = false;
  heal(cluster);
  await cluster.run({ until: isSettled(cluster), withinMs: HEALING_MS });
  return report(cluster, appends, counts.crashes);
}

function disturb(cluster: Cluster, random: SeededRandom, counts: { crashes: number }): void {
  const id = cluster.ids[Math.floor(random.between(0, cluster.ids.length))] as string;
  const server = cluster.at(id);
  const kind = random.between(0, 8);
  if (!server.isRunning) server.restart();
  else if (kind < 2) {
    counts.crashes += 1;
    server.crash();
  } else if (kind < 3)
    cluster.partition(
      [id],
      cluster.ids.filter((other) => other !== id),
    );
  else if (kind < 4) {
    const half = cluster.ids.filter(() => random.chance(0.5));
    cluster.partition(
      half,
      cluster.ids.filter((other) => !half.includes(other)),
    );
  } else if (kind < 5) {
    const other = cluster.ids[Math.floor(random.between(0, cluster.ids.length))] as string;
    if (other !== id) cluster.block(id, other);
  } else if (kind < 6) {
    server.stop();
    cluster.clock.setTimeout(() => server.resume(), random.between(1, 1_500));
  } else if (kind < 6.5) server.setClockRate(random.between(0.8, 1.25));
  else cluster.heal();
}

function heal(cluster: Cluster): void {
  cluster.heal();
  for (const server of cluster.servers) {
    server.resume();
    server.setClockRate(1);
    if (!server.isRunning) server.restart();
  }
}

/** A client of the simplest kind: opens a session, appends token after token, repeats in doubt. */
async function appendAgainAndAgain(
  cluster: Cluster,
  random: SeededRandom,
  key: string,
  appends: Append[],
  isGoingOn: () => boolean,
): Promise<void> {
  const pause = (ms: number) => new Promise<void>((done) => cluster.clock.setTimeout(done, ms));
  const anyServer = () =>
    cluster.at(cluster.ids[Math.floor(random.between(0, cluster.ids.length))] as string);
  let session: number | null = null;
  for (let n = 1; isGoingOn(); ) {
    await pause(random.between(1, 60));
    if (session === null) {
      const opened: Outcome<{ session: number }> = await anyServer().openSession({
        timeoutMs: 1_000,
      });
      if (opened.outcome === 'applied') session = opened.result.session;
      continue;
    }
    const token = `${key}/${n}`;
    const append = appends.find((each) => each.token === token) ?? { key, token, outcomes: [] };
    if (append.outcomes.length === 0) appends.push(append);
    const command = { type: 'append', key, value: `${token};` } as const;
    const outcome = await anyServer().propose(command, {
      session: { session, sequence: n },
      timeoutMs: random.between(50, 1_000),
    });
    append.outcomes.push(outcome);
    if (outcome.outcome === 'applied') n += 1;
  }
}

/** Somebody leads, everybody has applied the whole of its log, and the logs are the same length. */
function isSettled(cluster: Cluster): () => boolean {
  return () => {
    const leader = cluster.leader();
    if (leader === null || !cluster.at(leader).status().isReady) return false;
    const { lastLogIndex } = cluster.at(leader).status();
    return cluster.servers.every((server) => server.status().appliedIndex === lastLogIndex);
  };
}

async function report(
  cluster: Cluster,
  appends: readonly Append[],
  crashes: number,
): Promise<SwarmReport> {
  const leader = cluster.at(cluster.leader() as string);
  const contradictions: string[] = [];
  for (const key of new Set(appends.map((append) => append.key))) {
    const answer = await cluster.settled(leader.query({ type: 'get', key }));
    if (answer.outcome !== 'applied')
      throw new Error(`the final read of ${key} was ${answer.outcome}`);
    const found =
      answer.result.type === 'found' ? new TextDecoder().decode(answer.result.value) : '';
    const tokens = found.split(';').filter((token: string) => token !== '');
    for (const append of appends.filter((each) => each.key === key)) {
      const times = tokens.filter((token: string) => token === append.token).length;
      const isApplied = append.outcomes.some(({ outcome }) => outcome === 'applied');
      if (times > 1 || (isApplied && times === 0)) {
        contradictions.push(
          `${append.token} was ${isApplied ? 'applied' : 'in doubt'}, and is there ${times} times`,
        );
      }
    }
  }
  const outcomes = appends.flatMap((append) => append.outcomes);
  return {
    servers: cluster.ids.length,
    terms: leader.status().term,
    acknowledged: outcomes.filter(({ outcome }) => outcome === 'applied').length,
    unknown: outcomes.filter(({ outcome }) => outcome === 'unknown').length,
    crashes,
    snapshots: cluster.servers.reduce(
      (sum, server) => sum + Number(server.status().snapshotIndex > 0),
      0,
    ),
    contradictions,
  };
}

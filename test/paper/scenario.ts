/** The few verbs that the scenarios share. */
import { type KeyValueCommand, keyValue } from '../../src/kv/index.ts';
import {
  type SimulatedCluster,
  type SimulationOptions,
  simulate,
} from '../../src/simulation/index.ts';

export type KeyValueCluster = ReturnType<typeof keyValueCluster>;

export function keyValueCluster(options: Partial<SimulationOptions> & { seed: number }) {
  return simulate({ servers: 3, ...options, stateMachine: keyValue });
}

export const put = (key: string, value = key): KeyValueCommand => ({ type: 'put', key, value });

// biome-ignore lint/suspicious/noExplicitAny: whatever its state machine, it has leaders.
type AnyCluster = SimulatedCluster<any, any, any, any>;

/** Runs until somebody leads, and has committed an entry of its term. */
export async function electLeader(cluster: AnyCluster, withinMs = 5_000): Promise<string> {
  const isReady = () => {
    const leader = cluster.leader();
    return leader !== null && cluster.at(leader).status().isReady;
  };
  await cluster.run({ until: isReady, withinMs });
  return cluster.leader() as string;
}

/** Runs until somebody else than `former` leads, ready to serve. */
export async function electOther(cluster: AnyCluster, former: string): Promise<string> {
  const isReady = () => {
    const leader = cluster.leader();
    return leader !== null && leader !== former && cluster.at(leader).status().isReady;
  };
  await cluster.run({ until: isReady, withinMs: 10_000 });
  return cluster.leader() as string;
}

/** Proposes at the leader and runs until it is applied there. */
export async function commit(cluster: KeyValueCluster, command: KeyValueCommand): Promise<number> {
  const leader = cluster.leader() as string;
  const outcome = await cluster.settled(cluster.at(leader).propose(command));
  if (outcome.outcome !== 'applied') throw new Error(`not applied: ${JSON.stringify(outcome)}`);
  return outcome.index;
}

/** Runs until every running server has applied the same last index. */
export async function converge(cluster: AnyCluster, withinMs = 10_000): Promise<void> {
  const isConverged = () => {
    const statuses = cluster.servers
      .filter(({ isRunning }) => isRunning)
      .map((server) => server.status());
    const applied = new Set(statuses.map(({ appliedIndex }) => appliedIndex));
    return applied.size === 1 && statuses.every((one) => one.appliedIndex === one.lastLogIndex);
  };
  await cluster.run({ until: isConverged, withinMs });
}

/** The terms of a server's entries, as the paper's figures draw logs: `'1 1 2'`. */
export function termsOf(cluster: AnyCluster, id: string): string {
  const log = cluster.at(id).log();
  return log
    .slice(log.firstIndex)
    .map(({ term }) => term)
    .join(' ');
}

export const others = (cluster: AnyCluster, ...ids: string[]): string[] =>
  cluster.ids.filter((id) => !ids.includes(id));

import { describe, expect, it } from 'vitest';
import { InvariantViolation } from '../../machines/rules/invariant.ts';
import type { ServerMachine } from '../../machines/server.ts';
import { serverMachine } from '../../machines/server.ts';
import { type InvariantName, PropertyViolation, ServerFailed } from '../../src/simulation/index.ts';
import { keyValueCluster, put } from './scenario.ts';

/**
 * Runs a broken machine through crashes and partitions, and tells which invariants fell: over all the
 * seeds, or until this one has.
 */
async function fallen(
  machine: ServerMachine,
  { seeds = 12, until }: { readonly seeds?: number; readonly until?: InvariantName } = {},
): Promise<Set<InvariantName>> {
  const names = new Set<InvariantName>();
  for (let seed = 0; seed < seeds && !(until && names.has(until)); seed += 1) {
    const cluster = keyValueCluster({ seed, servers: 5, machine });
    const chance = cluster.random.fork('script');
    try {
      for (let step = 0; step < 60; step += 1) {
        const id = cluster.ids[chance.below(5)]!;
        const kind = chance.below(4);
        if (kind === 0) cluster.at(id).restart();
        if (kind === 1) cluster.partition([id, cluster.ids[chance.below(5)]!]);
        if (kind === 2) cluster.heal();
        for (const server of cluster.servers) void server.propose(put(`${step}`));
        await cluster.run({ forMs: chance.between(50, 700) });
      }
    } catch (error) {
      if (!(error instanceof PropertyViolation)) throw error;
      names.add(error.invariant);
    }
  }
  return names;
}

describe('a server that breaks a rule is caught in the act', () => {
  it('the sound machine passes the same runs', async () => {
    expect([...(await fallen(serverMachine, { seeds: 4 }))]).toEqual([]);
  });

  it('granting every vote (§5.2, §5.4.1)', async () => {
    const machine = serverMachine.provide({ guards: { mayGrantVote: () => true } });
    const until = 'One Vote Per Term';
    expect([...(await fallen(machine, { until }))]).toContain(until);
  });

  it('accepting entries without the consistency check (§5.3): the server itself stops', async () => {
    const machine = serverMachine.provide({ guards: { logMatches: () => true } });
    const failure = await fallen(machine).catch((error: Error) => error);
    expect(failure).toBeInstanceOf(ServerFailed);
    expect((failure as Error).cause).toBeInstanceOf(InvariantViolation);
    const { message } = failure as Error;
    expect(message).toMatch(/cannot follow/);
    expect(message).toMatch(/seed \d+/);
    expect(message).toMatch(/the last lines of the trace/);
  });

  it('winning elections with one vote (§5.2)', async () => {
    const machine = serverMachine.provide({ guards: { wonElection: () => true } });
    const until = 'Distinct Votes';
    expect([...(await fallen(machine, { until }))]).toContain(until);
  });
});

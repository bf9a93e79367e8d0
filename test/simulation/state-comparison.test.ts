/** Servers whose states differ notice it while they run, by the very code of real servers. */
import { describe, expect, it } from 'vitest';
import { StateComparison } from '../../src/host/state-comparison.ts';
import { type SimulatedCluster, simulate } from '../../src/simulation/index.ts';

/** A sum that a test can change behind everybody's back, as a bit that flips does. */
class Sum {
  value = 0;

  apply(amount: number): number {
    this.value += amount;
    return this.value;
  }

  query(): number {
    return this.value;
  }

  digest(): string {
    return `sum ${this.value}`;
  }

  snapshot(): Iterable<Uint8Array> {
    return [new TextEncoder().encode(String(this.value))];
  }

  async restore(chunks: AsyncIterable<Uint8Array>): Promise<void> {
    let text = '';
    for await (const chunk of chunks) text += new TextDecoder().decode(chunk);
    this.value = Number(text);
  }
}

async function running(compareStatesEveryMs = 1_000) {
  const sums = new Map<string, Sum>();
  const cluster = simulate({
    seed: 7,
    stateMachine: () => new Sum(),
    compareStatesEveryMs,
    observer: {
      onStateMachine: (id, machine) => void sums.set(id, machine as Sum),
    },
  });
  await cluster.run({ until: (now) => now.leader() !== null, withinMs: 5_000 });
  const leader = cluster.leader()!;
  const propose = (amount: number) => cluster.settled(cluster.at(leader).propose(amount));
  const statusOf = (id: string) => cluster.at(id).status();
  const followers = cluster.servers.map(({ id }) => id).filter((id) => id !== leader);
  return { cluster, sums, leader, followers, propose, statusOf };
}

const warnings = (cluster: SimulatedCluster<never, never, never, never>) =>
  cluster
    .trace()
    .split('\n')
    .filter((line) => line.includes('warns: '));

describe('the states of the servers', () => {
  it('are compared by their digests as of an index, and all servers hear of it', async () => {
    const { cluster, propose, statusOf } = await running();
    await propose(5);
    await cluster.run({ forMs: 1_500 });
    for (const { id } of cluster.servers) {
      expect(statusOf(id).comparison).toEqual({
        index: 2,
        digests: { a: 'sum 5', b: 'sum 5', c: 'sum 5' },
      });
      expect(statusOf(id).divergence).toBeNull();
    }
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])(
    'are not compared every %d ms',
    (everyMs) => {
      expect(() => new StateComparison({ everyMs } as never)).toThrow(/compareStatesEveryMs is/);
    },
  );

  it('are compared while commands go on', async () => {
    const { leader, propose, statusOf } = await running(50);
    for (let round = 0; round < 100; round += 1) await propose(1);
    const { comparison, appliedIndex: applied } = statusOf(leader);
    expect(Object.keys(comparison?.digests ?? {})).toEqual(['a', 'b', 'c']);
    expect(comparison?.index).toBeLessThan(applied);
    expect(new Set(Object.values(comparison?.digests ?? {}))).toEqual(
      new Set([`sum ${(comparison?.index ?? 0) - 1}`]),
    );
  });

  it('that differ are told by all servers, with the index, the digests and who has them', async () => {
    const { cluster, sums, followers, propose, statusOf } = await running();
    await propose(5);
    await cluster.run({ forMs: 50 });
    const [wrong] = followers;
    sums.get(wrong!)!.value += 1;
    await cluster.run({ forMs: 1_500 });
    const digests = { a: 'sum 5', b: 'sum 5', c: 'sum 5', [wrong!]: 'sum 6' };
    for (const { id } of cluster.servers) {
      expect(statusOf(id).divergence).toEqual({ index: 2, digests, outvoted: [wrong] });
    }
    const told = warnings(cluster as never);
    expect(told).toHaveLength(3);
    for (const line of told)
      expect(line).toContain('The states of the servers differ as of entry 2:');
    for (const line of told) expect(line).toContain(`${wrong} has sum 6`);
  });

  it('are equal again when most are and no other answers: the one that differs may stay down', async () => {
    const { cluster, sums, leader, followers, propose, statusOf } = await running();
    await propose(5);
    await cluster.run({ forMs: 50 });
    const [wrong, other] = followers as [string, string];
    sums.get(wrong)!.value += 1;
    await cluster.run({ forMs: 1_500 });
    expect(statusOf(leader).divergence).toMatchObject({ index: 2, outvoted: [wrong] });
    cluster.at(wrong).crash();
    await propose(1);
    await cluster.run({ forMs: 2_500 });
    for (const id of [leader, other]) expect(statusOf(id).divergence).toBeNull();
    const those = [leader, other].sort().join(' and ');
    const told = warnings(cluster as never).slice(-2);
    for (const line of told)
      expect(line).toContain(`equal again, as of entry 3: those of ${those}`);
    // Its log is right, and its state is made anew from it.
    cluster.at(wrong).restart();
    await cluster.run({ forMs: 2_500 });
    const digests = { a: 'sum 6', b: 'sum 6', c: 'sum 6' };
    expect(statusOf(leader)).toMatchObject({ divergence: null, comparison: { index: 3, digests } });
  });

  it('are not compared again as long as nothing was applied', async () => {
    const { cluster, sums, followers, propose, statusOf } = await running();
    await propose(5);
    await cluster.run({ forMs: 1_500 });
    sums.get(followers[0]!)!.value += 1;
    await cluster.run({ forMs: 10_000 });
    expect(statusOf(followers[0]!).divergence).toBeNull();
  });

  it('change nothing about elections and commitment: who is cut off is not waited for', async () => {
    const { cluster, leader, followers, propose, statusOf } = await running();
    cluster.at(followers[0]!).stop();
    await propose(5);
    const { term } = statusOf(leader);
    await cluster.run({ forMs: 2_500 });
    expect(await propose(5)).toMatchObject({ outcome: 'applied', result: 10 });
    expect(statusOf(leader)).toMatchObject({ term, role: 'leader' });
    expect(Object.keys(statusOf(leader).comparison?.digests ?? {})).not.toContain(followers[0]);
  });
});

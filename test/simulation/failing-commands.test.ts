/** A state machine that throws, in whole clusters: refusals keep servers equal, and a lie is found. */
import { describe, expect, it } from 'vitest';
import type { StateMachine } from '../../src/ports/state-machine.ts';
import { ServerFailed, simulate } from '../../src/simulation/index.ts';

type Machine = StateMachine<number, number, null, number>;

interface Account {
  readonly isTransactional: boolean;
  /** What a throw leaves behind. */
  readonly trace?: number;
}

/** What is taken from it must be there. */
function account({ isTransactional, trace = 0 }: Account): Machine {
  let sum = 0;
  return {
    isTransactional,
    apply(amount) {
      if (sum + amount < 0) {
        sum += trace;
        throw new Error(`${sum} is less than ${-amount}`);
      }
      sum += amount;
      return sum;
    },
    query: () => sum,
    snapshot: () => [new TextEncoder().encode(String(sum))],
    async restore(chunks) {
      let text = '';
      for await (const chunk of chunks) text += new TextDecoder().decode(chunk);
      sum = Number(text);
    },
  };
}

async function led(options: Account) {
  const cluster = simulate({ seed: 7, stateMachine: () => account(options) });
  await cluster.run({ until: (now) => now.leader() !== null, withinMs: 5_000 });
  return { cluster, leader: cluster.at(cluster.leader()!) };
}

describe('a command at which the state machine throws', () => {
  it('is refused by a transactional one, on all servers alike, also after a restart', async () => {
    const { cluster, leader } = await led({ isTransactional: true });
    expect(await cluster.settled(leader.propose(5))).toMatchObject({ result: 5 });
    const refused = await cluster.settled(leader.propose(-6));
    expect(refused).toMatchObject({ outcome: 'refused', reason: 'command-failed', retry: false });
    expect(await cluster.settled(leader.propose(-4))).toMatchObject({ result: 1 });
    await cluster.run({ forMs: 500 });
    cluster.at('b').restart();
    await cluster.run({ forMs: 2_000 });
    const statuses = cluster.servers.map((server) => server.status());
    expect(statuses.map(({ commandsFailed }) => commandsFailed)).toEqual([1, 1, 1]);
    for (const { id } of cluster.servers) {
      const answer = cluster.at(id).query(null, { consistency: 'stale' });
      expect(await cluster.settled(answer)).toMatchObject({ result: 1 });
    }
  });

  it('that leaves something behind breaks the promise, and the entry is named', async () => {
    const { cluster, leader } = await led({ isTransactional: true, trace: 1 });
    await cluster.settled(leader.propose(5));
    void leader.propose(-6);
    await expect(cluster.run({ forMs: 500 })).rejects.toThrow(
      /says that it is transactional, and server \w has another state after apply threw at entry 3 \(term 1, command -6\)/,
    );
  });

  it('ends the run of one that promises nothing, and says at which command', async () => {
    const { cluster, leader } = await led({ isTransactional: false });
    await cluster.settled(leader.propose(5));
    void leader.propose(-6);
    const run = cluster.run({ forMs: 500 });
    await expect(run).rejects.toThrow(ServerFailed);
    await expect(run).rejects.toThrow(
      'threw at entry 3 (term 1): 5 is less than 6. The command: -6.',
    );
  });
});

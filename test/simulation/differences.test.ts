/** When two servers' states differ, the simulator says where, and what is there on each. */
import { describe, expect, it } from 'vitest';
import type { StateMachine } from '../../src/index.ts';
import { type KeyValueCommand, keyValue } from '../../src/kv/index.ts';
import { describeDifferences, differencesOf } from '../../src/simulation/differences.ts';
import { PropertyViolation, simulate } from '../../src/simulation/index.ts';

describe('the differences of two states', () => {
  const told = (one: unknown, other: unknown, max?: number) =>
    describeDifferences(differencesOf(one, other), ['a', 'b'], max);

  it.each([
    [{ total: 3 }, { total: 4 }, 'total is 3 on a and 4 on b'],
    [{ total: 3 }, {}, 'total is 3 on a and missing on b'],
    [{ total: 3, list: [1] }, { total: 3, list: [1, 2] }, 'list[1] is missing on a and 2 on b'],
    [
      { a: { b: 1, c: 0 } },
      { a: { b: 1n, c: -0 } },
      'a.b is 1 on a and 1n on b; a.c is 0 on a and -0 on b',
    ],
    [{ x: undefined, y: 1 }, { y: 1 }, 'x is undefined on a and missing on b'],
    [new Map([['a b', 1]]), new Map([['a b', 2]]), '["a b"] is 1 on a and 2 on b'],
    [
      new Map([[{ id: 1 }, [1]]]),
      new Map([[{ id: 1 }, [2]]]),
      '["{\\"id\\":1}"][0] is 1 on a and 2 on b',
    ],
    [
      new Set(['x', 'y']),
      new Set(['y', 'z']),
      'x is "x" on a and missing on b; z is missing on a and "z" on b',
    ],
    [
      { at: new Date(0) },
      { at: new Date(1) },
      'at is "1970-01-01T00:00:00.000Z" on a and "1970-01-01T00:00:00.001Z" on b',
    ],
    [{ bytes: Uint8Array.of(1) }, { bytes: Uint8Array.of(1) }, ''],
    [{ one: 'same' }, { one: 'same' }, ''],
    [7, '7', 'the state is 7 on a and "7" on b'],
  ])('%#: are named by their places', (one, other, text) => expect(told(one, other)).toBe(text));

  it('are told in part when they are many', () => {
    const one = Object.fromEntries(Array.from({ length: 9 }, (_, at) => [`k${at}`, at]));
    const other = Object.fromEntries(Array.from({ length: 9 }, (_, at) => [`k${at}`, -at - 1]));
    expect(told(one, other, 1)).toBe('k0 is 0 on a and -1 on b; 8 more places differ');
  });
});

type Counter = StateMachine<number, number, string, number>;

/** Each server's third command adds what no other server's adds. */
function drifting(own: number, extras: (sums: number[]) => Partial<Counter>): Counter {
  const sums = [0];
  return {
    apply(command) {
      sums.push((sums.at(-1) ?? 0) + (command === 3 ? command * own : command));
      return sums.length;
    },
    query: () => sums.at(-1) ?? 0,
    snapshot: () => [new TextEncoder().encode(JSON.stringify({ sums }))],
    async restore(chunks) {
      for await (const chunk of chunks) {
        sums.splice(0, sums.length, ...JSON.parse(new TextDecoder().decode(chunk)).sums);
      }
    },
    ...extras(sums),
  };
}

async function violationOf(make: () => StateMachine<number, number, string, number>) {
  const cluster = simulate({ seed: 7, stateMachine: make });
  await cluster.run({ until: () => cluster.leader() !== null, withinMs: 5_000 });
  const leader = cluster.at(cluster.leader() ?? '');
  for (const command of [1, 3, 4, 5]) void leader.propose(command);
  const failure = await cluster.run({ forMs: 500 }).catch((error: Error) => error);
  expect(failure).toBeInstanceOf(PropertyViolation);
  return (failure as PropertyViolation).sentence;
}

describe('an apply that is not deterministic', () => {
  const driftingBy = (extras: (sums: number[]) => Partial<Counter>) => {
    let servers = 0;
    return () => {
      servers += 1;
      return drifting(servers, extras);
    };
  };

  it('is told with what differs, as the snapshots have it', async () => {
    const sentence = await violationOf(driftingBy(() => ({})));
    expect(sentence).toMatch(
      /servers (\w) and (\w) differ after entry 3 \(term 1, command 3\): sums\[2\] is \d+ on \1 and \d+ on \2$/,
    );
  });

  it('… or as the state machine tells it, at that entry and not later', async () => {
    const extras = (sums: number[]) => ({
      digest: () => String(sums.at(-1)),
      inspect: () => ({ total: sums.at(-1), count: sums.length }),
    });
    const sentence = await violationOf(driftingBy(extras));
    expect(sentence).toMatch(/entry 3 .*: total is \d+ on \w and \d+ on \w$/);
  });

  it('… and with what to do when it tells nothing', async () => {
    const sentence = await violationOf(
      driftingBy((sums) => ({ digest: () => String(sums.at(-1)) })),
    );
    expect(sentence).toMatch(/; give the state machine an inspect\(\) to see how they differ$/);
    const extras = (sums: number[]) => ({ digest: () => String(sums.at(-1)), inspect: () => ({}) });
    expect(await violationOf(driftingBy(extras))).toMatch(/; what the two show .* is the same$/);
  });

  it('names the keys of the key/value store', async () => {
    let servers = 0;
    const cluster = simulate({
      seed: 7,
      stateMachine: () => {
        servers += 1;
        const own = `${servers}`;
        const machine = keyValue();
        return {
          ...machine,
          apply: (command: KeyValueCommand, entry: Parameters<typeof machine.apply>[1]) =>
            machine.apply(
              command.key === 'own' ? { type: 'put', key: 'own', value: own } : command,
              entry,
            ),
        };
      },
    });
    await cluster.run({ until: () => cluster.leader() !== null, withinMs: 5_000 });
    const leader = cluster.at(cluster.leader() ?? '');
    for (const key of ['x', 'own', 'y']) void leader.propose({ type: 'put', key, value: 'v' });
    const failure = await cluster.run({ forMs: 500 }).catch((error: Error) => error);
    expect((failure as PropertyViolation).sentence).toMatch(
      /: own\.value is "\d" on (\w) and "\d" on (?!\1)\w$/,
    );
  });
});

describe('a snapshot that is not the state', () => {
  it('is told with what is lost on the way', async () => {
    const cluster = simulate({
      seed: 7,
      parameters: { snapshotAfterEntries: 3, trailingEntries: 0 },
      stateMachine: () =>
        drifting(1, (sums) => ({
          digest: () => sums.join(),
          inspect: () => ({ sums }),
          async restore(chunks) {
            for await (const _ of chunks) sums.push(-1);
          },
        })),
    });
    await cluster.run({ until: () => cluster.leader() !== null, withinMs: 5_000 });
    const leader = cluster.leader() ?? '';
    for (const command of [1, 2, 4, 5]) await cluster.settled(cluster.at(leader).propose(command));
    cluster.at(leader).restart();
    const failure = await cluster.run({ forMs: 500 }).catch((error: Error) => error);
    expect((failure as PropertyViolation).sentence).toMatch(
      /differs from the one it was taken of: sums\[1\] is 1 on the one it was taken of and -1 on the restored one; /,
    );
  });
});

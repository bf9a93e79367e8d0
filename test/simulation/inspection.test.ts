import { expect, test } from 'vitest';
import { keyValue } from '../../src/kv/key-value.ts';
import { simulate } from '../../src/simulation/index.ts';

test('a simulation tells what goes on inside its servers, each from its first event on', async () => {
  const lines: string[] = [];
  const cluster = simulate({
    seed: 1,
    stateMachine: keyValue,
    inspect: (id, { type }) => lines.push(`${id} ${type}`),
  });
  await cluster.run({ until: () => cluster.leader() !== null, withinMs: 5000 });
  for (const id of cluster.ids) {
    const ofServer = lines.filter((line) => line.startsWith(`${id} `));
    expect(ofServer.slice(0, 2)).toEqual([`${id} @xstate.actor`, `${id} @xstate.snapshot`]);
    expect(ofServer).toContain(`${id} @xstate.microstep`);
  }
});

test('who looks inside changes nothing: the trace is the same with and without', async () => {
  const hashes = await Promise.all(
    [{}, { inspect: () => {} }].map(async (options) => {
      const cluster = simulate({ seed: 2, stateMachine: keyValue, ...options });
      await cluster.run({ forMs: 3000 });
      return cluster.hash();
    }),
  );
  expect(hashes[0]).toBe(hashes[1]);
});

/** (d) Simulated seconds per second: five idle servers, with the referee. */
import { keyValue } from '../../src/kv/key-value.ts';
import { simulate } from '../../src/simulation/index.ts';
import { print, repeated } from './figures.ts';

const SIMULATED_SECONDS = 1_000;

export async function benchSimulation(): Promise<void> {
  let seed = 0;
  const once = async () => {
    seed += 1;
    const cluster = simulate({ seed, servers: 5, stateMachine: keyValue });
    await cluster.run({ until: (now) => now.leader() !== null, withinMs: 10_000 });
    const startedAt = performance.now();
    await cluster.run({ forMs: SIMULATED_SECONDS * 1_000 });
    return SIMULATED_SECONDS / ((performance.now() - startedAt) / 1_000);
  };
  await once(); // Not counted: V8 is still compiling.
  const values = await repeated(3, once);
  print({ what: 'simulated seconds, five idle servers, referee on', unit: '/s', values });
}

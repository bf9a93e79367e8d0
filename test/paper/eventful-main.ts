/**
 * Prints the hashes of eventful runs: the test runs this in processes of their own. First it loads
 * every module a simulation is made of, one by one, in an order of its own: nothing may depend on
 * which module came to life first.
 *
 *   eventful-main.ts forwards|backwards <seed>…
 */
import { readdirSync } from 'node:fs';

const ROOMS = ['machines', 'machines/rules', 'src/formats', 'src/host', 'src/kv', 'src/simulation'];

const [order, ...seeds] = process.argv.slice(2);
const root = new URL('../../', import.meta.url);
const modules = ROOMS.flatMap((room) =>
  readdirSync(new URL(room, root))
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${room}/${name}`),
).sort();
for (const path of order === 'backwards' ? modules.reverse() : modules) {
  await import(new URL(path, root).href);
}

const { eventfulRun } = await import('./eventful-run.ts');
for (const seed of seeds) {
  process.stdout.write(`${(await eventfulRun(Number(seed))).hash}\n`);
}

/**
 * `npm run bench`, or some of it: `npm run bench -- core service`. Medians and ranges of several
 * repetitions; machines are noisy, so only ratios from one run mean something.
 * `npm run bench -- versus etcd` and `npm run bench -- growth` have options of their own.
 */
import { coreThroughput } from './core.ts';
import { print, repeated } from './figures.ts';
import { benchFrames } from './frames.ts';
import { benchGrowth } from './growth.ts';
import { benchInspector } from './inspector.ts';
import { benchLab } from './lab.ts';
import { benchPause } from './pause.ts';
import { benchSecure } from './secure.ts';
import { benchFailover, benchMemory, benchService } from './service.ts';
import { benchSimulation } from './simulated.ts';
import { benchStart } from './start.ts';
import { benchVersus } from './versus.ts';

async function benchCore(): Promise<void> {
  for (const outstanding of [1, 64, 256]) {
    await coreThroughput(outstanding, 1_000);
    const values = await repeated(5, () => coreThroughput(outstanding, 1_000));
    print({ what: `core, ${outstanding} outstanding`, unit: 'commits/s', values });
  }
}

const BENCHES: Readonly<Record<string, () => Promise<void>>> = {
  core: benchCore,
  service: benchService,
  start: benchStart,
  secure: benchSecure,
  inspector: benchInspector,
  failover: benchFailover,
  simulation: benchSimulation,
  memory: benchMemory,
  growth: benchGrowth,
  pause: benchPause,
  frames: benchFrames,
  lab: benchLab,
};

const asked = process.argv.slice(2);
if (asked[0] === 'versus') process.exit(await benchVersus(asked.slice(1)));
if (asked[0] === 'growth' && asked.length > 1) {
  await benchGrowth(asked.slice(1));
  process.exit(0);
}
const unknown = asked.find((name) => !(name in BENCHES));
if (unknown !== undefined) {
  process.stderr.write(`there is no bench "${unknown}": ${Object.keys(BENCHES).join(', ')}\n`);
  process.exit(2);
}
process.stdout.write(`Node.js ${process.version}, ${process.platform} ${process.arch}\n`);
for (const name of asked.length > 0 ? asked : Object.keys(BENCHES)) await BENCHES[name]?.();

/**
 * Beside etcd, in the same minutes: three processes of each in turn, never at the same time, under the
 * same loads of the same load generator; or the cores alone. Says so and ends well where etcd or Go is
 * not installed.
 */
import { compareStores } from './versus/compare.ts';
import { compareCores } from './versus/cores.ts';
import { etcd } from './versus/etcd.ts';
import { type VersusOptions, VersusUsageError, versusOptions } from './versus/options.ts';
import { buildIfStale, statecraft } from './versus/statecraft.ts';
import type { Store } from './versus/store.ts';
import { builtGo, missing, whatIsInstalled } from './versus/tools.ts';

const STORES: Readonly<Record<string, () => Store>> = {
  etcd,
  http: () => statecraft('Statecraft, HTTP', 'http'),
  streaming: () => statecraft('Statecraft, streaming', 'stream'),
};

const LOADS = { keys: 20_000, putters: [1, 64, 256, 1_024], getters: [1, 64, 256, 1_024] };
/** A put takes a tenth of a second there: fewer keys are filled in the same time. */
const SLOW_LOADS = { keys: 2_000, putters: [1, 64, 256], getters: [64] };

/** Resolves with the exit code. */
export async function benchVersus(args: readonly string[]): Promise<number> {
  try {
    await run(versusOptions(args, Object.keys(STORES)));
    return 0;
  } catch (error) {
    if (!(error instanceof VersusUsageError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 2;
  }
}

async function run({ peer, only, ...options }: VersusOptions): Promise<void> {
  const why = missing(whatIsInstalled(peer === 'etcd'));
  if (why !== null) {
    process.stdout.write(`${why}\n`);
    return;
  }
  if (peer === 'etcd-raft') return compareCores(builtGo('raft'), options);
  buildIfStale();
  const stores = only.map((name) => STORES[name]?.()).filter((store) => store !== undefined);
  const loads = options.isSlowNetwork ? SLOW_LOADS : LOADS;
  await compareStores(stores, builtGo('load'), { ...options, ...loads });
}

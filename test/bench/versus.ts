/**
 * Beside etcd, in the same minutes: three processes of each in turn, never at the same time, under the
 * same loads of the same load generator. Says so and ends well where etcd or Go is not installed.
 */
import { etcd } from './versus/etcd.ts';
import { KEYS, type Measured, measureRound, type Round } from './versus/measure.ts';
import { type VersusOptions, VersusUsageError, versusOptions } from './versus/options.ts';
import { buildIfStale, statecraft } from './versus/statecraft.ts';
import type { Store } from './versus/store.ts';
import { table } from './versus/table.ts';
import { builtGo, missing, whatIsInstalled } from './versus/tools.ts';

const TABLES: readonly [head: string, of: (measured: Measured) => number][] = [
  ['a second', ({ perSecond }) => perSecond],
  ['p50 in ms', ({ p50Ms }) => p50Ms],
  ['p99 in ms', ({ p99Ms }) => p99Ms],
  ['processor time in µs, all servers, each', ({ processorMicros }) => processorMicros],
  ['context switches, all servers, each', ({ contextSwitches }) => contextSwitches],
];

const STORES: Readonly<Record<string, () => Store>> = {
  etcd,
  http: () => statecraft('Statecraft, HTTP', 'http'),
};

/** Resolves with the exit code. */
export async function benchVersus(args: readonly string[]): Promise<number> {
  try {
    await compare(versusOptions(args, Object.keys(STORES)));
    return 0;
  } catch (error) {
    if (!(error instanceof VersusUsageError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 2;
  }
}

async function compare({ rounds, only, ...plan }: VersusOptions): Promise<void> {
  const why = missing(whatIsInstalled());
  if (why !== null) {
    process.stdout.write(`${why}\n`);
    return;
  }
  buildIfStale();
  const program = builtGo('load');
  const stores = only.map((name) => STORES[name]?.()).filter((store) => store !== undefined);
  const all = new Map<string, Round[]>(stores.map(({ title }) => [title, []]));
  for (let round = 0; round < rounds; round += 1) {
    // In turn forwards and backwards, so that a machine that slows down favours nobody.
    for (const store of round % 2 === 0 ? stores : stores.toReversed()) {
      all.get(store.title)?.push(await measureRound(store, program, plan));
    }
  }
  printAll(stores, all, rounds);
}

function printAll(
  stores: readonly Store[],
  all: ReadonlyMap<string, readonly Round[]>,
  rounds: number,
): void {
  const titles = stores.map(({ title }) => title);
  const versions = stores.map(({ version }) => version);
  process.stdout.write(
    `${[...new Set(versions)].join('; ')}\n` +
      `256-byte values, ${KEYS.toLocaleString('en')} keys, ${rounds} rounds: medians, and the ` +
      'ratio to the first column with its range\n\n',
  );
  const figuresOf = (of: (round: Round) => number) =>
    Object.fromEntries(titles.map((title) => [title, (all.get(title) ?? []).map(of)]));
  const loads = all.get(titles[0] ?? '')?.[0]?.measured ?? [];
  for (const [head, of] of TABLES) {
    const rows = loads.map(({ load }, at) => ({
      name: load,
      figures: figuresOf(({ measured }) => of(measured[at] as Measured)),
    }));
    process.stdout.write(`${table(head, titles, rows)}\n`);
  }
  const residents = (pick: (...values: number[]) => number) =>
    figuresOf(({ residentMiB }) => pick(...residentMiB));
  const memory = [
    { name: 'the smallest of three', figures: residents(Math.min) },
    { name: 'the largest', figures: residents(Math.max) },
  ];
  process.stdout.write(table('resident memory in MiB, after all loads', titles, memory));
}

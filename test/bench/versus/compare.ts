/** The services: rounds of all loads against each store in turn, and the tables of them. */
import { type Measured, measureRound, type Plan, type Round } from './measure.ts';
import type { Store } from './store.ts';
import { table } from './table.ts';

const TABLES: readonly [head: string, of: (measured: Measured) => number][] = [
  ['a second', ({ perSecond }) => perSecond],
  ['p50 in ms', ({ p50Ms }) => p50Ms],
  ['p99 in ms', ({ p99Ms }) => p99Ms],
  ['processor time in µs, all servers, each', ({ processorMicros }) => processorMicros],
  ['context switches, all servers, each', ({ contextSwitches }) => contextSwitches],
];

/** Never two at the same time. */
export async function compareStores(
  stores: readonly Store[],
  program: string,
  { rounds, ...plan }: Plan & { readonly rounds: number },
): Promise<void> {
  const all = new Map<string, Round[]>(stores.map(({ title }) => [title, []]));
  for (let round = 0; round < rounds; round += 1) {
    // Forwards and backwards in turn, so that a machine that slows down favours nobody.
    for (const store of round % 2 === 0 ? stores : stores.toReversed()) {
      all.get(store.title)?.push(await measureRound(store, program, plan));
    }
  }
  printAll(stores, all, plan.keys);
}

function printAll(
  stores: readonly Store[],
  all: ReadonlyMap<string, readonly Round[]>,
  keys: number,
): void {
  const titles = stores.map(({ title }) => title);
  const versions = stores.map(({ version }) => version);
  const rounds = all.get(titles[0] ?? '')?.length;
  process.stdout.write(
    `${[...new Set(versions)].join('; ')}\n` +
      `256-byte values, ${keys.toLocaleString('en')} keys, ${rounds} rounds: medians, and the ` +
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

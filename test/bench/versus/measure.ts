/** All loads against one store, from its start to its end. */
import { freePorts } from '../../cluster/running-cluster.ts';
import { type Load, LoadGenerator, type LoadResult } from './load-generator.ts';
import { IDS, type Id, RunningStore, type Store } from './store.ts';
import { residentOf, usageOf } from './usage.ts';

export const KEYS = 20_000;
const BYTES = 256;
/** Of the peak rate, for calls that begin at fixed times. */
const OPEN_SHARE = 0.7;
const OPEN_CALLERS = 1_024;

export interface Plan {
  readonly seconds: number;
  readonly warmUpSeconds: number;
}

export interface Measured {
  readonly load: string;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Of all three servers, for each operation. */
  readonly processorMicros: number;
  readonly contextSwitches: number;
}

export interface Round {
  readonly measured: readonly Measured[];
  /** Of each server, after all loads. */
  readonly residentMiB: readonly number[];
}

type Proxied = (ports: Readonly<Record<Id, number>>) => Promise<Readonly<Record<Id, number>>>;

const toEach = (first: number) =>
  Object.fromEntries(IDS.map((id, at) => [id, first + at])) as Record<Id, number>;

/** Starts it on free ports; its servers find each other through what is given. */
export async function startOnFreePorts(
  store: Store,
  proxied: Proxied = async (ports) => ports,
): Promise<RunningStore> {
  const first = await freePorts(2 * IDS.length);
  const peerPorts = toEach(first + IDS.length);
  const peersFindAt = await proxied(peerPorts);
  return RunningStore.start(store, { clientPorts: toEach(first), peerPorts, peersFindAt });
}

/** A load, with what the servers used for it. @throws Error for a call that was not answered well */
export async function measureLoad(
  name: string,
  running: RunningStore,
  generator: LoadGenerator,
  load: Load,
): Promise<Measured> {
  const before = usageOf(running.pids);
  const result = await generator.run(load);
  const after = usageOf(running.pids);
  assertAnswered(`${running.store.title}: ${name}`, result);
  const { operations, seconds, p50Ms, p99Ms } = result;
  const measured = {
    load: name,
    perSecond: operations / seconds,
    p50Ms,
    p99Ms,
    processorMicros: (after.processorMicros - before.processorMicros) / operations,
    contextSwitches: (after.contextSwitches - before.contextSwitches) / operations,
  };
  report(running.store.title, measured);
  return measured;
}

function assertAnswered(what: string, { operations, errors, firstError }: LoadResult): void {
  if (errors > 0) throw new Error(`${what}: ${errors} calls went wrong, the first: ${firstError}`);
  if (operations === 0) throw new Error(`${what}: nothing was answered`);
}

function report(title: string, { load, ...figures }: Measured): void {
  const { perSecond, p50Ms, p99Ms, processorMicros } = figures;
  process.stderr.write(
    `${title.padEnd(24)} ${load.padEnd(36)} ${Math.round(perSecond).toString().padStart(7)}/s` +
      `  p50 ${p50Ms.toFixed(2)} ms  p99 ${p99Ms.toFixed(2)} ms` +
      `  ${Math.round(processorMicros)} µs  ${figures.contextSwitches.toFixed(1)} switches\n`,
  );
}

/** A fresh store, filled and warmed up, under each load in turn. */
export async function measureRound(store: Store, program: string, plan: Plan): Promise<Round> {
  const running = await startOnFreePorts(store);
  let generator: LoadGenerator | null = null;
  try {
    const endpoint = await running.leader();
    generator = new LoadGenerator(program, [...store.loadFlags, '-endpoint', endpoint]);
    const measured = await allLoads(running, generator, plan);
    return { measured, residentMiB: residentOf(running.pids) };
  } finally {
    await generator?.stop();
    await running.stop();
  }
}

async function allLoads(
  running: RunningStore,
  generator: LoadGenerator,
  { seconds, warmUpSeconds }: Plan,
): Promise<Measured[]> {
  const of = (operation: Load['operation'], callers: number, more: Partial<Load> = {}): Load => {
    return { operation, callers, seconds, rate: 0, keys: KEYS, bytes: BYTES, ...more };
  };
  const measure = (name: string, load: Load) => measureLoad(name, running, generator, load);
  const measured: Measured[] = [];
  measured.push(await measure(`put, 64 callers, just started`, of('fill', 64)));
  await measure('(warming up)', of('put', 64, { seconds: warmUpSeconds / 2 }));
  await measure('(warming up)', of('get', 64, { seconds: warmUpSeconds / 2 }));
  let peak = 0;
  for (const operation of ['put', 'get'] as const) {
    for (const callers of [1, 64, 256, 1_024]) {
      const name = `${operation}, ${callers.toLocaleString('en')} caller${callers > 1 ? 's' : ''}`;
      const one = await measure(name, of(operation, callers));
      if (operation === 'put') peak = Math.max(peak, one.perSecond);
      measured.push(one);
    }
    if (operation === 'get') continue;
    const load = of('put', OPEN_CALLERS, { rate: OPEN_SHARE * peak });
    measured.push(await measure('put, open loop at 70 % of its peak', load));
  }
  return measured;
}

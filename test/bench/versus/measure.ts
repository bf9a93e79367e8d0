/** All loads against one store, from its start to its end. */
import { freePorts } from '../../cluster/running-cluster.ts';
import { type Load, LoadGenerator, type LoadResult } from './load-generator.ts';
import { startSlowProxy } from './slow-proxy.ts';
import { IDS, type Id, RunningStore, type Store } from './store.ts';
import { residentOf, usageOf } from './usage.ts';

const BYTES = 256;
/** Of the peak rate, for calls that begin at fixed times. */
const OPEN_SHARE = 0.7;
const OPEN_CALLERS = 1_024;
/** Of each load, before it counts: a thousand callers have to open their connections first. */
const OPENING_SECONDS = 1;

export interface Plan {
  readonly keys: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
  /** How many callers put, and how many get, one load after the other. */
  readonly putters: readonly number[];
  readonly getters: readonly number[];
  /** The network between servers is slow. */
  readonly isSlowNetwork: boolean;
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

const toEach = (first: number) =>
  Object.fromEntries(IDS.map((id, at) => [id, first + at])) as Record<Id, number>;

/** Starts it on free ports, where its servers find each other. */
export async function startOnFreePorts(store: Store): Promise<RunningStore> {
  const first = await freePorts(2 * IDS.length);
  const peerPorts = toEach(first + IDS.length);
  return RunningStore.start(store, {
    clientPorts: toEach(first),
    peerPorts,
    peersFindAt: peerPorts,
  });
}

/** Starts it so that its servers find each other behind proxies. */
async function startOnSlowNetwork(store: Store): Promise<RunningStore> {
  const first = await freePorts(2 * IDS.length);
  const peerPorts = toEach(first + IDS.length);
  const proxies = await Promise.all(IDS.map((id) => startSlowProxy(peerPorts[id])));
  const peersFindAt = Object.fromEntries(
    IDS.map((id, at) => [id, proxies[at]?.port ?? 0]),
  ) as Record<Id, number>;
  const closes = () => {
    for (const proxy of proxies) proxy.stop();
  };
  const ports = { clientPorts: toEach(first), peerPorts, peersFindAt };
  return RunningStore.start(store, ports, closes);
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
  const start = plan.isSlowNetwork ? startOnSlowNetwork : startOnFreePorts;
  const running = await start(store);
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
  { keys, seconds, warmUpSeconds, putters, getters }: Plan,
): Promise<Measured[]> {
  const of = (operation: Load['operation'], callers: number, more: Partial<Load> = {}): Load => {
    return { operation, callers, seconds, rate: 0, keys, bytes: BYTES, ...more };
  };
  const measure = (name: string, load: Load) => measureLoad(name, running, generator, load);
  const measureOpened = async (name: string, load: Load) => {
    await generator.run({ ...load, seconds: OPENING_SECONDS });
    return measure(name, load);
  };
  const nameOf = (operation: string, callers: number) =>
    `${operation}, ${callers.toLocaleString('en')} caller${callers > 1 ? 's' : ''}`;
  const measured: Measured[] = [];
  measured.push(await measure('put, 64 callers, just started', of('fill', 64)));
  await measure('(warming up)', of('put', 64, { seconds: warmUpSeconds / 2 }));
  await measure('(warming up)', of('get', 64, { seconds: warmUpSeconds / 2 }));
  let peak = 0;
  for (const callers of putters) {
    const one = await measureOpened(nameOf('put', callers), of('put', callers));
    peak = Math.max(peak, one.perSecond);
    measured.push(one);
  }
  const open = of('put', OPEN_CALLERS, { rate: OPEN_SHARE * peak });
  measured.push(await measureOpened('put, open loop at 70 % of its peak', open));
  for (const callers of getters) {
    measured.push(await measureOpened(nameOf('get', callers), of('get', callers)));
  }
  return measured;
}

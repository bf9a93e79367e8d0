/**
 * (b) Three processes over loopback, durable, 256-byte values, put and read linearizably by many
 * callers; (c) from `kill -9` of the leader to the next acknowledged put; (e) memory.
 */
import { type Client, connect } from '../../src/client/connect.ts';
import { nodeHttpPort } from '../../src/node/http-port.ts';
import { RunningCluster } from '../cluster/running-cluster.ts';
import { median, percentile, print, type Row } from './figures.ts';

export const VALUE = new Uint8Array(256).fill(120);
const SECONDS = 4;
const REPETITIONS = 3;
export const KEYS = 1_000;

const clientOf = (cluster: RunningCluster, session = false) =>
  connect({ endpoints: cluster.endpoints, session, http: nodeHttpPort() });

async function metric(cluster: RunningCluster, id: string, name: string): Promise<number> {
  const text = await (await fetch(`${cluster.endpoints[cluster.ids.indexOf(id)]}/metrics`)).text();
  return Number(text.match(new RegExp(`^${name} (.+)$`, 'm'))?.[1] ?? Number.NaN);
}

export interface Load {
  readonly perSecond: number;
  readonly latencies: readonly number[];
}

/** So many callers, each with one call at a time. */
export async function load(
  callers: number,
  call: (i: number) => Promise<{ outcome: string }>,
): Promise<Load> {
  const latencies: number[] = [];
  const startedAt = performance.now();
  const until = startedAt + SECONDS * 1_000;
  let next = 0;
  await Promise.all(
    Array.from({ length: callers }, async () => {
      while (performance.now() < until) {
        const before = performance.now();
        next += 1;
        const { outcome } = await call(next);
        if (outcome !== 'applied') throw new Error(`a call ended ${outcome}`);
        latencies.push(performance.now() - before);
      }
    }),
  );
  return { perSecond: latencies.length / ((performance.now() - startedAt) / 1_000), latencies };
}

export function printLoad(what: string, loads: readonly Load[]): void {
  print({ what, unit: '/s', values: loads.map(({ perSecond }) => perSecond) });
  for (const [name, share] of [
    ['p50', 0.5],
    ['p99', 0.99],
  ] as const) {
    const values = loads.map(({ latencies }) => percentile(latencies, share));
    print({ what: `  ${name}`, unit: 'ms', values });
  }
}

async function benchPuts(cluster: RunningCluster, client: Client, callers: number): Promise<void> {
  const { id } = await cluster.leader();
  const rows: { load: Load; syncs: number; entries: number }[] = [];
  for (let i = 0; i < REPETITIONS; i += 1) {
    const [syncs, entries] = await writesOf(cluster, id);
    const measured = await load(callers, (n) => client.put(`key ${n % KEYS}`, VALUE));
    const [syncsAfter, entriesAfter] = await writesOf(cluster, id);
    if (!(syncsAfter > syncs)) throw new Error('puts were acknowledged, and nothing was synced');
    rows.push({ load: measured, syncs: syncsAfter - syncs, entries: entriesAfter - entries });
  }
  printLoad(
    `put, ${callers} callers`,
    rows.map((row) => row.load),
  );
  print({
    what: '  syncs of the leader',
    unit: '/s',
    values: rows.map(({ syncs }) => syncs / SECONDS),
    note: `${median(rows.map(({ entries, syncs }) => entries / syncs)).toFixed(1)} entries a sync`,
  });
}

async function writesOf(cluster: RunningCluster, id: string): Promise<[number, number]> {
  return [
    await metric(cluster, id, 'raft_wal_writes_total'),
    await metric(cluster, id, 'raft_wal_written_entries_total'),
  ];
}

export async function benchService(): Promise<void> {
  const cluster = await RunningCluster.start();
  const client = clientOf(cluster);
  for (const callers of [1, 64, 256]) await benchPuts(cluster, client, callers);
  for (const callers of [1, 64, 256]) {
    const loads: Load[] = [];
    for (let i = 0; i < REPETITIONS; i += 1) {
      loads.push(await load(callers, (n) => client.get(`key ${n % KEYS}`)));
    }
    printLoad(`get, linearizable, ${callers} callers`, loads);
  }
  await client.close();
  await cluster.stop();
}

/** (c) A client that keeps putting; the time is between two acknowledgements, around the kill. */
export async function benchFailover(): Promise<void> {
  const cluster = await RunningCluster.start();
  const client = clientOf(cluster, true);
  const gaps: number[] = [];
  for (let i = 0; i < 10; i += 1) {
    await client.put('before', String(i));
    const { pid } = await cluster.leader();
    const from = cluster.output.length;
    process.kill(pid, 'SIGKILL');
    const killedAt = performance.now();
    const { outcome } = await client.put('after', String(i));
    gaps.push(performance.now() - killedAt);
    if (outcome !== 'applied') throw new Error(`the put after the kill ended ${outcome}`);
    await cluster.says(/^ready: leader/m, from);
  }
  print({ what: 'kill -9 of the leader to the next put', unit: 'ms', values: gaps });
  await client.close();
  await cluster.stop();
}

/** (e) Resident memory of each server after 20,000 keys. */
export async function benchMemory(): Promise<void> {
  const cluster = await RunningCluster.start();
  const client = clientOf(cluster);
  let next = 0;
  await Promise.all(
    Array.from({ length: 64 }, async () => {
      while (next < 20_000) {
        next += 1;
        await client.put(`key ${next}`, VALUE);
      }
    }),
  );
  const rows: Row['values'] = await Promise.all(
    cluster.ids.map(
      async (id) => (await metric(cluster, id, 'process_resident_memory_bytes')) / 2 ** 20,
    ),
  );
  print({ what: 'resident memory after 20,000 keys', unit: 'MiB', values: rows, note: 'a server' });
  await client.close();
  await cluster.stop();
}

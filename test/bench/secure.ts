/**
 * What TLS and tokens at the client port cost: (b) with 64 callers against two clusters of one build,
 * in turn. What two rounds against one of them differ by is noise.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, connect } from '../../src/client/connect.ts';
import { nodeHttpPort } from '../../src/node/http-port.ts';
import { runCommand } from '../cluster/command.ts';
import { RunningCluster } from '../cluster/running-cluster.ts';
import { median, print } from './figures.ts';
import { KEYS, type Load, load, printLoad, VALUE } from './service.ts';

const CALLERS = 64;
const ROUNDS = 10;

interface Measured {
  readonly client: Client;
  readonly puts: Load[];
  readonly gets: Load[];
  stop(): Promise<void>;
}

async function measured(
  client: Client,
  cluster: RunningCluster,
  also: () => Promise<void> = async () => {},
): Promise<Measured> {
  const stop = async () => {
    await client.close();
    await cluster.stop();
    await also();
  };
  return { client, puts: [], gets: [], stop };
}

async function plain(): Promise<Measured> {
  const cluster = await RunningCluster.start();
  return measured(
    connect({ endpoints: cluster.endpoints, session: false, http: nodeHttpPort() }),
    cluster,
  );
}

async function secure(): Promise<Measured> {
  const directory = await mkdtemp(join(tmpdir(), 'statecraft-bench-'));
  const file = (name: string) => join(directory, name);
  await runCommand(['certificates', 'authority', '--dir', directory]);
  await runCommand(['certificates', 'server', '--dir', directory, '--host', '127.0.0.1']);
  const token = ['--tokens', file('tokens.json'), '--name', 'bench', '--role', 'write'];
  const { stdout } = await runCommand(['token', 'create', ...token]);
  await writeFile(file('bench.token'), stdout, { mode: 0o600 });
  const tls = ['--tls-cert', file('server.crt'), '--tls-key', file('server.key')];
  const cluster = await RunningCluster.start({ flags: ['--tokens', file('tokens.json'), ...tls] });
  const endpoints = cluster.endpoints.map((endpoint) => endpoint.replace('http:', 'https:'));
  const http = nodeHttpPort({ ca: await readFile(file('ca.crt'), 'utf8') });
  const client = connect({ endpoints, session: false, http, token: stdout.trim() });
  return measured(client, cluster, () => rm(directory, { recursive: true }));
}

async function measure({ client, puts, gets }: Measured): Promise<void> {
  puts.push(await load(CALLERS, (n) => client.put(`key ${n % KEYS}`, VALUE)));
  gets.push(await load(CALLERS, (n) => client.get(`key ${n % KEYS}`)));
}

export async function benchSecure(): Promise<void> {
  const clusters = [await plain(), await secure()] as const;
  for (const { client } of clusters)
    await load(CALLERS, (n) => client.put(`key ${n % KEYS}`, VALUE));
  for (let round = 0; round < ROUNDS; round += 1) for (const one of clusters) await measure(one);
  const [open, closed] = clusters;
  for (const kind of ['puts', 'gets'] as const) {
    printLoad(`${kind}, ${CALLERS} callers, loopback without TLS`, open[kind]);
    printLoad(`${kind}, ${CALLERS} callers, TLS and tokens`, closed[kind]);
    const perSecond = (loads: readonly Load[]) => median(loads.map((one) => one.perSecond));
    const ratio = perSecond(closed[kind]) / perSecond(open[kind]);
    print({ what: `${kind}: TLS and tokens, of without`, unit: '×', values: [ratio] });
  }
  for (const one of clusters) await one.stop();
}

/**
 * How long commands take to start, as multiples of what Node.js itself takes; and a cluster, from
 * the command to its line `ready:`. They are run as users run them: built, by `npm run build`.
 */
import { execFile, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { freePorts } from '../cluster/running-cluster.ts';
import { median, print } from './figures.ts';

const MAIN = resolve(import.meta.dirname, '../../dist/src/cli/main.js');
const TIMES = 15;
const CLUSTERS = 5;

interface Started {
  /** From the start of the process to `ready:`. */
  readonly readyMs: number;
  readonly stop: () => Promise<void>;
}

export async function benchStart(): Promise<void> {
  if (!existsSync(MAIN)) throw new Error('there is no dist/: run npm run build first');
  await benchClusters();
  await benchCommands();
}

async function benchClusters(): Promise<void> {
  const fresh: number[] = [];
  const again: number[] = [];
  for (let i = 0; i < CLUSTERS; i += 1) {
    const directory = await mkdtemp(join(tmpdir(), 'statecraft-start-'));
    for (const times of [fresh, again]) {
      const { readyMs, stop } = await startCluster(directory, await freePorts(6));
      times.push(readyMs);
      await stop();
    }
    await rm(directory, { recursive: true });
  }
  print({ what: 'a new cluster, from the command to ready', unit: 'ms', values: fresh });
  print({ what: 'the same again', unit: 'ms', values: again });
}

/** In turns, so that whatever else the machine does meets all of them. */
async function benchCommands(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'statecraft-start-'));
  const port = await freePorts(6);
  const { stop } = await startCluster(directory, port);
  const endpoints = ['--endpoints', `127.0.0.1:${port}`];
  await promisify(execFile)(process.execPath, [MAIN, 'put', 'key', 'value', ...endpoints]);
  const commands: readonly (readonly [string, readonly string[]])[] = [
    ['node -e 0', ['-e', '0']],
    ['statecraft --version', [MAIN, '--version']],
    ['statecraft --help', [MAIN, '--help']],
    ['statecraft get, one server asked', [MAIN, 'get', 'key', ...endpoints]],
  ];
  const times = commands.map((): number[] => []);
  for (let i = 0; i < TIMES; i += 1) {
    for (const [at, [, argv]] of commands.entries()) {
      const startedAt = performance.now();
      const { status } = spawnSync(process.execPath, argv, { stdio: 'ignore' });
      if (status !== 0) throw new Error(`${argv.join(' ')} ended with ${status}`);
      times[at]?.push(performance.now() - startedAt);
    }
  }
  await stop();
  await rm(directory, { recursive: true });
  const own = median(times[0] ?? []);
  for (const [at, [what]] of commands.entries()) {
    const values = times[at] ?? [];
    const note = `${(median(values) / own).toFixed(2)} × node -e 0`;
    print({ what, unit: 'ms', values, note });
  }
}

async function startCluster(directory: string, port: number): Promise<Started> {
  const ports = ['--client-port', String(port), '--peer-port', String(port + 3)];
  const argv = ['--max-semi-space-size=64', MAIN, 'cluster', '--data-dir', directory, ...ports];
  const startedAt = performance.now();
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  let output = '';
  const readyMs = await new Promise<number>((done, failed) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (/^ready: /m.test(output)) done(performance.now() - startedAt);
    });
    void ended.then(() => failed(new Error(`the cluster ended before it was ready:\n${output}`)));
  });
  return {
    readyMs,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

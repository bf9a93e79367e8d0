/** A server under a low limit of open files: its clients leave it what it needs to go on writing. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMAND, freePorts } from './running-cluster.ts';
import { type Life, spawnServer } from './server-life.ts';
import { eventually, statusOf } from './statuses.ts';

const PATIENCE_MS = 30_000;
const LIMIT = 256;
const SERVED = 96;
/** More than the limit, so that the server would run out if it kept them all. */
const IDLE = 300;

let directory: string;
let endpoint: string;
let life: Life;
const idle: Socket[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'statecraft-descriptors-'));
  const port = await freePorts(2);
  endpoint = `http://127.0.0.1:${port}`;
  const addresses = ['--cluster', `a=127.0.0.1:${port + 1}`, '--client-addr', `127.0.0.1:${port}`];
  const server = ['server', '--id', 'a', ...addresses, '--data-dir', directory, '--bootstrap'];
  const command = [process.execPath, ...COMMAND, ...server];
  life = spawnServer('sh', ['-c', `ulimit -n ${LIMIT}; exec "$@"`, 'sh', ...command]);
  await eventually(
    'it leads',
    PATIENCE_MS,
    async () => (await statusOf(endpoint))?.role === 'leader',
  );
});

afterAll(async () => {
  for (const socket of idle) socket.destroy();
  life.child.kill('SIGKILL');
  await life.ended;
  await rm(directory, { recursive: true, force: true });
});

async function idleClient(): Promise<void> {
  const socket = connect(Number(new URL(endpoint).port), '127.0.0.1');
  idle.push(socket);
  socket.on('error', () => {});
  await new Promise((resolve) => socket.once('connect', resolve).once('close', resolve));
}

/** Without keep-alive: a new connection each time. */
function ask(path: string, request: RequestInit = {}): Promise<Response> {
  return fetch(`${endpoint}${path}`, { ...request, headers: { connection: 'close' } });
}

async function metric(name: string): Promise<number> {
  const text = await (await ask('/metrics')).text();
  return Number(text.match(new RegExp(`^${name} (.+)$`, 'm'))?.[1]);
}

describe.runIf(process.platform === 'linux')('a server that may have few files open', () => {
  it('says how many clients it serves, and serves that many', async () => {
    expect(life.output).toContain(
      `server a: may have ${LIMIT} files and sockets open, and takes ${SERVED} connections of ` +
        'clients instead of 8192: raise the limit (ulimit -n) if there are more of them\n',
    );
    for (let i = 0; i < IDLE; i += 1) await idleClient();
    expect(await metric('process_max_fds')).toBe(LIMIT);
    expect(await metric('http_connections')).toBe(SERVED);
    expect(await metric('http_connections_replaced_total')).toBeGreaterThan(IDLE - SERVED);
    expect(await metric('process_open_fds')).toBeLessThan(LIMIT - 64);
  });

  it('goes on writing, with new files for its log and a snapshot, and serves whoever comes', async () => {
    const body = Buffer.alloc(1_048_576, 1);
    for (let i = 0; i < 18; i += 1) {
      expect((await ask('/v1/kv/k', { method: 'PUT', body })).status).toBe(200);
    }
    expect((await readdir(join(directory, 'wal'))).sort()).toContain('00000002.wal');
    const snapshot = async () => ((await statusOf(endpoint))?.snapshotIndex ?? 0) > 0;
    await eventually('a snapshot is taken', PATIENCE_MS, snapshot);
    for (let round = 0; round < 2; round += 1) {
      await Promise.all(Array.from({ length: SERVED }, () => ask('/livez')));
    }
    expect((await ask('/v1/kv/k')).headers.get('etag')).toBe('"19"');
    expect(life.child.exitCode).toBeNull();
  });
});

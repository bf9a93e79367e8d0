/** Clients take no descriptor that the log, snapshots and peers need. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { COMMAND, freePorts } from './running-cluster.ts';
import { eventually } from './statuses.ts';

const LIMIT = 256;
const IDLE = LIMIT + 50;
const MEBIBYTE = 1024 * 1024;
/** Of 16 MiB each: what is written needs a second file of the log. */
const VALUES = 20;

test('with more idle clients than descriptors, a server goes on writing, and serves new ones', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'statecraft-descriptors-'));
  const port = await freePorts(2);
  const flags = ['--id', 'a', '--cluster', `a=127.0.0.1:${port + 1}`, '--bootstrap'];
  const place = ['--client-addr', `127.0.0.1:${port}`, '--data-dir', join(directory, 'a')];
  const command = [process.execPath, ...COMMAND, 'server', ...flags, ...place];
  const server = spawn('sh', ['-c', `ulimit -n ${LIMIT}; exec "$@"`, 'sh', ...command], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  server.stderr.setEncoding('utf8').on('data', (text) => {
    said += text;
  });
  const idle: Socket[] = [];
  const url = `http://127.0.0.1:${port}`;
  const metric = async (name: string) => {
    const text = await (await fetch(`${url}/metrics`)).text();
    return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1]);
  };
  try {
    const isReady = async () => (await fetch(`${url}/readyz`).catch(() => null))?.status === 200;
    await eventually('it is ready', 30_000, isReady);
    for (let count = 0; count < IDLE; count += 1) {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => {});
      idle.push(socket);
      await once(socket, 'connect');
    }
    for (let value = 0; value < VALUES; value += 1) {
      const put = { method: 'PUT', body: new Uint8Array(MEBIBYTE) };
      expect((await fetch(`${url}/v1/kv/k${value}`, put)).status).toBe(200);
    }
    expect(await metric('process_max_fds')).toBe(LIMIT);
    expect(await metric('http_connections_max')).toBe(LIMIT / 2);
    expect(await metric('http_connections')).toBeLessThanOrEqual(LIMIT / 2);
    expect(await metric('process_open_fds')).toBeLessThan(LIMIT - 32);
    expect(await metric('http_connections_replaced_total')).toBeGreaterThan(IDLE - LIMIT / 2);
    expect(said).not.toMatch(/EMFILE|stops/);
  } finally {
    for (const socket of idle) socket.destroy();
    server.kill();
    await once(server, 'exit');
    await rm(directory, { recursive: true });
  }
});

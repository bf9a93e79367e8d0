/** The command line with real processes: it says when it is ready, and leaves nobody behind. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { allGone, ended, runCommand, serverPids, spawnCommand } from './command.ts';
import { COMMAND, freePorts, RunningCluster } from './running-cluster.ts';
import { eventually } from './statuses.ts';

const STOP_MS = 5_000;
const PATIENCE_MS = 30_000;

describe('a cluster of one', () => {
  let directory: string;
  let port: number;
  let children: ChildProcess[];

  beforeEach(async () => {
    children = [];
    directory = await mkdtemp(join(tmpdir(), 'statecraft-cli-'));
    port = await freePorts(2);
  });

  afterEach(async () => {
    for (const child of children) child.kill('SIGKILL');
    await rm(directory, { recursive: true, force: true });
  });

  const flags = (...more: string[]) => [
    'cluster',
    ...['--servers', '1', '--data-dir', directory],
    ...['--client-port', `${port}`, '--peer-port', `${port + 1}`],
    ...more,
  ];

  /** Its output so far, once that matches. */
  function says(child: ChildProcess, pattern: RegExp): Promise<string> {
    let output = '';
    return new Promise((resolve, reject) => {
      child.stdout?.setEncoding('utf8').on('data', (text) => {
        output += text;
        if (pattern.test(output)) resolve(output);
      });
      child.once('close', () => reject(new Error(`it ended after: ${output}`)));
    });
  }

  /** A process group of its own, as a terminal makes it. */
  function startGroup(...more: string[]): ChildProcess {
    const child = spawnCommand(flags(...more), {
      detached: true,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    return child;
  }

  const exitCode = (child: ChildProcess) =>
    new Promise((resolve) => child.once('exit', (code) => resolve(code)));

  const ready = /^ready: leader a, clients at http:\/\/127\.0\.0\.1:\d+$/m;

  it('stops on Ctrl-C, which its whole group gets, and npm once more', async () => {
    const child = startGroup();
    const output = await says(child, ready);
    const exited = exitCode(child);
    process.kill(-(child.pid ?? 0), 'SIGINT');
    setTimeout(() => child.kill('SIGINT'), 50);
    expect(await exited).toBe(0);
    await allGone(serverPids(output), 0);
  });

  it('takes its servers along when it is killed', async () => {
    const child = startGroup();
    const output = await says(child, ready);
    child.kill('SIGKILL');
    expect(serverPids(output)).toHaveLength(1);
    await allGone(serverPids(output), STOP_MS);
  });

  it('ends with whoever started it', async () => {
    const command = [process.execPath, ...COMMAND, ...flags()].map((word) => `'${word}'`);
    const shell = spawn('sh', ['-c', `${command.join(' ')} & echo "cluster: process $!"; wait`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(shell);
    const output = await says(shell, ready);
    const supervisor = Number(/^cluster: process (\d+)$/m.exec(output)?.[1]);
    shell.kill('SIGKILL');
    await allGone([supervisor, ...serverPids(output)], STOP_MS);
  });

  it('starts a killed server again, and says once more that it is ready', async () => {
    const child = startGroup();
    const output = await says(child, ready);
    const again = says(child, ready);
    process.kill(serverPids(output)[0] ?? 0, 'SIGKILL');
    const [pid] = serverPids(await again);
    expect(pid).not.toBe(serverPids(output)[0]);
    child.kill('SIGTERM');
    expect(await exitCode(child)).toBe(0);
  });

  it('is told everything by variables as well, servers and supervisor alike', async () => {
    const child = spawnCommand(['cluster'], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        ...{
          STATECRAFT_SERVERS: '1',
          STATECRAFT_DATA_DIR: directory,
          STATECRAFT_PEER_ADDR: '192.0.2.1:1',
        },
        ...{ STATECRAFT_CLIENT_PORT: `${port}`, STATECRAFT_PEER_PORT: `${port + 1}` },
        ...{ STATECRAFT_ELECTION_TIMEOUT: '600ms', STATECRAFT_HEARTBEAT_INTERVAL: '100ms' },
        ...{ STATECRAFT_LOG_FORMAT: 'json', STATECRAFT_LOG_LEVEL: 'debug' },
        ...{ STATECRAFT_KEEP_RUNNING: 'false' },
      },
    });
    children.push(child);
    const whole = ended(child);
    const output = await says(child, ready);
    const again = says(child, ready);
    process.kill(serverPids(output)[0] ?? 0, 'SIGKILL');
    await again;
    child.kill('SIGTERM');
    const { code, stderr } = await whole;
    expect(code).toBe(0);
    const lines = stderr
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const said = lines.map(({ event, server }) => `${event} ${server}`);
    const leads = said.indexOf('leads a');
    expect(leads).toBeGreaterThanOrEqual(0);
    expect(said.indexOf('server_down null')).toBeGreaterThan(leads);
    expect(said.lastIndexOf('leads a')).toBeGreaterThan(said.indexOf('server_down null'));
  });

  it('leaves a killed server down with --no-restart, and ends when none is left', async () => {
    const child = startGroup('--no-restart');
    const output = await says(child, ready);
    const exited = exitCode(child);
    process.kill(serverPids(output)[0] ?? 0, 'SIGKILL');
    expect(await exited).toBe(1);
  });
});

/**
 * What a server says once it is not between two leaders: 503 is definitely not done and asked again,
 * 504 perhaps done, which is the same here, since it writes the same. A busy machine elects now and then.
 */
function answered(url: string, request: RequestInit = {}): Promise<Response> {
  return eventually(`${url} is answered`, PATIENCE_MS, async () => {
    const response = await fetch(url, request);
    return ![503, 504].includes(response.status) && response;
  });
}

/** Takes connections, and says no word. */
async function listening(server: Server): Promise<{ server: Server; address: string }> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, address: `127.0.0.1:${(server.address() as AddressInfo).port}` };
}

describe('a request to any server', () => {
  it('is sent on to the leader, with its key and body as they were', async () => {
    const cluster = await RunningCluster.start();
    const keys = ['a/b//c', 'a%2Fb', 'with%20space', 'gr%C3%B6%C3%9Fe', '%2525', 'x/append'];
    // Text: `fetch` of Node.js 20 cannot send bytes a second time after a redirect.
    const body = 'größer '.repeat(15_000);
    try {
      for (const key of keys) {
        for (const endpoint of cluster.endpoints) {
          const url = `${endpoint}/v1/kv/${key}`;
          expect((await answered(url, { method: 'PUT', body })).status).toBe(200);
          const read = await Promise.all(
            cluster.endpoints.map((other) => answered(`${other}/v1/kv/${key}`)),
          );
          for (const answer of read) {
            expect((await answer.text()) === body).toBe(true);
          }
        }
      }
      const listed = await answered(`${cluster.endpoints[1]}/v1/kv?prefix=a%2Fb`);
      const { items } = (await listed.json()) as { items: { key: string }[] };
      expect(items.map(({ key }) => key)).toEqual(['a/b', 'a/b//c']);
    } finally {
      expect(await cluster.stop()).toBe(0);
    }
  });
});

describe('certificates', () => {
  it('are made by the command as it is built', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'statecraft-cli-'));
    try {
      const made = await runCommand(['certificates', 'authority', '--dir', directory]);
      expect(made).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/^made /) });
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});

it('says nothing when a reader stops early, as `head` does', async () => {
  const child = spawnCommand(['--help'], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout?.destroy();
  expect(await ended(child)).toEqual({ code: 0, stdout: '', stderr: '' });
});

describe('the client commands', () => {
  it('do what they say, byte for byte', async () => {
    const cluster = await RunningCluster.start();
    const endpoints = ['--endpoints', cluster.endpoints.join(',')];
    const run = (args: readonly string[], input?: Uint8Array) =>
      runCommand([...args.slice(0, 1), ...endpoints, ...args.slice(1)], input);
    try {
      const bytes = Uint8Array.from({ length: 256 }, (_, at) => at);
      expect(await run(['put', 'bytes'], bytes)).toEqual({ code: 0, stdout: 'OK\n', stderr: '' });
      const read = await run(['get', 'bytes', '-o', 'json']);
      expect(JSON.parse(read.stdout)).toEqual({
        key: 'bytes',
        revision: expect.any(Number),
        length: 256,
        value: Buffer.from(bytes).toString('base64'),
      });
      await run(['put', '--', '-k', '--v']);
      expect((await run(['get', '--', '-k'])).stdout).toBe('--v');
      await run(['append', 'größe/x', 'ä']);
      await run(['append', 'größe/x', 'b']);
      expect((await run(['get', 'größe/x'])).stdout).toBe('äb');
      expect((await run(['list'])).stdout).toBe('-k\nbytes\ngröße/x\n');
      expect((await run(['list', 'gr'])).stdout).toBe('größe/x\n');
      expect((await run(['list', '-0'])).stdout).toBe('-k\0bytes\0größe/x\0');
      expect((await run(['list', '--count', '--prefix', 'b'])).stdout).toBe('1\n');
      const { text } = JSON.parse((await run(['get', 'größe/x', '-o', 'json'])).stdout);
      expect(text).toBe('äb');
      expect((await run(['delete', 'bytes'])).stdout).toBe('OK\n');
      expect((await run(['put', 'bytes', 'v', '--if-exists'])).code).toBe(3);
      await run(['put', 'große', 'v']);
      const dry = await run(['delete', '--prefix', 'gr', '--dry-run']);
      expect(dry.stdout).toBe('große\ngröße/x\n2 keys would be deleted\n');
      expect((await run(['delete', '--prefix', 'gr'])).stdout).toBe('2 keys deleted\n');
      expect((await run(['list'])).stdout).toBe('-k\n');
      const silent = await listening(createServer(() => {}));
      const some = ['--endpoints', `${silent.address},${cluster.endpoints[1]}`, '--timeout', '20s'];
      expect(await runCommand(['put', 'k', 'v', ...some])).toMatchObject({
        stdout: 'OK\n',
        code: 0,
      });
      const stale = ['get', '--consistency', 'stale', '--', '-k'];
      expect(await runCommand([...stale.slice(0, 3), ...some, ...stale.slice(3)])).toMatchObject({
        stdout: '--v',
        code: 0,
      });
      silent.server.close();
      const roles = [' follower ', ' follower ', ' leader '];
      const status = await eventually('one leads, two follow', PATIENCE_MS, async () => {
        const { stdout } = await run(['status']);
        return (
          stdout
            .match(/ (leader|follower) /g)
            ?.sort()
            .join() === roles.join() && stdout
        );
      });
      expect(status).toMatch(/TRAILS LEADER BY/);
      const health = await eventually('all are ready', PATIENCE_MS, async () => {
        const { code, stdout } = await run(['health']);
        return code === 0 && stdout;
      });
      expect(health.match(/ ready$/gm)).toHaveLength(3);
    } finally {
      expect(await cluster.stop()).toBe(0);
    }
  });
});

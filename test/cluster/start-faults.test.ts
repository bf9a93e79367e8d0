/** Every fault of a start, and of a client command, ends as docs/operations.md says. */
import { spawn } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serverRequest } from '../../src/certificates/requests.ts';
import { nodeFault } from '../../src/cli/node-version.ts';
import { makeClusterKeyFile } from '../../src/node/cluster-key-file.ts';
import type { ServiceOptions } from '../../src/service/context.ts';
import { createService } from '../../src/service/service.ts';
import { formatTokens } from '../../src/service/tokens/token-format.ts';
import { Tokens } from '../../src/service/tokens/tokens.ts';
import { certified, newAuthority } from '../contracts/certified.ts';
import { ModelServer } from '../contracts/model-server.ts';
import { faultRows } from '../contracts/operations-page.ts';
import { type Ended, ended, runCommand, spawnCommand } from './command.ts';
import { COMMAND, freePorts, RunningCluster } from './running-cluster.ts';

/** The data of a cluster of three that was stopped, for tests to copy and spoil. */
let made: string;
let running: RunningCluster;
let directory: string;
let port: number;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'statecraft-faults-'));
  made = join(directory, 'made');
  const before = await RunningCluster.start({ directory: made });
  await fetch(`${(await leaderOf(before)) ?? ''}/v1/kv/k`, { method: 'PUT', body: 'v' });
  await before.stop();
  running = await RunningCluster.start();
  port = await freePorts(20);
});

afterAll(async () => {
  await running?.stop();
  await rm(directory, { recursive: true, force: true });
});

async function leaderOf(cluster: RunningCluster): Promise<string | undefined> {
  const { id } = await cluster.leader();
  return cluster.endpoints[cluster.ids.indexOf(id)];
}

function startCluster(dataDir: string, ...flags: string[]): Promise<Ended> {
  const ports = ['--client-port', `${port}`, '--peer-port', `${port + 10}`];
  return runCommand(['cluster', '--data-dir', dataDir, ...ports, ...flags]);
}

function startServer(...flags: string[]): Promise<Ended> {
  const cluster = `a=127.0.0.1:${port + 10},b=127.0.0.1:${port + 11},c=127.0.0.1:${port + 12}`;
  const client = ['--client-addr', `127.0.0.1:${port}`];
  return runCommand(['server', '--id', 'a', '--cluster', cluster, ...client, ...flags]);
}

/** With a limit of the shell on its files: how many, or how large in blocks. */
function startLimited(limit: string, ...flags: string[]): Promise<Ended> {
  const server = ['server', '--id', 'a', '--cluster', `a=127.0.0.1:${port + 10}`, '--bootstrap'];
  const place = ['--client-addr', `127.0.0.1:${port}`, ...flags];
  const command = [process.execPath, ...COMMAND, ...server, ...place];
  const argv = ['-c', `ulimit ${limit} && exec "$@"`, 'sh', ...command];
  return ended(spawn('sh', argv, { stdio: ['ignore', 'pipe', 'pipe'] }));
}

/** In the place of a file of its. */
async function startWithDirectory(name: string): Promise<Ended> {
  return startSpoiled(async (copy) => {
    await rm(join(copy, 'a', name), { recursive: true, force: true });
    await mkdir(join(copy, 'a', name));
  });
}

function onThisMachine(scheme: 'ws' | 'wss'): readonly string[] {
  const at = (offset: number) => `${scheme}://127.0.0.1:${port + offset}`;
  return ['--cluster', `a=${at(10)},b=${at(11)},c=${at(12)}`];
}

/** With a server that is somewhere else: the address is one of documentation. */
function startBeyond(scheme: 'ws' | 'wss', ...flags: string[]): Promise<Ended> {
  const cluster = `a=${scheme}://127.0.0.1:${port + 10},b=${scheme}://192.0.2.1:${port}`;
  return startServer('--cluster', cluster, ...flags);
}

function ownKey(): string {
  const file = join(directory, 'own.key');
  makeClusterKeyFile(file);
  return file;
}

/** A copy of the stopped cluster's data, spoiled. */
async function spoiled(spoil: (copy: string) => Promise<unknown>): Promise<string> {
  const copy = await mkdtemp(join(directory, 'copy-'));
  await cp(made, copy, { recursive: true });
  await spoil(copy);
  return copy;
}

async function startSpoiled(spoil: (copy: string) => Promise<unknown>): Promise<Ended> {
  return startServer('--data-dir', join(await spoiled(spoil), 'a'));
}

async function flip(path: string, at: number): Promise<void> {
  const bytes = await readFile(path);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  await writeFile(path, bytes);
}

async function flipLog(copy: string): Promise<void> {
  const [segment = ''] = await readdir(join(copy, 'a/wal'));
  await flip(join(copy, 'a/wal', segment), 40);
}

async function withTaken(taken: number, action: () => Promise<Ended>): Promise<Ended> {
  const server = await new Promise<Server>((resolve) => {
    const listening = createServer((socket) => socket.destroy());
    listening.listen(taken, '127.0.0.1', () => resolve(listening));
  });
  const result = await action();
  await new Promise((resolve) => server.close(resolve));
  return result;
}

async function startWithTokens(text: string, mode: number): Promise<Ended> {
  const path = join(await mkdtemp(join(directory, 'tokens-')), 'tokens');
  await writeFile(path, text, { mode });
  return startServer('--tokens', path);
}

function withVariable(name: string, value: string): Promise<Ended> {
  const env = { ...process.env, [name]: value };
  return ended(spawnCommand(['cluster'], { stdio: ['ignore', 'pipe', 'pipe'], env }));
}

const NAMES = serverRequest([{ type: 'ip', value: '127.0.0.1' }]);
const someCertificate = async () => certified(await newAuthority(), NAMES);

/** A server of clients that lives as long as one command asks it. */
async function asked(
  options: Partial<ServiceOptions>,
  ask: (endpoint: string) => Promise<Ended>,
): Promise<Ended> {
  const service = createService({
    ...{ server: new ModelServer(), advertisedClientAddress: 'http://127.0.0.1:7101' },
    ...{ requestTimeoutMs: 5_000, version: '9.9.9', ...options },
  });
  const { port: listening } = await service.listen({ host: '127.0.0.1', port: 0 });
  try {
    const scheme = options.tls === undefined ? 'http' : 'https';
    return await ask(`${scheme}://127.0.0.1:${listening}`);
  } finally {
    await service.close();
  }
}

const STARTS: Readonly<Record<string, () => Promise<Ended>>> = {
  'an unknown command': () => runCommand(['clstr']),
  'an unknown flag': () => runCommand(['cluster', '--nonsense']),
  'an invalid value of a flag': () => runCommand(['cluster', '--servers', 'many']),
  'an invalid value of a variable': () => withVariable('STATECRAFT_INSPECT', 'perhaps'),
  'timing that cannot work': () => startServer('--election-timeout', '100ms'),
  'ports that overlap': () => runCommand(['cluster', '--peer-port', '7102']),
  'a taken client port, `npm start` twice': () =>
    startCluster(join(directory, 'new'), '--client-port', `${running.clientPort}`),
  'a taken peer port': () => withTaken(port + 11, () => startCluster(join(directory, 'new'))),
  'a directory in use': () => startCluster(running.directory),
  'other `--servers` than the directory has': () => startCluster(made, '--servers', '5'),
  "one server's directory is gone": async () =>
    startCluster(await spoiled((copy) => rm(join(copy, 'b'), { recursive: true }))),
  'a directory of another cluster': () =>
    startServer('--data-dir', join(made, 'a'), '--cluster-name', 'other'),
  "another server's directory": () => startServer('--data-dir', join(made, 'b')),
  'a flipped byte in `identity`': () => startSpoiled((copy) => flip(join(copy, 'a/identity'), 20)),
  'a flipped byte in `peers`': () => startSpoiled((copy) => flip(join(copy, 'a/peers'), 20)),
  'a flipped byte in the write-ahead log': () => startSpoiled(flipLog),
  'a flipped byte in both slots of `acknowledged`': () =>
    startSpoiled(async (copy) => {
      await flip(join(copy, 'a/acknowledged'), 7);
      await flip(join(copy, 'a/acknowledged'), 519);
    }),
  'a file where the directory should be': async () => {
    const file = join(directory, 'a-file');
    await writeFile(file, '');
    return startServer('--data-dir', file, '--bootstrap');
  },
  'a directory in place of a file of the server': () => startWithDirectory('acknowledged'),
  'a directory in place of a segment of the log': () => startWithDirectory('wal/00000001.wal'),
  'a directory in place of the memory of peers': () => startWithDirectory('peers'),
  'a directory in place of a lock': () => startWithDirectory('lock-1-1-0badb007'),
  'a file in place of a directory of the server': () =>
    startSpoiled(async (copy) => {
      await rm(join(copy, 'a/snapshots'), { recursive: true });
      await writeFile(join(copy, 'a/snapshots'), '');
    }),
  'a directory in place of the cluster key': async () => {
    const copy = await mkdtemp(join(directory, 'keys-'));
    await mkdir(join(copy, 'cluster.key'));
    return startServer('--cluster-key-file', join(copy, 'cluster.key'));
  },
  'a limit on file sizes that is too low (`ulimit -f`)': () =>
    startLimited('-f 64', '--data-dir', join(directory, 'small')),
  'a limit on open files that is too low (`ulimit -n`)': () =>
    startLimited('-n 30', '--data-dir', join(directory, 'few')),
  'an id that is not in `--cluster`': () => startServer('--id', 'z'),
  'an empty directory without `--bootstrap`': () =>
    startServer('--data-dir', join(directory, 'empty')),
  'a client address that nobody can connect to': () =>
    startServer(
      ...['--data-dir', join(directory, 'empty'), '--without-tokens'],
      ...['--client-addr', `0.0.0.0:${port}`],
    ),
  'an advertised address that nobody can connect to': () =>
    startServer('--advertise-client-addr', `http://0.0.0.0:${port}`),
  'a peer address that nobody can connect to': () =>
    startServer('--cluster', `a=127.0.0.1:${port},b=0.0.0.0:${port}`),
  '`--inspect` where other machines could look': () =>
    startServer('--inspect', '--client-addr', `10.0.0.1:${port}`, '--without-tokens'),
  'servers of several machines without a key': () => startBeyond('wss'),
  'a key file that is not there': () =>
    startServer('--cluster-key-file', join(directory, 'no.key')),
  'a key file that others may read': async () => {
    const file = join(directory, 'open.key');
    makeClusterKeyFile(file);
    await chmod(file, 0o644);
    return startServer('--cluster-key-file', file);
  },
  'a passphrase for a key': async () => {
    const file = join(directory, 'passphrase.key');
    await writeFile(file, 'correct horse battery staple', { mode: 0o600 });
    return startServer('--cluster-key-file', file);
  },
  '`ws://` beyond this machine': () => startBeyond('ws', '--cluster-key-file', ownKey()),
  '`ws://` for one server and `wss://` for another': () =>
    startServer('--cluster', 'a=ws://127.0.0.1:1,b=ws://127.0.0.1:2,c=wss://127.0.0.1:3'),
  "only some of the peer certificate's files": () => startServer('--peer-cert', 'peer-a.crt'),
  'a peer certificate that names another server': async () => {
    const certs = join(directory, 'certs');
    await runCommand(['certificates', 'authority', '--dir', certs]);
    await runCommand(['certificates', 'peer', '--dir', certs, '--id', 'b', '--servers', 'a,b,c']);
    const file = (name: string) => join(certs, name);
    const peer = ['--peer-cert', file('peer-b.crt'), '--peer-key', file('peer-b.key')];
    const data = ['--data-dir', join(directory, 'certified'), '--bootstrap'];
    return startServer(...data, ...peer, '--peer-ca', file('ca.crt'), ...onThisMachine('wss'));
  },
  'flags that belong together': () => startServer('--tls-cert', 'server.crt'),
  'a client port that other machines reach, without tokens': () =>
    startServer('--client-addr', `10.0.0.1:${port}`),
  'no token file': () => startServer('--tokens', join(directory, 'tokens')),
  'a damaged token file': () => startWithTokens('{"format":', 0o600),
  'a token file that others may read': () => startWithTokens(formatTokens([]), 0o644),
  "a key that is not the certificate's": async () => {
    const [one, other] = [await someCertificate(), await someCertificate()];
    await writeFile(join(directory, 'crt'), one.cert);
    await writeFile(join(directory, 'key'), other.key, { mode: 0o600 });
    const files = ['--tls-cert', join(directory, 'crt'), '--tls-key', join(directory, 'key')];
    return startServer(...files);
  },
  'an audit log that cannot be written': () =>
    startServer('--audit-log', join(directory, 'no', 'audit.log')),
  'a taken port of the playground': () =>
    withTaken(port + 14, () => runCommand(['playground', '--port', `${port + 14}`])),
  'a Node.js that is too old': async () => ({
    code: 2,
    stdout: '',
    stderr: `statecraft: ${nodeFault('18.19.0')}\n`,
  }),
};

describe('a start that cannot succeed', () => {
  const rows = faultRows('Starting');

  it('is on the page if it is provoked here, and provoked here if it is on the page', () => {
    expect(rows.map(({ fault }) => fault)).toEqual(Object.keys(STARTS));
  });

  for (const { fault, text, answer } of rows) {
    it(`ends in one line and exit code ${answer}: ${fault}`, async () => {
      const result = await STARTS[fault]?.();
      const [line = '', ...others] = result?.stderr.trimEnd().split('\n') ?? [];
      expect(line.replace(/^statecraft: /, '')).toMatch(text);
      expect(others).toEqual([]);
      expect(result?.code).toBe(Number(answer));
    });
  }

  it('leaves no directory behind that was not there', async () => {
    const names = await readdir(directory);
    expect(names.filter((name) => name === 'new' || name === 'empty')).toEqual([]);
  });

  it('has not spoiled the cluster that runs', async () => {
    expect((await running.leader()).role).toBe('leader');
  });

  it('takes Node.js 20.19 and everything after it', () => {
    const refused = ['18.20.0', '20.18.3', '8.0.0', '0.10.48'].map(nodeFault);
    expect(refused.every((fault) => fault !== null)).toBe(true);
    expect(['20.19.0', '20.20.2', '22.0.0', '24.1.0'].map(nodeFault)).toEqual([
      null,
      null,
      null,
      null,
    ]);
  });
});

const CLIENTS: Readonly<Record<string, (endpoints: string) => Promise<Ended>>> = {
  'an address without a port': () => runCommand(['get', 'k', '--endpoints', 'foo']),
  'an empty prefix to delete': () => runCommand(['delete', '--prefix', '']),
  'nobody answers a read': () =>
    runCommand(['get', 'k', '--timeout', '1s', '--endpoints', nobody()]),
  'nobody answers a write': () =>
    // Port 9 is one that browsers, and so `fetch`, never reach for.
    runCommand([
      'put',
      'k',
      'v',
      '--timeout',
      '1s',
      '--endpoints',
      `${nobody()},http://127.0.0.1:9`,
    ]),
  'no such key to get': (endpoints) => runCommand(['get', 'none', '--endpoints', endpoints]),
  'no such key to delete': (endpoints) => runCommand(['delete', 'none', '--endpoints', endpoints]),
  'a condition that does not hold': (endpoints) =>
    runCommand(['put', 'none', 'v', '--if-exists', '--endpoints', endpoints]),
  'a write that no majority answers': async (endpoints) => {
    const { id } = await running.leader();
    const others = await Promise.all(
      running.ids.filter((other) => other !== id).map((other) => running.pidOf(other)),
    );
    for (const pid of others) process.kill(pid, 'SIGSTOP');
    try {
      return await runCommand(['put', 'k', 'v', '--timeout', '3s', '--endpoints', endpoints]);
    } finally {
      for (const pid of others) process.kill(pid, 'SIGCONT');
    }
  },
  'a value of more than 1 MiB': (endpoints) =>
    runCommand(['put', 'k', '--endpoints', endpoints], Buffer.alloc(1_048_577)),
  'no token where one is required': () =>
    asked({ tokens: new Tokens([]) }, (endpoint) =>
      runCommand(['get', 'k', '--endpoints', endpoint]),
    ),
  'a server whose certificate is not trusted': async () =>
    asked({ tls: await someCertificate() }, (endpoint) =>
      runCommand(['put', 'k', 'v', '--endpoints', endpoint]),
    ),
  'a token that cannot be read': () =>
    runCommand(['get', 'k', '--token-file', join(directory, 'none')]),
};

const nobody = () => `http://127.0.0.1:${port + 15}`;

describe('a client command that cannot succeed', () => {
  const rows = faultRows('Client commands');

  it('is on the page if it is provoked here, and provoked here if it is on the page', () => {
    expect(rows.map(({ fault }) => fault)).toEqual(Object.keys(CLIENTS));
  });

  for (const { fault, text, answer } of rows) {
    it(`ends with exit code ${answer}: ${fault}`, async () => {
      const result = await CLIENTS[fault]?.(running.endpoints.join(','));
      expect(result?.stderr.replace(/^statecraft: /, '').trimEnd()).toMatch(text);
      expect(result?.code).toBe(Number(answer));
      expect(result?.stdout).toBe('');
    });
  }
});

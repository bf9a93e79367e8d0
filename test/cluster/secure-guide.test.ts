/**
 * docs/guide/secure.md, as it stands: each command is run on the machine it is for. Machines are
 * network namespaces where this user may make them, else addresses of the loopback interface.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { read } from '../architecture/source-files.ts';
import { type Ended, ended } from './command.ts';
import { COMMAND } from './running-cluster.ts';
import { eventually } from './statuses.ts';

const IDS = ['a', 'b', 'c'] as const;
type Id = (typeof IDS)[number];

/** The guide's blocks of commands, in order. */
const blocks = [...read('docs/guide/secure.md').matchAll(/^```sh\n(.*?)^```$/gms)].map(
  ([, block = '']) => block,
);
const tag = `sc${process.pid}`;
let directory: string;
let hasNamespaces = false;
const servers: ChildProcess[] = [];

/** Three namespaces on one switch, which is a namespace of its own: nothing of this machine changes. */
function makeNamespaces(): boolean {
  const ip = (...args: string[]) => execFileSync('ip', args, { stdio: 'pipe' });
  const inSwitch = (...args: string[]) => ip('netns', 'exec', `${tag}s`, 'ip', ...args);
  try {
    ip('netns', 'add', `${tag}s`);
    inSwitch('link', 'add', 'switch', 'type', 'bridge');
    inSwitch('link', 'set', 'switch', 'up');
    for (const [place, id] of IDS.entries()) {
      ip('netns', 'add', `${tag}${id}`);
      inSwitch('link', 'add', id, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', `${tag}${id}`);
      inSwitch('link', 'set', id, 'master', 'switch', 'up');
      const inMachine = (...args: string[]) => ip('netns', 'exec', `${tag}${id}`, 'ip', ...args);
      inMachine('address', 'add', `10.0.0.${place + 1}/24`, 'dev', 'eth0');
      inMachine('link', 'set', 'eth0', 'up');
      inMachine('link', 'set', 'lo', 'up');
    }
    return true;
  } catch {
    removeNamespaces();
    return false;
  }
}

function removeNamespaces(): void {
  for (const id of ['s', ...IDS]) {
    try {
      execFileSync('ip', ['netns', 'delete', `${tag}${id}`], { stdio: 'pipe' });
    } catch {
      // It was never made.
    }
  }
}

/** A shell on that machine, in its own directory. */
function shell(id: Id, script: string): ChildProcess {
  const here = hasNamespaces ? script : script.replaceAll('10.0.0.', '127.0.0.');
  const command = ['sh', '-ec', here];
  const whole = hasNamespaces ? ['ip', 'netns', 'exec', `${tag}${id}`, ...command] : command;
  const path = `${join(directory, 'bin')}:${process.env.PATH}`;
  return spawn(whole[0] ?? '', whole.slice(1), {
    cwd: join(directory, id),
    env: { ...process.env, PATH: path },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

const run = (id: Id, script: string): Promise<Ended> => ended(shell(id, script));

function startServer(id: Id, script: string): Promise<void> {
  const server = shell(id, `exec ${script}`);
  servers.push(server);
  let said = '';
  return new Promise((resolve, reject) => {
    server.stderr?.setEncoding('utf8').on('data', (text) => {
      said += text;
      if (said.includes('runs as process')) resolve();
    });
    server.once('exit', () => reject(new Error(`server ${id} ended: ${said}`)));
  });
}

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'statecraft-secure-'));
  for (const id of [...IDS, 'bin']) mkdirSync(join(directory, id));
  const statecraft = join(directory, 'bin', 'statecraft');
  writeFileSync(statecraft, `#!/bin/sh\nexec ${process.execPath} ${COMMAND.join(' ')} "$@"\n`);
  chmodSync(statecraft, 0o755);
  hasNamespaces = makeNamespaces();
});

afterAll(async () => {
  await Promise.all(
    servers.map((server) => {
      const end = new Promise((resolve) => server.once('exit', resolve));
      return server.exitCode === null && server.kill() ? end : null;
    }),
  );
  removeNamespaces();
  rmSync(directory, { recursive: true, force: true });
});

test('the guide from one machine to three is right, command by command', async () => {
  const [shared = '', a = '', b = '', c = '', client = '', curl = ''] = blocks;
  expect(blocks).toHaveLength(6);
  const commands = blocks.flatMap((block) => block.trim().split('\n'));
  expect(commands.filter((command) => !command.startsWith('export ')).length).toBe(10);

  expect(await run('a', shared)).toMatchObject({ code: 0 });
  for (const id of ['b', 'c'] as const) {
    mkdirSync(join(directory, id, 'certs'));
    for (const file of ['cluster.key', 'tokens.json', 'certs/server.crt', 'certs/server.key']) {
      cpSync(join(directory, 'a', file), join(directory, id, file));
    }
  }
  await Promise.all([startServer('a', a), startServer('b', b), startServer('c', c)]);

  const used = await run('a', client);
  expect(used.stderr).toBe('');
  expect(used.stdout).toMatch(/^OK\n/);
  for (const id of IDS)
    expect(used.stdout).toMatch(new RegExp(`https://\\S+ +${id} +(leader|follower)`));
  expect((await run('a', curl)).stdout).toBe('hello');

  const without = await run('a', curl.replace(/-H "[^"]*"/, ''));
  expect(without.stdout).toContain('"unauthenticated"');
  const token = readFileSync(join(directory, 'a', 'operator.token'), 'utf8').trim();
  const audit = () => readFileSync(join(directory, 'b', 'audit.log'), 'utf8');
  // The line is written in the turn after the answer's.
  await eventually('b has noted whom it refused', 30_000, () =>
    audit().includes('unauthenticated'),
  );
  expect(audit()).not.toContain(token);
  const status = await run('a', `${client.split('\n')[0]}\nstatecraft status -o json`);
  expect(status.stdout).toContain(
    hasNamespaces ? '"peerSecurity":"tls-key"' : '"peerSecurity":"loopback"',
  );
});

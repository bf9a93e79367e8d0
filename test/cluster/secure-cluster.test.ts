/** A real cluster with TLS and tokens: its commands, curl and `fetch` at a server that does not lead. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serverRequest } from '../../src/certificates/requests.ts';
import { certified, newAuthority } from '../contracts/certified.ts';
import { type Ended, ended, runCommand } from './command.ts';
import { RunningCluster } from './running-cluster.ts';

const PATIENCE_MS = 10_000;

let directory: string;
let cluster: RunningCluster;
let endpoints: readonly string[];
let secret: string;
const file = (name: string) => join(directory, name);

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'statecraft-secure-'));
  const authority = await newAuthority();
  const names = serverRequest([{ type: 'ip', value: '127.0.0.1' }]);
  const { cert, key, ca } = await certified(authority, names);
  const files = { 'server.crt': cert, 'server.key': key, 'ca.crt': ca };
  for (const [name, text] of Object.entries(files)) {
    await writeFile(file(name), text, { mode: 0o600 });
  }
  const made = ['--tokens', file('tokens.json'), '--role', 'admin', '--name'];
  await runCommand(['token', 'create', ...made, 'admin', '--out', file('admin.token')]);
  await runCommand(['token', 'create', ...made, 'guest', '--out', file('guest.token')]);
  secret = (await readFile(file('admin.token'), 'utf8')).trim();
  const flags = [
    '--tokens',
    file('tokens.json'),
    '--close-status',
    '--audit-log',
    file('audit.log'),
  ].concat(['--tls-cert', file('server.crt'), '--tls-key', file('server.key'), '--audit-writes']);
  cluster = await RunningCluster.start({ flags });
  endpoints = cluster.endpoints.map((endpoint) => endpoint.replace('http:', 'https:'));
});

afterAll(async () => {
  await cluster?.stop();
  await rm(directory, { recursive: true, force: true });
});

function statecraft(command: string, ...args: readonly string[]): Promise<Ended> {
  const flags = ['--endpoints', endpoints.join(','), '--tls-ca', file('ca.crt')];
  return runCommand([command, ...flags, ...args]);
}
const withToken = (command: string, ...args: readonly string[]) =>
  statecraft(command, '--token-file', file('admin.token'), ...args);

/** The token goes by a pipe, as the documents say. */
function curl(...args: readonly string[]): Promise<Ended> {
  const child = spawn('curl', ['-sS', '--cacert', file('ca.crt'), '-H', '@-', ...args]);
  child.stdin?.end(`Authorization: Bearer ${secret}`);
  return ended(child);
}

async function followers(): Promise<readonly string[]> {
  const { stdout } = await withToken('status', '-o', 'json');
  const answers = JSON.parse(stdout) as { endpoint: string; status: { role: string } }[];
  return answers.filter(({ status }) => status.role === 'follower').map(({ endpoint }) => endpoint);
}

describe('a cluster with TLS and tokens', () => {
  it('says that it is ready, and how to try it, without any secret', async () => {
    expect(cluster.output).toMatch(
      /^ready: leader [abc], clients at https:\S+ https:\S+ https:\S+$/m,
    );
    await cluster.says(
      /^try: printf .* \| curl --location-trusted -H @- --cacert <authority file> -X PUT /m,
    );
    expect(cluster.output).not.toContain(secret);
  });

  it('does what commands ask that show a token, and says to others that it wants one', async () => {
    const [put, health, ...others] = await Promise.all([
      withToken('put', 'k', 'v'),
      withToken('health'),
      statecraft('get', 'k'),
      statecraft('health'),
    ]);
    expect(put).toMatchObject({ code: 0, stdout: 'OK\n', stderr: '' });
    expect(health.stdout.match(/ ready$/gm)).toHaveLength(3);
    for (const { code, stdout, stderr } of others) {
      expect(code).toBe(1);
      expect(stdout + stderr).toMatch(/this server requires a token: .*--token-file <file>/);
    }
  });

  it('is followed to the leader with the token by who trusts it: curl -L and fetch do not', async () => {
    const [follower = ''] = await followers();
    const put = ['-X', 'PUT', '--data', 'by curl', `${follower}/v1/kv/k`];
    const dropped = await curl('-L', ...put);
    expect(JSON.parse(dropped.stdout).error.code).toBe('unauthenticated');
    expect(dropped.stdout).toContain('--location-trusted keeps it');
    const kept = await curl('--location-trusted', ...put);
    expect(JSON.parse(kept.stdout)).toMatchObject({ key: 'k' });
    const script = `fetch(process.argv[1], { headers: { Authorization: process.env.SHOWN } })
      .then((answer) => answer.text()).then(console.log)`;
    const child = spawn(process.execPath, ['-e', script, `${follower}/v1/kv/k`], {
      env: { ...process.env, NODE_EXTRA_CA_CERTS: file('ca.crt'), SHOWN: `Bearer ${secret}` },
    });
    expect((await ended(child)).stdout).toContain('unauthenticated');
    const alone = ['--endpoints', follower];
    expect(await withToken('get', 'k', ...alone)).toMatchObject({ code: 0, stdout: 'by curl' });
  });

  it('ends the connection of a token within ten seconds of its revocation', async () => {
    const { hostname: host, port } = new URL(endpoints[0] ?? '');
    const ca = await readFile(file('ca.crt'), 'utf8');
    const guest = (await readFile(file('guest.token'), 'utf8')).trim();
    const socket = connect({ host, port: Number(port), ca });
    socket.write(
      `GET /v1/status HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${guest}\r\n\r\n`,
    );
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(String(answer)).toMatch(/^HTTP\/1.1 200 /);
    const closed = once(socket, 'close');
    const revokedAt = performance.now();
    await runCommand(['token', 'revoke', '--tokens', file('tokens.json'), '--name', 'guest']);
    await closed;
    expect(performance.now() - revokedAt).toBeLessThan(PATIENCE_MS);
    for (const id of cluster.ids) {
      await cluster.says(new RegExp(`server ${id}: the tokens in \\S+ were reloaded: 1`));
    }
  });

  it('notices a server that stands still, and says when it is back', async () => {
    const { stdout } = await withToken('status', '-o', 'json');
    const [{ status }] = JSON.parse(stdout) as [{ status: { pid: number } }];
    const before = cluster.output.length;
    process.kill(status.pid, 'SIGSTOP');
    try {
      await cluster.says(/^(?:degraded|no leader): /m, before);
    } finally {
      process.kill(status.pid, 'SIGCONT');
    }
    await cluster.says(/^ready: leader /m, before);
  });

  it('has told each server’s audit log who wrote and who was refused, and nowhere a secret', async () => {
    const names = (await readdir(directory)).filter((name) => name.startsWith('audit'));
    expect(names.sort()).toEqual(['audit-a.log', 'audit-b.log', 'audit-c.log']);
    const texts = await Promise.all(names.map((name) => readFile(file(name), 'utf8')));
    const lines = texts
      .flatMap((text) => text.trimEnd().split('\n'))
      .map((line) => JSON.parse(line));
    expect(lines).toContainEqual(
      expect.objectContaining({ event: 'write', token: 'admin', method: 'PUT', path: '/v1/kv/k' }),
    );
    expect(lines).toContainEqual(
      expect.objectContaining({ event: 'refused', outcome: '401 unauthenticated', token: null }),
    );
    expect(lines.filter(({ event }) => event === 'started')).toHaveLength(3);
    expect(lines.filter(({ event }) => event === 'tokens_changed')).toHaveLength(3);
    const pids = [...cluster.output.matchAll(/: process (\d+),/g)].map(([, pid]) => pid);
    const processes = await Promise.all(
      [cluster.child.pid, ...pids].map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8')),
    );
    expect(processes).toHaveLength(4);
    const texts2 = [
      ...texts,
      ...processes,
      cluster.output,
      await readFile(file('tokens.json'), 'utf8'),
    ];
    for (const text of texts2) expect(text).not.toContain(secret.slice(-43));
  });
});

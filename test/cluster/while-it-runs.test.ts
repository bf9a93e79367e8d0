/** Every fault of a running cluster that docs/operations.md names is met as it says there. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { encodeOpen } from '../../src/formats/peer-frame.ts';
import { SUBPROTOCOL } from '../../src/node/peer-listener.ts';
import { formatTokens } from '../../src/service/tokens/token-format.ts';
import { faultRows } from '../contracts/operations-page.ts';
import { built } from './built-command.ts';
import { ended } from './command.ts';
import { COMMAND, freePorts, RunningCluster } from './running-cluster.ts';
import { eventually, statusOf } from './statuses.ts';

const OPENING = {
  versions: [2],
  clusterId: '0'.repeat(32),
  from: 'c',
  to: 'a',
  nonce: new Uint8Array(32),
  keyNames: [],
};
const NODE_FLAGS = COMMAND.slice(0, -1);
const MAIN = COMMAND.at(-1) ?? '';

let running: RunningCluster;
let directory = '';
/** Begun first and looked at last: ten seconds are long. */
let slow: { readonly socket: Socket; readonly answer: Promise<string> };

beforeAll(async () => {
  running = await RunningCluster.start();
  directory = await mkdtemp(join(tmpdir(), 'statecraft-while-'));
  const socket = toClients();
  slow = { socket, answer: everything(socket) };
  socket.write('GET /livez HTTP/1.1\r\nhost: localhost\r\n');
});

afterAll(async () => {
  slow.socket.destroy();
  await running.stop();
  await rm(directory, { recursive: true, force: true });
});

function toClients(): Socket {
  const socket = connect(running.clientPort, '127.0.0.1');
  socket.on('error', () => {});
  return socket;
}

async function everything(socket: Socket): Promise<string> {
  let text = '';
  socket.setEncoding('latin1').on('data', (some) => {
    text += some;
  });
  await once(socket, 'close');
  return text;
}

/** Sends one frame to the peers' port of server a, and waits until it is hung up on. */
/** From an address of its own: of one address a server tells once a minute. */
async function asPeer(frame: Uint8Array | string, localAddress: string): Promise<void> {
  const url = `ws://127.0.0.1:${running.peerPort}`;
  const socket = new WebSocket(url, [SUBPROTOCOL], { localAddress });
  socket.on('error', () => {});
  await once(socket, 'open');
  socket.send(frame);
  await once(socket, 'close');
}

/** A PUT whose head and body, as far as it goes, have left. */
async function put(endpoint: string, key: string, bytes: number, body: string): Promise<Socket> {
  const socket = connect(Number(new URL(endpoint).port), '127.0.0.1');
  socket.on('error', () => {});
  const head = `PUT /v1/kv/${key} HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${bytes}`;
  await new Promise<void>((sent) => void socket.write(`${head}\r\n\r\n${body}`, () => sent()));
  return socket;
}

async function statusOfKey(endpoint: string, key: string): Promise<number> {
  const url = `${endpoint}/v1/kv/${key}`;
  return (await fetch(url, { signal: AbortSignal.timeout(10_000) })).status;
}

interface ServerNews {
  readonly type: string;
  readonly isHeld: boolean;
  readonly diskTrouble: string;
}

/** Resolves with the message that is wanted: a server tells all the time how it is. */
function message(
  child: ChildProcess,
  isWanted: (news: Partial<ServerNews>) => boolean,
): Promise<void> {
  return new Promise((resolve) => {
    child.on('message', (news: object) => isWanted(news) && resolve());
  });
}

/** A server process of its own, alone in its cluster, with something loaded before it. */
async function alone(first: Parameters<typeof built>[0], ...flags: readonly string[]) {
  const port = await freePorts(2);
  const endpoint = `http://127.0.0.1:${port}`;
  const addresses = ['--cluster', `z=127.0.0.1:${port + 1}`, '--client-addr', `127.0.0.1:${port}`];
  const dataDirectory = join(directory, `z${port}`);
  const place = ['--data-dir', dataDirectory, '--bootstrap'];
  const loaded = [...NODE_FLAGS, '--import', built(first), MAIN];
  const argv = [...loaded, 'server', '--id', 'z', ...addresses, ...place, ...flags];
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  const result = ended(child);
  await message(child, ({ type }) => type === 'started');
  await eventually('it leads', 10_000, async () => (await statusOf(endpoint))?.role === 'leader');
  return { endpoint, child, result, dataDirectory };
}

/** Resolves when the server has appended the command, which its disk does not confirm. */
async function putWhileHeld(endpoint: string, child: ChildProcess): Promise<Socket> {
  const told = message(child, ({ isHeld }) => isHeld === true);
  child.send({ isHeld: true });
  await told;
  const lastLogIndex = async () => (await statusOf(endpoint))?.lastLogIndex ?? 0;
  const before = await lastLogIndex();
  const socket = await put(endpoint, 'whole', 5, 'whole');
  await eventually('it is appended', 10_000, async () => (await lastLogIndex()) > before);
  return socket;
}

/** What is said of each, or null where nobody is told; by the first cell of the page. */
const PROVOKE: Readonly<Record<string, () => Promise<string | null>>> = {
  "a server's process dies": async () => {
    process.kill(await running.pidOf('b'), 'SIGKILL');
    return (await running.says(/server b has ended .*/))[0];
  },
  'a server whose data was damaged meanwhile': async () => {
    const from = running.output.length;
    const identity = join(running.directory, 'c', 'identity');
    const whole = await readFile(identity);
    await writeFile(identity, 'rot');
    process.kill(await running.pidOf('c'), 'SIGKILL');
    const [said] = await running.says(/server c cannot start: .*/, from);
    await writeFile(identity, whole);
    await running.says(/^ready: leader/m, running.output.indexOf(said));
    return said;
  },
  'a disk that is full or fails': async () => {
    const { endpoint, child, result } = await alone('breakable-disk');
    const isBroken = message(child, ({ diskTrouble }) => diskTrouble === 'ENOSPC');
    child.send({ diskTrouble: 'ENOSPC' });
    await isBroken;
    await put(endpoint, 'k', 1, 'v');
    const { code, stderr } = await result;
    expect(code).toBe(1);
    return stderr.match(/server z: stops.*/)?.[0] ?? stderr;
  },
  'tokens that are replaced by what cannot be read': async () => {
    const path = join(directory, 'tokens');
    await writeFile(path, formatTokens([]), { mode: 0o600 });
    const { child } = await alone('held-disk', '--tokens', path);
    const said = new Promise<string>((resolve) => {
      child.stderr?.on('data', (text: string) => text.includes(path) && resolve(text));
    });
    await writeFile(path, '');
    const sentence = (await said).trimEnd();
    child.kill();
    return sentence;
  },
  'frames that are malformed, too large or cut short on the peer port': async () => {
    await asPeer('no frame at all', '127.0.0.2');
    return (await running.says(/server a: The connection to .*/))[0];
  },
  'a web page, a server of an older version, or anybody without the key, on the peer port':
    async () => {
      const url = `ws://127.0.0.1:${running.peerPort}`;
      const page = new WebSocket(url, [SUBPROTOCOL], {
        origin: 'http://evil.example',
        localAddress: '127.0.0.4',
      });
      page.on('error', () => {});
      await new Promise((resolve) => page.once('close', resolve));
      return (await running.says(/server a: A connection from 127.0.0.4 .*/))[0];
    },
  'another cluster, server, storage or protocol version on the peer port': async () => {
    await asPeer(encodeOpen(OPENING), '127.0.0.3');
    return (await running.says(/server a: Server c is of .*/))[0];
  },
  'a client that vanishes in the middle of a body': async () => {
    const leader = (await running.status('a'))?.leaderClientAddress ?? '';
    const socket = await put(leader, 'half', 100, 'not a hundred');
    socket.destroy();
    await once(socket, 'close');
    expect(await statusOfKey(leader, 'half')).toBe(404);
    return null;
  },
  'a client that vanishes while it waits': async () => {
    const { endpoint, child } = await alone('held-disk');
    const socket = await putWhileHeld(endpoint, child);
    socket.destroy();
    child.send({ isHeld: false });
    const isThere = async () => (await statusOfKey(endpoint, 'whole')) === 200;
    expect(await eventually('it is applied', 10_000, isThere)).toBe(true);
    child.kill();
    return null;
  },
  'headers that do not end within 10 s, a body that does not arrive within 30 s': async () => {
    const answer = await slow.answer;
    expect(answer).toContain('400 Bad Request');
    expect(answer).toContain('"bad_request"');
    return answer.match(/"message":"(.*?)"/)?.[1] ?? answer;
  },
  'a server that does not stop within 4 s': async () => {
    const { endpoint, child, result } = await alone('held-disk');
    await putWhileHeld(endpoint, child);
    child.kill('SIGTERM');
    const { code, stderr } = await result;
    expect(code).toBe(0);
    return stderr.match(/server z: did not.*/)?.[0] ?? stderr;
  },
  'a disk that hangs': async () => {
    const { endpoint, child, result, dataDirectory } = await alone('hung-disk');
    await putWhileHeld(endpoint, child);
    const readiness = `${endpoint}/readyz/storage_writable`;
    const why = await eventually('it is not ready', 10_000, async () => {
      const answer = await fetch(readiness);
      return answer.status === 503 && answer.text();
    });
    expect(why).toMatch(/write \d+ has been under way for \d+\.\d s: the disk hangs/);
    const stoppedAt = performance.now();
    child.kill('SIGTERM');
    const { stderr } = await result;
    expect(performance.now() - stoppedAt).toBeLessThan(8_000);
    expect(child.signalCode).toBe('SIGTERM');
    expect(stderr).toContain(`to ${dataDirectory} has been under way for`);
    expect(stderr).toMatch(/ends by SIGTERM, since a system call of process \d+ has not returned/);
    expect((await readdir(dataDirectory)).filter((name) => name.startsWith('lock-'))).toHaveLength(
      1,
    );
    return stderr.match(/server z: did not.*/)?.[0] ?? stderr;
  },
  'a second signal to a server that stops': async () => {
    const { endpoint, child, result } = await alone('hung-disk');
    await putWhileHeld(endpoint, child);
    child.kill('SIGTERM');
    await new Promise((resolve) => setTimeout(resolve, 700));
    const secondAt = performance.now();
    child.kill('SIGTERM');
    await result;
    expect(performance.now() - secondAt).toBeLessThan(2_000);
    expect(child.signalCode).toBe('SIGTERM');
    return null;
  },
};

describe('a fault while it runs', () => {
  const rows = faultRows('While it runs');

  it('is on the page if it is provoked here, and provoked here if it is on the page', () => {
    expect(rows.map(({ fault }) => fault)).toEqual(Object.keys(PROVOKE));
  });

  for (const { fault, text } of rows) {
    it(`is met as the page says: ${fault}`, async () => {
      const said = await PROVOKE[fault]?.();
      if (said === null) expect('—').toMatch(text);
      else expect(said).toMatch(text);
    });
  }

  it('the cluster goes on', async () => {
    expect((await running.leader()).role).toBe('leader');
  });
});

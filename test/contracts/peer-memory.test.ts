/** What a server remembers of its peers' directories outlives it, and is not lost in silence. */
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { StorageError } from '../../src/host/errors.ts';
import { filePeerMemory } from '../../src/node/peer-memory.ts';
import { PeerRegister } from '../../src/node/peer-register.ts';
import { realClock } from '../../src/node/real-time.ts';
import { webSocketTransport } from '../../src/node/websocket-transport.ts';
import { identityOf } from '../../src/testing/transport-contract.ts';
import { loopbackCluster } from './loopback.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'statecraft-peers-'));
});
afterEach(() => rm(directory, { recursive: true }));

const PEERS = { b: { storageId: 'V1StGXR8', writeNumber: 12 } };

test('what is saved is loaded, by the owner of the file only', async () => {
  const memory = filePeerMemory(directory);
  expect(await memory.load()).toEqual({});
  await memory.save(PEERS);
  await memory.save({ ...PEERS, c: { storageId: 'x', writeNumber: 0 } });
  expect(await filePeerMemory(directory).load()).toEqual({
    ...PEERS,
    c: { storageId: 'x', writeNumber: 0 },
  });
  expect((await stat(join(directory, 'peers'))).mode & 0o777).toBe(0o600);
});

test('any flipped bit, and any cut, is an error that says what to do', async () => {
  const memory = filePeerMemory(directory);
  await memory.save(PEERS);
  const path = join(directory, 'peers');
  const bytes = await readFile(path);
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const flipped = Buffer.from(bytes);
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    await writeFile(path, flipped);
    await expect(memory.load()).rejects.toThrow(StorageError);
  }
  for (let length = 0; length < bytes.length; length += 1) {
    await writeFile(path, bytes.subarray(0, length));
    await expect(memory.load()).rejects.toThrow(/delete this one file and start the server again/);
  }
});

test('nobody is talked to before its directory is known for good, by whichever connection', async () => {
  const saves: (() => void)[] = [];
  const save = () => new Promise<void>((resolve) => saves.push(resolve));
  const memory = { load: async () => ({}), save };
  const register = new PeerRegister(['a', 'b'], realClock, () => {});
  await register.load(memory);
  const peer = { ...identityOf('b'), id: 'b', incarnation: 'run', writeNumber: 0 } as never;
  const learned: string[] = [];
  const both = ['first', 'second'].map((name) =>
    register.remember(peer).then(() => learned.push(name)),
  );
  await new Promise(setImmediate);
  expect(learned).toEqual([]);
  saves[0]?.();
  await Promise.all(both);
  expect(learned).toEqual(['first', 'second']);
});

test('a server that restarts still refuses a replaced directory', async () => {
  const cluster = await loopbackCluster(['a', 'b']);
  const meet = async (storageId: string) => {
    const memory = filePeerMemory(directory);
    let settle = (_: string) => {};
    const settled = new Promise<string>((resolve) => {
      settle = resolve;
    });
    const a = webSocketTransport({
      id: 'a',
      cluster,
      memory,
      onEvent: ({ type, message }) =>
        (type === 'connected' || type === 'refused') && settle(message),
    });
    const b = webSocketTransport({ id: 'b', cluster });
    await a.open(identityOf('a'));
    await b.open({ ...identityOf('b'), storageId });
    const message = await settled;
    await Promise.all([a.close(), b.close()]);
    return message;
  };
  expect(await meet('first')).toMatch(/^Connected to b/);
  expect(await meet('second')).toMatch(/its directory was replaced/);
  expect(await meet('first')).toMatch(/^Connected to b/);
});

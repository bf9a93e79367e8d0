/** What a server is, and what it may change between two starts (design: bootstrap and identity). */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keyValue } from '../../src/kv/index.ts';
import { fileStorage } from '../../src/node/file-storage.ts';
import { startServer } from '../../src/node/start-server.ts';

let directory = '';

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'statecraft-start-'));
});
afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

function start(cluster: Readonly<Record<string, string>>, bootstrap: boolean) {
  const storage = fileStorage(join(directory, 'a'));
  return startServer({ id: 'a', cluster, bootstrap, storage, stateMachine: keyValue });
}

describe('a server of a cluster', () => {
  it('may move to another address: the cluster is its name and its ids', async () => {
    const before = await start({ a: 'ws://127.0.0.1:0' }, true);
    await before.stop();
    const moving = start({ a: 'ws://localhost:0' }, false);
    await expect(moving).resolves.toMatchObject({ id: 'a' });
    await (await moving).stop();
  });

  it('takes no parameters that its transport cannot keep', async () => {
    const commandBytesMax = 8 * 1024 * 1024;
    const starting = startServer({
      ...{ id: 'a', cluster: { a: 'ws://127.0.0.1:0' }, bootstrap: true, stateMachine: keyValue },
      storage: fileStorage(join(directory, 'large')),
      parameters: { commandBytesMax, bytesInFlightMax: 2 * commandBytesMax },
    });
    await expect(starting).rejects.toThrow(
      'parameters.commandBytesMax (8388608) must not be above what one message of this transport ' +
        'carries (7340032 bytes), or what is larger is never sent',
    );
  });
});

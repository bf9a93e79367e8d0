/** Nobody is refused in silence, in whichever way its server was started (design: the network). */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { filter, firstValueFrom } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keyValue } from '../../src/kv/index.ts';
import { fileStorage } from '../../src/node/file-storage.ts';
import { nodeFiles, type WriteMode } from '../../src/node/files.ts';
import { type StartServerOptions, startServer } from '../../src/node/start-server.ts';
import { webSocketTransport } from '../../src/node/websocket-transport.ts';
import type { Server } from '../../src/ports/server.ts';
import { loopbackCluster } from './loopback.ts';

type Options = Partial<StartServerOptions<never, never, never, never>>;

let directory = '';
let cluster: Record<string, string>;
let servers: Server[];
/** What Node.js printed, and would have printed for a program that knows nothing of us. */
let printed: string[];
const note = (warning: Error) => printed.push(`${warning.name}: ${warning.message}`);

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'statecraft-silence-'));
  cluster = await loopbackCluster(['a', 'b']);
  servers = [];
  printed = [];
  process.on('warning', note);
});
afterEach(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  process.off('warning', note);
  await rm(directory, { recursive: true });
});

async function start(id: string, options: Options = {}): Promise<Server> {
  const storage = fileStorage(join(directory, id), { segmentBytes: 64 * 1024 });
  const given = { id, cluster, bootstrap: true, storage, stateMachine: keyValue };
  const server = (await startServer({ ...given, ...(options as object) })) as Server;
  servers.push(server);
  return server;
}

const leads = ({ leader$ }: Server) => firstValueFrom(leader$.pipe(filter(Boolean)));

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
}

const saysOf = (server: Server, pattern: RegExp) => () =>
  server.status().warnings.some(({ message }) => pattern.test(message));

describe('started without any option', () => {
  it('a server that was wiped is refused with a word on both sides', async () => {
    const a = await start('a');
    const first = await start('b');
    await Promise.all([leads(a), leads(first)]);
    await first.stop();
    await rm(join(directory, 'b'), { recursive: true });
    const wiped = await start('b');
    await until(saysOf(a, /Server b has another data directory/));
    await until(saysOf(wiped, /a refuses this server: Server b has another data directory/));
    expect(printed).toContainEqual(
      expect.stringMatching(/^StatecraftWarning: server a: Server b has another data directory/),
    );
    expect(printed).toContainEqual(
      expect.stringMatching(/^StatecraftWarning: server b: a refuses this server/),
    );
    const [refused] = a.status().warnings;
    expect(refused).toMatchObject({ from: 'transport', peer: 'b' });
  });

  it('so is one of another cluster', async () => {
    const a = await start('a');
    const foreign = await start('b', { clusterName: 'other' });
    await until(saysOf(a, /Server b is of cluster/));
    await until(saysOf(foreign, /Server b is of cluster|Server a is of cluster/));
    expect(printed.filter((line) => /is of cluster/.test(line)).length).toBeGreaterThan(1);
  });
});

describe('who was known', () => {
  const replaced = async (options: () => Options) => {
    const a = await start('a', options());
    const b = await start('b');
    await Promise.all([leads(a), leads(b)]);
    await Promise.all([a.stop(), b.stop()]);
    await rm(join(directory, 'b'), { recursive: true });
    const again = await start('a', options());
    await start('b');
    return again;
  };

  it('is kept in the directory of the storage for a transport made by hand', async () => {
    const again = await replaced(() => ({ transport: webSocketTransport({ id: 'a', cluster }) }));
    await until(saysOf(again, /Server b has another data directory/));
    expect(await readdir(join(directory, 'a'))).toContain('peers');
    expect(
      again
        .status()
        .warnings.map(({ message }) => message)
        .join(),
    ).not.toMatch(/forgotten/);
  });

  it('is forgotten with a storage of one’s own that keeps it nowhere, and that is said', async () => {
    const told: string[] = [];
    const storage = () => {
      const own = fileStorage(join(directory, 'a'), { segmentBytes: 64 * 1024 });
      return new Proxy(own, {
        get: (target, name) => {
          const value: unknown = Reflect.get(target, name);
          if (name === 'peerMemory') return undefined;
          return typeof value === 'function' ? value.bind(target) : value;
        },
      });
    };
    const observer = { onWarning: (message: string) => told.push(message) };
    const server = await start('a', { storage: storage(), observer });
    expect(told).toEqual([expect.stringMatching(/lost when this process ends/)]);
    expect(server.status().warnings).toMatchObject([{ from: 'transport', message: told[0] }]);
    expect(printed).toEqual([]);
  });
});

describe('a storage', () => {
  it('says what it could not delete, which fills the disk', async () => {
    const files = {
      ...nodeFiles,
      remove: async (path: string) => {
        if (!/\.(wal|snapshot)$/.test(path)) return nodeFiles.remove(path);
        throw Object.assign(new Error('EPERM: unlink'), { code: 'EPERM' });
      },
    };
    const storage = fileStorage(join(directory, 'a'), { segmentBytes: 16 * 1024, files });
    const parameters = { trailingBytes: 0, trailingEntries: 0 };
    const server = await start('a', { cluster: { a: cluster.a ?? '' }, storage, parameters });
    await leads(server);
    const indexes: number[] = [];
    for (let i = 1; i <= 2; i += 1) {
      await server.propose({ type: 'put', key: `k${i}`, value: 'v'.repeat(20_000) });
      server.takeSnapshot();
      await until(() => server.status().snapshotIndex > (indexes.at(-1) ?? 0));
      indexes.push(server.status().snapshotIndex);
    }
    await until(
      saysOf(server, /^Deleting older snapshots in .* failed: EPERM\. Give this user permission/),
    );
    await until(saysOf(server, /^Deleting older parts of the log in .* failed: EPERM/));
  });

  it('says that a write is under way for long, and when it has ended', async () => {
    let release = () => {};
    let held = Promise.resolve();
    const files = {
      ...nodeFiles,
      create: async (path: string, mode?: WriteMode) => {
        const file = await nodeFiles.create(path, mode);
        return {
          ...file,
          write: async (bytes: Uint8Array, offset: number) => {
            await held;
            return file.write(bytes, offset);
          },
        };
      },
    };
    const path = join(directory, 'a');
    const storage = fileStorage(path, { segmentBytes: 64 * 1024, files });
    const server = await start('a', { cluster: { a: cluster.a ?? '' }, storage });
    await leads(server);
    held = new Promise((resolve) => {
      release = resolve;
    });
    void server.propose({ type: 'put', key: 'k', value: 'v' });
    await until(saysOf(server, /^Write \d+ to .* has been under way for 5 s: the disk hangs/));
    expect(server.status().writes.underWay?.forMs).toBeGreaterThan(4_900);
    release();
    await until(saysOf(server, /^Write \d+ to .* has ended after \d+\.\d s/));
  });
});

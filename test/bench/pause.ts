/** (g) The longest pause of the event loop while 100 MiB of state are snapshotted and installed. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { filter, firstValueFrom, map, merge } from 'rxjs';
import { keyValue } from '../../src/kv/key-value.ts';
import { fileStorage } from '../../src/node/file-storage.ts';
import { startServer } from '../../src/node/start-server.ts';
import { freePorts } from '../cluster/running-cluster.ts';
import { print } from './figures.ts';

const VALUE_BYTES = 1_024;
const KEYS = 100 * 1_024;

/** Three servers in this process, so that whatever any of them does is seen in one event loop. */
async function trio(directory: string) {
  const first = await freePorts(3);
  const ids = ['a', 'b', 'c'] as const;
  const cluster = Object.fromEntries(ids.map((id, i) => [id, `ws://127.0.0.1:${first + i}`]));
  const start = (id: string) =>
    startServer({
      id,
      cluster,
      bootstrap: true,
      storage: fileStorage(join(directory, id)),
      stateMachine: keyValue,
      // Three servers share one busy event loop: this is not about elections.
      timing: { electionTimeoutMinMs: 2_000, electionTimeoutMaxMs: 3_000 },
      parameters: {
        snapshotAfterEntries: KEYS + 100,
        snapshotAfterBytesMin: 2 ** 40,
        snapshotAfterBytes: 2 ** 40,
      },
    });
  return { ids, start };
}

export async function benchPause(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'statecraft-pause-'));
  const { ids, start } = await trio(directory);
  const servers = await Promise.all(ids.map(start));
  const leads = (server: (typeof servers)[number]) =>
    server.role$.pipe(
      filter((role) => role === 'leader'),
      map(() => server),
    );
  const leader = await firstValueFrom(merge(...servers.map(leads)));
  const away = servers.find((server) => server !== leader) as typeof leader;
  await away.stop();
  const value = new Uint8Array(VALUE_BYTES).fill(120);
  let next = 0;
  const put = async (until: number) => {
    while (next < until) {
      next += 1;
      const { outcome } = await leader.propose({ type: 'put', key: `key ${next}`, value });
      if (outcome !== 'applied') throw new Error(`put ${next} ended ${outcome}`);
    }
  };
  const all = (until: number) => Promise.all(Array.from({ length: 256 }, () => put(until)));
  await all(KEYS);

  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await all(KEYS + 200);
  while (leader.status().snapshotIndex === 0) await new Promise((done) => setTimeout(done, 5));
  const taking = delay.max / 1e6;
  delay.reset();
  const returned = await start(away.id);
  const wanted = leader.status().snapshotIndex;
  await firstValueFrom(returned.applied$.pipe(filter((index) => index >= wanted)));
  const installing = delay.max / 1e6;
  delay.disable();
  if (returned.status().snapshotIndex < wanted) throw new Error('no snapshot was installed');
  print({ what: 'longest pause, 100 MiB snapshotted', unit: 'ms', values: [taking] });
  print({ what: 'longest pause, 100 MiB installed', unit: 'ms', values: [installing] });
  const running = servers.filter((server) => server !== away);
  await Promise.all([...running, returned].map((server) => server.stop()));
  await rm(directory, { recursive: true, force: true });
}

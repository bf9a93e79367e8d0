/** A cluster whose log was begun by a version that knew no rules for unused sessions (§8). */
import { expect, test } from 'vitest';
import { NO_BYTES } from '../../machines/rules/entries.ts';
import { DEFAULT_SESSION_SETTINGS, encodeSettings } from '../../machines/rules/sessions.ts';
import { keyValue } from '../../src/kv/key-value.ts';
import { simulate } from '../../src/simulation/index.ts';
import { electLeader, others } from '../paper/scenario.ts';

const { unusedExpiryMs: _, sessionsPerOwnerMax: __, ...oldDefaults } = DEFAULT_SESSION_SETTINGS;
const OLD_SETTINGS = { ...oldDefaults, sessionsMax: 2 };

const entry = { term: 1, time: 0, bytes: NO_BYTES } as const;
const DISK = {
  term: 1,
  commitIndex: 4,
  log: [
    { ...entry, type: 'settings', bytes: encodeSettings(OLD_SETTINGS) },
    { ...entry, type: 'openSession' },
    { ...entry, type: 'openSession' },
    // The table is full, and these sessions do not make room: refused for ever after.
    { ...entry, type: 'openSession' },
  ],
} as const;

function oldCluster() {
  const parameters = { trailingEntries: 0 };
  const disks = { a: DISK, b: DISK, c: DISK };
  return simulate({ seed: 5, servers: 3, stateMachine: keyValue, disks, parameters });
}
type Cluster = ReturnType<typeof oldCluster>;

/** The sessions of everybody's newest snapshot, which are of the same entry. */
async function tables(cluster: Cluster): Promise<(Uint8Array | undefined)[]> {
  for (const server of cluster.servers) server.takeSnapshot();
  await cluster.run({ forMs: 100 });
  const headers = cluster.servers.map(({ disk }) => {
    const id = disk.durable?.snapshot?.id;
    return id === undefined ? null : disk.snapshots.headerOf(id);
  });
  expect(new Set(headers.map((header) => header?.index)).size).toBe(1);
  return headers.map((header) => header?.sessions);
}

test('the first leader that knows the rules gives them to all by one entry, and the next one none', async () => {
  const cluster = oldCluster();
  const leader = await electLeader(cluster);
  await cluster.run({ forMs: 100 });
  const settings = { ...DEFAULT_SESSION_SETTINGS, sessionsMax: 2 };
  const expected = [
    { index: 5, type: 'empty' },
    { index: 6, type: 'settings', bytes: encodeSettings(settings) },
  ];
  for (const server of cluster.servers) expect(server.log().slice(5)).toMatchObject(expected);
  cluster.at(leader).crash();
  await electLeader(cluster);
  await cluster.run({ forMs: 100 });
  const [one] = others(cluster, leader) as [string];
  expect(cluster.at(one).log().slice(7)).toMatchObject([{ index: 7, type: 'empty' }]);
});

test('what was refused by the old rules stays refused, from whichever snapshot one starts', async () => {
  const cluster = oldCluster();
  await cluster.run({ forMs: 10 });
  cluster.at('a').takeSnapshot();
  await cluster.run({ forMs: 10 });
  expect(cluster.at('a').log().base).toMatchObject({ index: 4, settings: OLD_SETTINGS });
  cluster.at('a').restart();
  const leader = await electLeader(cluster);
  const opened = cluster.at(leader).openSession({ owner: 'ada' });
  expect(await cluster.settled(opened)).toMatchObject({ outcome: 'applied', index: 7 });
  cluster.at('b').takeSnapshot();
  await cluster.run({ forMs: 100 });
  cluster.at('b').restart();
  await cluster.run({ forMs: 2_000 });
  await electLeader(cluster);
  const [a, b, c] = await tables(cluster);
  expect(a?.byteLength).toBeGreaterThan(0);
  expect(b).toEqual(a);
  expect(c).toEqual(a);
  const last = cluster.at(await electLeader(cluster));
  const owners = [2, 3, 4, 7].map((id) => cluster.settled(last.sessionOwner(id)));
  // By the new rules the first opened made room for the last.
  expect(await Promise.all(owners)).toMatchObject([
    { result: null },
    { result: '' },
    { result: null },
    { result: 'ada' },
  ]);
});

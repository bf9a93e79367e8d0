/** Snapshots under way while everything else goes on (§7): written, read by two, stored, restored. */
import { expect, test } from 'vitest';
import type { SendChunk, StoreChunk } from '../../machines/rules/effects.ts';
import { DEFAULT_SESSION_SETTINGS } from '../../machines/rules/sessions.ts';
import type { SnapshotPointer } from '../../machines/rules/state.ts';
import { unpackFresh } from '../../src/formats/msgpack.ts';
import { readSnapshot } from '../../src/formats/snapshot-file.ts';
import { SessionTable } from '../../src/host/session-table.ts';
import { SnapshotTransfers } from '../../src/host/snapshot-transfers.ts';
import type { SnapshotReader } from '../../src/ports/storage.ts';
import { drainMicrotasks } from '../../src/simulation/drain-microtasks.ts';
import { pointerOf } from '../rules/states.ts';
import { ControlledStorage } from './controlled-storage.ts';
import { Ledger } from './ledger.ts';
import { configurationOf } from './rig.ts';
import { snapshotFile } from './snapshot-file.ts';

/** Says which readers were opened and closed. */
class WatchedStorage extends ControlledStorage {
  readonly seen: string[] = [];

  override async openSnapshot(id: string): Promise<SnapshotReader> {
    this.seen.push(`open ${id}`);
    const reader = await super.openSnapshot(id);
    const close = async () => {
      this.seen.push(`close ${id}`);
    };
    return { ...reader, close };
  }
}

function snapshotTransfers() {
  const storage = new WatchedStorage();
  const sessions = new SessionTable(DEFAULT_SESSION_SETTINGS);
  const stateMachine = new Ledger();
  const failures: unknown[] = [];
  const pauses: (() => void)[] = [];
  const made = new SnapshotTransfers({
    id: 'a',
    storage,
    stateMachine,
    sessions,
    pause: () => new Promise((resolve) => pauses.push(resolve)),
    onFailed: (error) => failures.push(error),
  });
  const goOn = async () => {
    for (; pauses.length > 0; await drainMicrotasks()) pauses.shift()?.();
  };
  return { transfers: made, storage, sessions, stateMachine, failures, goOn };
}

const frozen = {
  index: 2,
  term: 1,
  time: 0,
  configuration: configurationOf(['a', 'b', 'c']),
  settings: DEFAULT_SESSION_SETTINGS,
};
const opening = (index: number) => ({ index, time: 0, bytes: new Uint8Array(0) });

test('sessions are frozen with the state: what is opened while it is written is not in it', async () => {
  const { transfers: one, storage, sessions, failures, goOn } = snapshotTransfers();
  sessions.open(opening(1));
  const taken: SnapshotPointer[] = [];
  one.take(frozen, (snapshot) => taken.push(snapshot));
  sessions.open(opening(3));
  await drainMicrotasks();
  await goOn();
  await drainMicrotasks();
  const { header } = await readSnapshot(await storage.openSnapshot(taken[0]?.id ?? ''));
  expect((unpackFresh(header.sessions) as { id: number }[]).map(({ id }) => id)).toEqual([1]);
  expect(failures).toEqual([]);
});

async function withTwoSnapshots() {
  const made = snapshotTransfers();
  for (const id of ['old', 'new']) await made.storage.writeChunk(id, 0, new Uint8Array(10), true);
  const sent: string[] = [];
  const send = async (to: string, id: string, offset = 0) => {
    const snapshot = { ...pointerOf(2, 1, id), sizeBytes: 10 };
    const effect: SendChunk = {
      type: 'sendChunk',
      to,
      term: 1,
      requestId: 1,
      snapshot,
      offset,
      lengthMax: 5,
    };
    made.transfers.send(effect, (chunk) => sent.push(`${chunk.snapshot.id} to ${chunk.to}`));
    await drainMicrotasks();
  };
  return { ...made, sent, send };
}

test('two followers read two snapshots at once, each from a reader of its own', async () => {
  const { storage, sent, send } = await withTwoSnapshots();
  await send('b', 'old');
  await send('c', 'new');
  await send('b', 'old', 5);
  await send('c', 'new', 5);
  expect(sent).toEqual(['old to b', 'new to c', 'old to b', 'new to c']);
  expect(storage.seen).toEqual(['open old', 'open new']);
});

test('a follower that gets a newer snapshot reads that, and the older one is closed', async () => {
  const { storage, sent, send, transfers: one } = await withTwoSnapshots();
  await send('b', 'old');
  await send('b', 'new');
  expect(sent).toEqual(['old to b', 'new to b']);
  expect(storage.seen).toEqual(['open old', 'open new', 'close old']);
  one.closeReaders();
  await drainMicrotasks();
  expect(storage.seen.at(-1)).toBe('close new');
});

test('what is to be restored is opened at once, and closed when it is restored', async () => {
  const { transfers: one, storage, stateMachine, goOn } = snapshotTransfers();
  const { identity, bytes } = await snapshotFile({ index: 2, term: 1, lines: [] });
  await storage.writeChunk(identity.id, 0, bytes, true);
  const restore = one.restoring({ ...pointerOf(2, 1, identity.id), sizeBytes: bytes.byteLength });
  await storage.discardSnapshot(identity.id);
  const restored = restore();
  await drainMicrotasks();
  await goOn();
  await expect(restored).resolves.toBeUndefined();
  expect(stateMachine.restores).toBe(1);
  expect(storage.seen).toEqual([`open ${identity.id}`, `close ${identity.id}`]);
});

test('chunks are stored one after the other, and one of another snapshot is rejected', async () => {
  const { transfers: one, storage } = snapshotTransfers();
  const gates: (() => void)[] = [];
  const write = storage.writeChunk.bind(storage);
  storage.writeChunk = async (...chunk) => {
    await new Promise<void>((resolve) => gates.push(resolve));
    await write(...chunk);
  };
  const told: string[] = [];
  const store = (id: string, offset: number) => {
    const snapshot = { id, index: 2, term: 1, sizeBytes: 99 };
    const chunk = { snapshot, requestId: offset, offset, bytes: new Uint8Array(9), isLast: false };
    one.store(
      { type: 'storeChunk', ...chunk } as StoreChunk,
      ({ nextOffset }) => told.push(`stored ${id} through ${nextOffset}`),
      ({ snapshotId }) => told.push(`rejected ${snapshotId}`),
    );
  };
  store('s', 0);
  store('s', 9);
  store('t', 18);
  await drainMicrotasks();
  expect(gates).toHaveLength(1);
  for (; gates.length > 0; await drainMicrotasks()) gates.shift()?.();
  expect(told).toEqual(['stored s through 9', 'stored s through 18', 'rejected t']);
});

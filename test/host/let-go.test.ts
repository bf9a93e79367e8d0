/** A leader that steps down lets go of what it held for its followers, and one that ends of everything. */
import { describe, expect, test } from 'vitest';
import type { SnapshotReader } from '../../src/ports/storage.ts';
import { ControlledStorage } from './controlled-storage.ts';
import { commands } from './peer.ts';
import { Rig } from './rig.ts';

class CountedReaders extends ControlledStorage {
  open = 0;

  override async openSnapshot(id: string): Promise<SnapshotReader> {
    const reader = await super.openSnapshot(id);
    this.open += 1;
    const close = async () => {
      this.open -= 1;
    };
    return { ...reader, close };
  }
}

/** Server a leads, and reads its snapshot for c, whose entries it has cut. */
async function feeding() {
  const storage = new CountedReaders();
  const rig = await Rig.start({ storage, parameters: { trailingEntries: 0 } });
  await rig.lead();
  const call = rig.server.propose('x');
  await rig.settle();
  await rig.b.acknowledge();
  await call;
  rig.server.takeSnapshot();
  await rig.settle();
  expect(rig.server.status()).toMatchObject({ role: 'leader', snapshotIndex: 2 });
  let fail = (_: Error) => {};
  storage.reading = new Promise((_, reject) => {
    fail = reject;
  });
  await rig.c.acknowledge();
  expect(storage.open).toBe(1);
  return { rig, storage, failReading: fail };
}

test('no snapshot stays open for followers of a leadership that is over', async () => {
  const { rig, storage } = await feeding();
  await rig.b.append({ term: 2, prevLogIndex: 2, prevLogTerm: 1 });
  expect(rig.server.status().role).toBe('follower');
  expect(storage.open).toBe(0);
});

describe('a server that has failed', () => {
  test('reads no snapshot for anybody, and keeps its first failure', async () => {
    const { rig, storage, failReading } = await feeding();
    await rig.c.append({ term: 1 });
    expect(storage.open).toBe(0);
    failReading(new Error('the file is closed'));
    await rig.settle();
    expect(rig.failures).toMatchObject([{ name: 'InvariantViolation' }]);
    expect(rig.server.status().failure).toBe(rig.failures[0]);
  });

  test('writes nothing of what waited for its disk', async () => {
    const rig = await Rig.start();
    await rig.lead();
    rig.storage.isHolding = true;
    for (const text of ['x', 'y']) {
      void rig.server.propose(text);
      await rig.settle();
    }
    const { length } = rig.storage.writes;
    await rig.c.append({ term: 1 });
    await rig.finishWrite();
    expect(rig.storage.writes).toHaveLength(length);
  });

  test('applies nothing of what waited for a restore', async () => {
    const rig = await Rig.start();
    let open = () => {};
    rig.storage.reading = new Promise((resolve) => {
      open = resolve;
    });
    await rig.b.installLedger({ index: 9, term: 1, lines: [] });
    const entries = commands(10, 1, 'y');
    await rig.b.append({ prevLogIndex: 9, prevLogTerm: 1, entries, leaderCommit: 10 });
    await rig.c.append({ term: 1 });
    open();
    await rig.settle();
    expect(rig.ledger.lines).toEqual([]);
  });
});

test('a server whose transport does not open closes its ports, and says why', async () => {
  const storage = new ControlledStorage();
  const openTransport = () => Promise.reject(new Error('the address is in use'));
  await expect(Rig.start({ storage, openTransport })).rejects.toThrow('the address is in use');
  expect(storage.isClosed).toBe(true);
});

/** A leader that steps down lets go of what it held for its followers. */
import { expect, test } from 'vitest';
import type { SnapshotReader } from '../../src/ports/storage.ts';
import { ControlledStorage } from './controlled-storage.ts';
import { Rig } from './rig.ts';

class CountedReaders extends ControlledStorage {
  open = 0;

  override async openSnapshot(id: string): Promise<SnapshotReader> {
    const reader = await super.openSnapshot(id);
    this.open += 1;
    return {
      ...reader,
      close: async () => {
        this.open -= 1;
      },
    };
  }
}

test('no snapshot stays open for followers of a leadership that is over', async () => {
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
  await rig.c.acknowledge();
  await rig.settle();
  expect(rig.sentOf('InstallSnapshot')).toMatchObject([{ to: 'c', snapshot: { index: 2 } }]);
  expect(storage.open).toBe(1);
  await rig.b.append({ term: 2, prevLogIndex: 2, prevLogTerm: 1 });
  expect(rig.server.status().role).toBe('follower');
  expect(storage.open).toBe(0);
});

/** TestSnapshotRPC3B and TestSnapshotSize3B: who lags gets a snapshot, and snapshots are small. */
import { expectValues } from './clerk.ts';
import { claim } from './course-test.ts';
import { KeyValueLab, type KeyValueOptions } from './key-value-lab.ts';
import { LAB_3, SNAPSHOT_RPC, SNAPSHOT_SIZE } from './lab-3-bounds.ts';

const [FIRST, SECOND, THIRD] = [0, 1, 2] as const;

/** The log behind a server that was away is gone; the next majority needs that very server. */
export async function runSnapshotRpc(seed: number, options: KeyValueOptions = {}): Promise<void> {
  const { servers, maxRaftState, puts } = SNAPSHOT_RPC;
  const lab = new KeyValueLab(seed, { ...options, servers, maxRaftState });
  await lab.run(async () => {
    const clerk = lab.makeClerk();
    await clerk.put('a', 'A');
    await expectValues(clerk, { a: 'A' });

    lab.partition([FIRST, SECOND]);
    const ahead = lab.makeClerk([FIRST, SECOND]);
    for (let i = 0; i < puts; i += 1) await ahead.put(String(i), String(i));
    await lab.time.sleep(LAB_3.electionTimeoutMs);
    await ahead.put('b', 'B');
    lab.assertTrimmed();

    lab.partition([FIRST, THIRD]);
    const caughtUp = lab.makeClerk([FIRST, THIRD]);
    await caughtUp.put('c', 'C');
    await caughtUp.put('d', 'D');
    await expectValues(caughtUp, { a: 'A', b: 'B', 1: '1', [puts - 1]: String(puts - 1) });
    claim(lab.snapshotsRestoredAt(THIRD) > 0, 'who was away caught up without a snapshot');

    lab.connectAll();
    await clerk.put('e', 'E');
    await expectValues(clerk, { c: 'C', e: 'E', 1: '1' });
  });
}

/** One key, written over and over: neither log nor snapshot may grow with the history. */
export async function runSnapshotSize(seed: number, options: KeyValueOptions = {}): Promise<void> {
  const { servers, maxRaftState, turns, snapshotBytesMax } = SNAPSHOT_SIZE;
  const lab = new KeyValueLab(seed, { ...options, servers, maxRaftState });
  await lab.run(async () => {
    const clerk = lab.makeClerk();
    for (let turn = 0; turn < turns; turn += 1) {
      for (const value of ['0', '1']) {
        await clerk.put('x', value);
        await expectValues(clerk, { x: value });
      }
    }
    lab.assertTrimmed();
    const { snapshotBytes } = lab;
    claim(snapshotBytes > 0, 'no snapshot was ever taken');
    claim(
      snapshotBytes <= snapshotBytesMax,
      `a snapshot of ${snapshotBytes} bytes, at most ${snapshotBytesMax}`,
    );
  });
}

/**
 * The control runs of lab 3: the course's tests must notice servers that are wrong on purpose, and
 * say what is wrong with them.
 */
import { describe, expect, it } from 'vitest';
import type { Mistake } from './key-value-state.ts';
import { GENERIC, type GenericName } from './lab-3-bounds.ts';
import { runGeneric } from './lab-3-generic.ts';
import { runOnePartition } from './lab-3-partition.ts';
import { runSnapshotRpc } from './lab-3-snapshots.ts';

const SEED = 1;
/** In one of twelve seeds, which is the first, no client happens to read what is old. */
const READER_SEED = 2;

const run = (name: GenericName, mistake?: Mistake, seed = SEED) =>
  runGeneric(GENERIC[name], seed, { isShort: true, ...(mistake && { mistake }) });

describe('control runs of lab 3', () => {
  it('who applies repeats fails TestUnreliable3A: an append stands there twice (§8)', async () => {
    const failure = /^the append 'x \d \d+ y' stands there twice$/;
    await expect(run('TestUnreliable3A', 'applies repeats')).rejects.toThrow(failure);
  });

  it('who leaves sessions out of snapshots fails TestSnapshotUnreliableRecover3B (§8)', async () => {
    const failure = /^the append 'x \d \d+ y' stands there twice$/;
    const wrong = run('TestSnapshotUnreliableRecover3B', 'leaves sessions out of snapshots');
    await expect(wrong).rejects.toThrow(failure);
  });

  it('who reads without the log fails the test with random keys: not linearizable (§8)', async () => {
    const name = 'TestPersistPartitionUnreliableLinearizable3A';
    const wrong = run(name, 'reads without the log', READER_SEED);
    await expect(wrong).rejects.toThrow(/^the history of \d+ operations: violation$/m);
  });

  it('who reads without the log answers in a minority, and fails TestOnePartition3A', async () => {
    const wrong = runOnePartition(SEED, { mistake: 'reads without the log' });
    await expect(wrong).rejects.toThrow(/^done in the minority: get$/);
  });

  it('who takes no snapshots fails by the size of its Raft state (§7)', async () => {
    const failure = /^\d+ bytes of Raft state, at most 8000: the log is not trimmed$/;
    await expect(run('TestSnapshotUnreliable3B', 'takes no snapshots')).rejects.toThrow(failure);
    const lagging = runSnapshotRpc(SEED, { mistake: 'takes no snapshots' });
    await expect(lagging).rejects.toThrow(/^who was away caught up without a snapshot$/);
  });

  it('the same runs pass with servers that are right', async () => {
    await run('TestUnreliable3A');
    await run('TestSnapshotUnreliableRecover3B');
    await run('TestPersistPartitionUnreliableLinearizable3A', undefined, READER_SEED);
  });
});

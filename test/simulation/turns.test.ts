/** Turns that take time: what a tidy simulation never lets happen at once, happens at once. */
import { expect, test } from 'vitest';
import { converge, electLeader, keyValueCluster, put } from '../paper/scenario.ts';

function busy(seed: number, turnMsMax: number | (() => number)) {
  const parameters = { snapshotAfterEntries: 5, trailingEntries: 0 };
  return keyValueCluster({ seed, turnMsMax, parameters });
}

/** Writes of some turns, and the trace of it all. */
async function written(turnMsMax: number) {
  const cluster = busy(41, turnMsMax);
  const leader = await electLeader(cluster);
  for (let n = 0; n < 20; n += 1) {
    void cluster.at(leader).propose(put(`k${n}`));
    await cluster.run({ forMs: 5 });
  }
  await converge(cluster);
  expect(cluster.referee.violation).toBeNull();
  return cluster.trace();
}

test('entries are applied while a snapshot of the state before them is being written', async () => {
  const cluster = busy(40, 20);
  const leader = await electLeader(cluster);
  for (let n = 0; n < 60; n += 1) void cluster.at(leader).propose(put(`k${n}`));
  let takenAt: number | null = null;
  const isAppliedMeanwhile = () => {
    const state = cluster.at(leader).state;
    if (state?.isTakingSnapshot !== true) takenAt = null;
    else takenAt ??= state.lastApplied;
    return takenAt !== null && (state?.lastApplied ?? 0) > takenAt;
  };
  await cluster.run({ until: isAppliedMeanwhile, withinMs: 5_000 });
  await converge(cluster);
  const snapshot = cluster.at(leader).disk.durable?.snapshot;
  expect(snapshot?.index).toBeGreaterThan(0);
  expect(cluster.referee.violation).toBeNull();
});

test('they come from the seed: the same run twice is the same to the last line', async () => {
  expect(await written(20)).not.toBe(await written(0));
  expect(await written(20)).toBe(await written(20));
});

test('turns that are short again let a server catch up at once', async () => {
  let turnMsMax = 1_000;
  const cluster = busy(42, () => turnMsMax);
  const leader = await electLeader(cluster);
  for (let n = 0; n < 60; n += 1) void cluster.at(leader).propose(put(`k${n}`));
  const behind = () => {
    const { commitIndex, appliedIndex } = cluster.at(leader).status();
    return commitIndex - appliedIndex;
  };
  await cluster.run({ forMs: 200 });
  expect(behind()).toBeGreaterThan(20);
  turnMsMax = 0;
  // The turn that is under way was drawn before.
  await cluster.run({ forMs: 1_001 });
  expect(behind()).toBe(0);
});

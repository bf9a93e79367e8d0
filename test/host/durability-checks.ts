/**
 * What waits for which write (design: durability), as checks that can be run against a server that
 * keeps the promise and against one that does not.
 */
import { expect } from 'vitest';
import { command, commands } from './peer.ts';
import { Rig } from './rig.ts';
import { snapshotFile } from './snapshot-file.ts';

export type Check = () => Promise<void>;

/** A follower of b, in term 1, that has nothing in flight; its next writes are held. */
async function follower(): Promise<Rig> {
  const rig = await Rig.start();
  await rig.b.append();
  rig.takeSent();
  rig.storage.isHolding = true;
  return rig;
}

/** Nothing has left that needs the disk, and does when the write has ended. */
async function leavesAfterWrite(rig: Rig, expected: readonly object[]): Promise<void> {
  expect(rig.storage.inFlight).not.toBeNull();
  expect(rig.sent).toEqual([]);
  await rig.finishWrite();
  expect(rig.sent).toMatchObject(expected);
}

export const waitsForItsWrite: Readonly<Record<string, Check>> = {
  'RequestVote leaves when our own vote is durable (§5.2)': async () => {
    const rig = await Rig.start();
    rig.storage.isHolding = true;
    await rig.advance(600);
    const [ask] = rig.sentOf('PreVote');
    rig.takeSent();
    if (ask !== undefined) await rig.b.grantPreVote(ask);
    expect(rig.storage.inFlight).toMatchObject({ term: 1, votedFor: 'a' });
    await leavesAfterWrite(rig, [
      { type: 'RequestVote', to: 'b', term: 1 },
      { type: 'RequestVote', to: 'c', term: 1 },
    ]);
  },

  'RequestVoteResponse leaves when the vote is durable (§5.2)': async () => {
    const rig = await Rig.start();
    rig.storage.isHolding = true;
    await rig.b.requestVote();
    await rig.b.requestVote();
    expect(rig.sent).toEqual([]);
    await rig.finishWrite();
    const granted = { type: 'RequestVoteResponse', to: 'b', granted: true };
    // The term and the vote were decided in one step, so one write holds both.
    expect(rig.storage.state).toMatchObject({ term: 1, votedFor: 'b' });
    expect(rig.sent).toMatchObject([granted, granted]);
  },

  'a refused vote leaves when the term it carries is durable (§5.1)': async () => {
    const rig = await Rig.start();
    rig.storage.isHolding = true;
    await rig.b.requestVote({ term: 7 });
    await rig.c.requestVote({ term: 7 });
    await leavesAfterWrite(rig, [
      { to: 'b', granted: true, term: 7 },
      { to: 'c', granted: false, term: 7 },
    ]);
  },

  'AppendEntriesResponse to entries leaves when they are durable (§5.3)': async () => {
    const rig = await follower();
    await rig.b.append({ entries: commands(1, 1, 'x', 'y') });
    await leavesAfterWrite(rig, [{ type: 'AppendEntriesResponse', success: true, matchIndex: 2 }]);
  },

  'entries repeated while their write is in flight are acknowledged after it': async () => {
    const rig = await follower();
    const entries = commands(1, 1, 'x');
    await rig.b.append({ entries, requestId: 11 });
    await rig.b.append({ entries, requestId: 12 });
    await leavesAfterWrite(rig, [
      { requestId: 11, matchIndex: 1 },
      { requestId: 12, matchIndex: 1 },
    ]);
    expect(rig.storage.writes.flatMap((write) => write.entries)).toHaveLength(1);
  },

  'a refusal of entries waits for the write in flight, and answers keep their order': async () => {
    const rig = await follower();
    await rig.b.append({ entries: commands(1, 1, 'x'), requestId: 21 });
    const entries = commands(6, 1, 'far');
    await rig.b.append({ prevLogIndex: 5, prevLogTerm: 1, entries, requestId: 22 });
    await rig.b.append({ entries: [command(1, 1, 'x')], requestId: 23 });
    await leavesAfterWrite(rig, [
      { requestId: 21, success: true },
      { requestId: 22, success: false },
      { requestId: 23, success: true },
    ]);
  },

  'the last InstallSnapshotResponse leaves when the snapshot is in force (§7)': async () => {
    const rig = await follower();
    const { identity, bytes } = await snapshotFile({ index: 9, term: 1, lines: [] });
    await rig.b.install(identity, bytes);
    expect(rig.storage.inFlight).toMatchObject({ snapshot: { id: identity.id, index: 9 } });
    await leavesAfterWrite(rig, [{ type: 'InstallSnapshotResponse', isDone: true }]);
  },

  'a stale snapshot is answered after the write in flight, which may hold what it repeats':
    async () => {
      const rig = await follower();
      const { identity, bytes } = await snapshotFile({ index: 1, term: 1, lines: [] });
      await rig.b.append({ entries: commands(1, 1, 'x'), leaderCommit: 1 });
      await rig.b.install(identity, bytes);
      await leavesAfterWrite(rig, [
        { type: 'AppendEntriesResponse', matchIndex: 1 },
        { type: 'InstallSnapshotResponse', isDone: true },
      ]);
    },
};

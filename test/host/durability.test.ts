import { afterEach, describe, expect, test, vi } from 'vitest';
import { Outbox } from '../../src/host/outbox.ts';
import { waitsForItsWrite } from './durability-checks.ts';
import { commands } from './peer.ts';
import { Rig } from './rig.ts';
import { snapshotFile } from './snapshot-file.ts';

afterEach(() => vi.restoreAllMocks());

describe('what promises something of our disk waits for it (§5)', () => {
  for (const [title, check] of Object.entries(waitsForItsWrite)) test(title, check);
});

describe('without persist before send, each of these checks is red', () => {
  for (const [title, check] of Object.entries(waitsForItsWrite)) {
    test(title, async () => {
      const { add } = Outbox.prototype;
      vi.spyOn(Outbox.prototype, 'add').mockImplementation(function (this: Outbox, effect) {
        add.call(this, { ...effect, afterWrite: 0 });
      });
      await expect(check()).rejects.toThrow(/^expected .* to/);
    });
  }
});

describe('what promises nothing leaves at once', () => {
  test("the leader's AppendEntries leave before its own disk has them (thesis §10.2.1)", async () => {
    const rig = await Rig.start();
    await rig.lead();
    rig.takeSent();
    rig.storage.isHolding = true;
    void rig.server.propose('x');
    await rig.settle();
    expect(rig.storage.inFlight?.entries).toHaveLength(1);
    expect(
      rig.sentOf('AppendEntries').map(({ to, entries }) => [to, entries.length]),
    ).toContainEqual(['b', 1]);
  });

  test('pre-votes and their answers wait for no write (thesis §9.6)', async () => {
    const rig = await Rig.start();
    rig.storage.isHolding = true;
    await rig.b.requestVote();
    await rig.c.preVote({ proposedTerm: 2 });
    expect(rig.storage.inFlight).not.toBeNull();
    expect(rig.sent).toMatchObject([{ type: 'PreVoteResponse', to: 'c', granted: true }]);
    rig.takeSent();
    await rig.advance(600);
    expect(new Set(rig.sentOf('PreVote').map(({ to }) => to))).toEqual(new Set(['b', 'c']));
  });

  test('a heartbeat is answered while entries are being written, for what is durable', async () => {
    const rig = await Rig.start();
    await rig.b.append({ entries: commands(1, 1, 'x') });
    rig.takeSent();
    rig.storage.isHolding = true;
    await rig.b.append({ prevLogIndex: 1, prevLogTerm: 1, entries: commands(2, 1, 'y') });
    await rig.b.append({ prevLogIndex: 2, prevLogTerm: 1, requestId: 40 });
    expect(rig.sent).toMatchObject([{ requestId: 40, success: true, matchIndex: 1 }]);
  });

  test('a heartbeat of a new term is answered when the term is durable (§5.1)', async () => {
    const rig = await Rig.start();
    rig.storage.isHolding = true;
    await rig.b.append({ term: 3 });
    expect(rig.sent).toEqual([]);
    await rig.finishWrite();
    expect(rig.sent).toMatchObject([{ type: 'AppendEntriesResponse', term: 3, success: true }]);
  });

  test('chunks in the middle of a snapshot are answered while a write is in flight', async () => {
    const rig = await Rig.start();
    await rig.b.append();
    rig.storage.isHolding = true;
    await rig.b.append({ entries: commands(1, 1, 'x') });
    rig.takeSent();
    const { identity, bytes } = await snapshotFile({ index: 9, term: 1, lines: [] });
    await rig.b.install(identity, bytes.subarray(0, 20), { isLast: false });
    expect(rig.sent).toMatchObject([
      { type: 'InstallSnapshotResponse', nextOffset: 20, isDone: false },
    ]);
  });

  test('TimeoutNow waits for no write (thesis §3.10)', async () => {
    const rig = await Rig.start();
    await rig.lead();
    rig.storage.isHolding = true;
    void rig.server.propose('x', { timeoutMs: 10 });
    await rig.settle();
    void rig.server.stop();
    await rig.advance(20);
    expect(rig.storage.inFlight).not.toBeNull();
    expect(rig.sentOf('TimeoutNow')).toMatchObject([{ to: 'b', term: 1 }]);
    await rig.advance(2_000);
  });
});

describe('our own disk counts only for what it has confirmed', () => {
  test('a candidate counts its own vote when it is durable (§5.2)', async () => {
    const rig = await Rig.start();
    await rig.advance(500);
    rig.storage.isHolding = true;
    const [ask] = rig.sentOf('PreVote');
    if (ask !== undefined) await rig.b.grantPreVote(ask);
    await rig.b.grantVote({ ...rig.storage.inFlight, requestId: 2 } as never);
    expect(rig.server.status().role).toBe('candidate');
    await rig.finishWrite();
    expect(rig.server.status().role).toBe('leader');
  });

  test('a cluster of one leads after its first sync, and commits after its second', async () => {
    const rig = await Rig.start({ servers: ['a'] });
    rig.storage.isHolding = true;
    await rig.advance(600);
    expect(rig.server.status().role).toBe('candidate');
    await rig.finishWrite();
    expect(rig.server.status()).toMatchObject({ role: 'leader', commitIndex: 0 });
    await rig.finishWrite();
    expect(rig.server.status()).toMatchObject({ commitIndex: 1, appliedIndex: 1 });
  });

  test('a leader is no part of the majority before its own write has ended (§5.3)', async () => {
    const rig = await Rig.start();
    await rig.lead();
    rig.storage.isHolding = true;
    void rig.server.propose('x');
    await rig.settle();
    await rig.b.acknowledge();
    expect(rig.server.status().commitIndex).toBe(1);
    await rig.finishWrite();
    expect(rig.server.status().commitIndex).toBe(2);
  });

  test("a client's answer waits for a majority, never for this server's own disk", async () => {
    const rig = await Rig.start();
    await rig.lead();
    await rig.c.acknowledge();
    await rig.c.acknowledge();
    rig.storage.isHolding = true;
    const outcomes: unknown[] = [];
    void rig.server.propose('x').then((outcome) => outcomes.push(outcome));
    await rig.settle();
    await rig.b.acknowledge();
    await rig.c.acknowledge();
    expect(rig.storage.inFlight).not.toBeNull();
    expect(outcomes[0]).toMatchObject({ outcome: 'applied', index: 2, result: 1 });
  });
});

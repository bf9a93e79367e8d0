import { describe, expect, test } from 'vitest';
import { commands, emptyEntry } from './peer.ts';
import { Rig } from './rig.ts';

const timedOut = { outcome: 'unknown', reason: 'timed-out' };

async function leader(options: Parameters<typeof Rig.start>[0] = {}): Promise<Rig> {
  const rig = await Rig.start(options);
  await rig.lead();
  return rig;
}

/** A leader of term 1 with 'x' at index 2, in its own log only. */
async function withOneAppended(timeoutMs = 10_000) {
  const rig = await leader();
  const call = rig.server.propose('x', { timeoutMs });
  await rig.settle();
  return { rig, call };
}

/** b leads term 2, and replaces what follows entry 1 by entries of its own. */
async function deposeAndReplace(rig: Rig): Promise<void> {
  const entries = [emptyEntry(2, 2), ...commands(3, 2, 'other')];
  await rig.b.append({ term: 2, prevLogIndex: 1, prevLogTerm: 1, entries, leaderCommit: 3 });
}

describe('applied', () => {
  test('a committed command answers with its result, index and term', async () => {
    const { rig, call } = await withOneAppended();
    await rig.b.acknowledge();
    expect(await call).toEqual({ outcome: 'applied', result: 1, index: 2, term: 1 });
  });

  test('a deposed leader still learns that its entry was committed by the next one', async () => {
    const { rig, call } = await withOneAppended();
    const [x] = rig.storage.state.entries.slice(-1);
    await rig.b.append({
      term: 2,
      prevLogIndex: 2,
      prevLogTerm: 1,
      entries: [emptyEntry(3, 2)],
      leaderCommit: 3,
    });
    expect(x).toMatchObject({ index: 2, term: 1 });
    expect(await call).toMatchObject({ outcome: 'applied', index: 2, term: 1 });
  });

  test('commands of one turn are one batch: one write, in the order they were proposed', async () => {
    const rig = await leader();
    const { length } = rig.storage.writes;
    const calls = ['x', 'y', 'z'].map((text) => rig.server.propose(text));
    await rig.settle();
    expect(rig.storage.writes).toHaveLength(length + 1);
    await rig.b.acknowledge();
    const outcomes = await Promise.all(calls);
    expect(outcomes).toMatchObject([{ index: 2 }, { index: 3 }, { index: 4 }]);
    expect(rig.ledger.lines.map(({ text }) => text)).toEqual(['x', 'y', 'z']);
  });
});

describe('refused: definitely not applied', () => {
  test('not the leader, with the leader we hear from', async () => {
    const rig = await Rig.start();
    const refused = { outcome: 'refused', reason: 'not-leader', retry: true };
    expect(await rig.server.propose('x')).toEqual({ ...refused, leader: null });
    await rig.b.append();
    expect(await rig.server.propose('x')).toEqual({ ...refused, leader: 'b' });
    expect(await rig.server.query('lines')).toEqual({ ...refused, leader: 'b' });
    await rig.advance(300);
    expect(await rig.server.propose('x')).toEqual({ ...refused, leader: null });
  });

  test('overloaded: the part of a batch that the bound has no room for', async () => {
    const rig = await leader({ parameters: { uncommittedBytesMax: 120, commandBytesMax: 72 } });
    const calls = ['x', 'y', 'z'].map((text) => rig.server.propose(text));
    await rig.settle();
    expect(await calls[2]).toMatchObject({ reason: 'overloaded', leader: 'a', retry: true });
    await rig.b.acknowledge();
    expect(await calls[0]).toMatchObject({ outcome: 'applied' });
    expect(await calls[1]).toMatchObject({ outcome: 'applied' });
  });

  test('too large: longer than one command may be', async () => {
    const rig = await leader({ parameters: { commandBytesMax: 8 } });
    const refused = { outcome: 'refused', reason: 'too-large', retry: false };
    expect(await rig.server.propose('much too long')).toMatchObject(refused);
  });

  test('overwritten: an entry of another term is committed at its index', async () => {
    const { rig, call } = await withOneAppended();
    await deposeAndReplace(rig);
    const refused = { outcome: 'refused', reason: 'overwritten', leader: 'b', retry: true };
    expect(await call).toEqual(refused);
    expect(rig.ledger.lines).toEqual([{ index: 3, text: 'other' }]);
  });

  test('overwritten by ourselves, elected again: each call learns of its own entry', async () => {
    const rig = await leader();
    const old = ['x', 'y', 'w'].map((text) => rig.server.propose(text));
    await rig.settle();
    const replaced = { term: 2, prevLogIndex: 1, prevLogTerm: 1, entries: [emptyEntry(2, 2)] };
    await rig.b.append(replaced);
    await rig.advance(460);
    await rig.b.grantAll();
    expect(rig.server.status()).toMatchObject({ role: 'leader', term: 3, lastLogIndex: 3 });
    const call = rig.server.propose('z');
    await rig.settle();
    await rig.b.acknowledge();
    await rig.b.acknowledge();
    expect(await call).toMatchObject({ outcome: 'applied', index: 4, term: 3 });
    const outcomes = await Promise.all(old);
    expect(outcomes).toMatchObject(old.map(() => ({ reason: 'overwritten', leader: 'a' })));
  });

  test('session expired, answer discarded: refused on apply, and not to be repeated', async () => {
    const rig = await leader();
    const opened = rig.server.openSession();
    await rig.settle();
    await rig.b.acknowledge();
    expect(await opened).toMatchObject({ result: { session: 2 } });
    const calls = [
      rig.server.propose('x', { session: { session: 2, sequence: 5, firstUnanswered: 5 } }),
      rig.server.propose('y', { session: { session: 2, sequence: 4, firstUnanswered: 4 } }),
      rig.server.propose('z', { session: { session: 99, sequence: 1 } }),
    ];
    await rig.settle();
    await rig.b.acknowledge();
    const [x, y, z] = await Promise.all(calls);
    expect(x).toMatchObject({ outcome: 'applied' });
    expect(y).toMatchObject({ outcome: 'refused', reason: 'answer-discarded', retry: false });
    expect(z).toMatchObject({ outcome: 'refused', reason: 'session-expired', retry: false });
    expect(rig.ledger.lines.map(({ text }) => text)).toEqual(['x']);
  });

  test('stopped: nothing is accepted any more', async () => {
    const rig = await leader();
    const stopped = rig.server.stop();
    expect(await rig.server.propose('x')).toMatchObject({ reason: 'stopped', retry: true });
    expect(await rig.server.openSession()).toMatchObject({ reason: 'stopped' });
    expect(await rig.server.query('lines', { consistency: 'stale' })).toMatchObject({
      reason: 'stopped',
    });
    await rig.advance(2_000);
    await stopped;
  });
});

describe('unknown: it may have been applied, or may yet be', () => {
  test('leadership lost, and nobody tells what became of it', async () => {
    const { rig, call } = await withOneAppended();
    await rig.b.append({ term: 2, prevLogIndex: 1, prevLogTerm: 1 });
    await rig.advance(600);
    expect(await call).toEqual({ outcome: 'unknown', reason: 'leadership-lost' });
  });

  test('timed out: appended, and not committed by the deadline', async () => {
    const { rig, call } = await withOneAppended(50);
    await rig.advance(49);
    expect(await Promise.race([call, 'pending'])).toBe('pending');
    await rig.advance(1);
    expect(await call).toEqual(timedOut);
    await rig.b.acknowledge();
    expect(rig.ledger.lines).toEqual([{ index: 2, text: 'x' }]);
  });

  test('each call has a deadline of its own, and 10 seconds by default', async () => {
    const rig = await leader();
    const settled: string[] = [];
    const watch = (name: string, timeoutMs?: number) =>
      void rig.server
        .propose(name, timeoutMs === undefined ? {} : { timeoutMs })
        .then(({ outcome }) => settled.push(`${name} ${outcome}`));
    watch('long');
    watch('short', 100);
    watch('shorter', 50);
    await rig.advance(20);
    watch('later', 50);
    for (const [ms, count] of [
      [29, 0],
      [1, 1],
      [20, 2],
      [30, 3],
    ] as const) {
      await rig.b.acknowledgeHeartbeats();
      await rig.advance(ms);
      expect(settled).toHaveLength(count);
    }
    expect(settled).toEqual(['shorter unknown', 'later unknown', 'short unknown']);
    for (let i = 0; i < 99; i += 1) {
      await rig.b.acknowledgeHeartbeats();
      await rig.advance(100);
    }
    expect(settled.at(-1)).toBe('long unknown');
  });

  test('stopped: what is pending settles, and the others need not time out', async () => {
    const { rig, call } = await withOneAppended();
    const query = rig.server.query('lines');
    const stopped = rig.server.stop();
    expect(rig.server.stop()).toBe(stopped);
    await rig.advance(600);
    expect(rig.sentOf('TimeoutNow')).toMatchObject([{ to: 'b', term: 1 }]);
    await rig.advance(600);
    await stopped;
    expect(await call).toMatchObject({ outcome: 'unknown' });
    expect(await query).toMatchObject({ outcome: 'refused' });
    expect(rig.clock.nextDeadline).toBe(Number.POSITIVE_INFINITY);
  });

  test('a leader that stops waits for what can still be committed', async () => {
    const { rig, call } = await withOneAppended();
    const stopped = rig.server.stop();
    await rig.b.acknowledge();
    expect(await call).toMatchObject({ outcome: 'applied' });
    expect(rig.sentOf('TimeoutNow')).toHaveLength(1);
    await rig.b.requestVote({
      term: 2,
      lastLogIndex: 2,
      lastLogTerm: 1,
      isLeadershipTransfer: true,
    });
    await stopped;
    expect(rig.storage.isClosed).toBe(true);
    expect(rig.sentOf('RequestVoteResponse')).toMatchObject([{ to: 'b', granted: true, term: 2 }]);
  });

  test('a snapshot over its index: what became of it cannot be told any more (§7)', async () => {
    const { rig, call } = await withOneAppended();
    await rig.b.append({ term: 2, prevLogIndex: 1, prevLogTerm: 1 });
    await rig.b.installLedger({ index: 9, term: 2, lines: [] });
    expect(await call).toEqual({ outcome: 'unknown', reason: 'leadership-lost' });
  });
});

describe('AbortSignal', () => {
  test('before it was appended, it is certain that it never will be', async () => {
    const rig = await leader();
    const { length } = rig.storage.writes;
    const refused = { outcome: 'refused', reason: 'not-ready', leader: null, retry: true };
    expect(await rig.server.propose('x', { signal: AbortSignal.abort() })).toEqual(refused);
    const controller = new AbortController();
    const call = rig.server.propose('y', { signal: controller.signal });
    controller.abort();
    expect(await call).toEqual(refused);
    await rig.settle();
    expect(rig.storage.writes).toHaveLength(length);
  });

  test('after it was appended, nobody knows', async () => {
    const rig = await leader();
    const controller = new AbortController();
    const call = rig.server.propose('x', { signal: controller.signal });
    await rig.settle();
    controller.abort();
    expect(await call).toEqual(timedOut);
  });

  test('ends a query', async () => {
    const rig = await leader();
    const controller = new AbortController();
    const calls = [
      rig.server.query('lines', { signal: controller.signal }),
      rig.server.query('lines', { signal: AbortSignal.abort() }),
    ];
    controller.abort();
    for (const outcome of await Promise.all(calls)) {
      expect(outcome).toMatchObject({ outcome: 'refused', reason: 'not-ready' });
    }
  });
});

describe('misuse rejects', () => {
  test('a command that its codec refuses', async () => {
    const rig = await leader();
    const command = (() => undefined) as unknown as string;
    await expect(rig.server.propose(command)).rejects.toThrow(TypeError);
  });

  test('a timeout that is no time, a consistency that does not exist', async () => {
    const rig = await leader();
    for (const timeoutMs of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
      await expect(rig.server.propose('x', { timeoutMs })).rejects.toThrow(/timeoutMs/);
      await expect(rig.server.query('lines', { timeoutMs })).rejects.toThrow(/timeoutMs/);
    }
    const consistency = 'eventual' as 'stale';
    await expect(rig.server.query('lines', { consistency })).rejects.toThrow(/consistency/);
  });

  test('a query that throws is its own caller’s affair', async () => {
    const rig = await leader();
    await expect(rig.server.query('throw', { consistency: 'stale' })).rejects.toThrow(RangeError);
    expect(rig.failures).toEqual([]);
  });
});

describe('linearizable queries (§8; thesis §6.4)', () => {
  test('are answered when a majority has echoed a number given out after them', async () => {
    const rig = await leader();
    const queries = [rig.server.query('lines'), rig.server.query('lines')];
    await rig.settle();
    expect(await Promise.race([...queries, 'pending'])).toBe('pending');
    await rig.b.acknowledgeHeartbeats();
    const answer = { outcome: 'applied', result: [], index: 1, term: 1 };
    expect(await Promise.all(queries)).toEqual([answer, answer]);
  });

  test('are answered when the state reflects what was committed before them, not sooner', async () => {
    const rig = await Rig.start();
    const texts = Array.from({ length: 600 }, (_, i) => `${i}`);
    await rig.b.append({ entries: commands(1, 1, ...texts) });
    await rig.elect();
    const query = rig.server.query('lines');
    await rig.settle();
    await rig.b.acknowledgeHeartbeats();
    // One answer commits all 601, and confirms the read.
    await rig.b.acknowledge();
    expect(await query).toMatchObject({ outcome: 'applied', index: 601, result: { length: 600 } });
  });

  test('are refused as not ready when nobody confirms them by the deadline', async () => {
    const rig = await leader();
    const query = rig.server.query('lines', { timeoutMs: 100 });
    await rig.advance(100);
    expect(await query).toMatchObject({ outcome: 'refused', reason: 'not-ready', retry: true });
  });

  test('are refused when leadership is lost', async () => {
    const rig = await leader();
    const query = rig.server.query('lines');
    await rig.settle();
    await rig.b.append({ term: 2, prevLogIndex: 1, prevLogTerm: 1 });
    expect(await query).toMatchObject({ outcome: 'refused', reason: 'not-leader' });
  });

  test('stale ones are answered at once, by any server', async () => {
    const rig = await Rig.start();
    await rig.b.append({ entries: commands(1, 1, 'x', 'y'), leaderCommit: 1 });
    const answer = rig.server.query('lines', { consistency: 'stale' });
    expect(await answer).toMatchObject({ result: [{ index: 1, text: 'x' }], index: 1, term: 1 });
  });
});

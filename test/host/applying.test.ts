import { describe, expect, test } from 'vitest';
import { encodeConfiguration } from '../../machines/rules/configuration.ts';
import { readSnapshot } from '../../src/formats/snapshot-file.ts';
import { ControlledStorage } from './controlled-storage.ts';
import { Ledger } from './ledger.ts';
import { command, commands, emptyEntry } from './peer.ts';
import { configurationOf, Rig } from './rig.ts';
import { snapshotFile } from './snapshot-file.ts';

const numbered = (count: number) => Array.from({ length: count }, (_, i) => `${i + 1}`);
const textsOf = (rig: Rig) => rig.ledger.lines.map(({ text }) => text);

/** Something a test opens when it is time. */
function gate() {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

/** What the snapshot in force holds. */
async function linesInSnapshot(rig: Rig): Promise<Ledger['lines']> {
  const reader = await rig.storage.openSnapshot(rig.storage.state.snapshot?.id ?? '');
  const ledger = new Ledger();
  await ledger.restore((await readSnapshot(reader)).chunks);
  return ledger.lines;
}

describe('what is committed is applied once, in order (Figure 2, "All Servers"; §5.3)', () => {
  test('and not before it is committed', async () => {
    const rig = await Rig.start();
    await rig.b.append({ entries: commands(1, 1, 'x', 'y', 'z'), leaderCommit: 1 });
    expect(textsOf(rig)).toEqual(['x']);
    await rig.b.append({ prevLogIndex: 3, prevLogTerm: 1, leaderCommit: 3 });
    expect(textsOf(rig)).toEqual(['x', 'y', 'z']);
  });

  test('a long batch in slices, each of them reported', async () => {
    const rig = await Rig.start();
    const seen: number[] = [];
    rig.server.applied$.subscribe((index) => seen.push(index));
    await rig.b.append({ entries: commands(1, 1, ...numbered(600)), leaderCommit: 600 });
    expect(seen).toEqual([0, 256, 512, 600]);
    expect(textsOf(rig)).toEqual(numbered(600));
  });

  test('an entry of a type that this version does not know stops the server', async () => {
    const rig = await Rig.start();
    const type = 'merge' as 'command';
    await rig.b.append({ entries: [command(1, 1, 'x', { type })], leaderCommit: 1 });
    expect(rig.failures[0]?.message).toContain('does not know: "merge"');
  });

  test('off the protocol’s path: its answer leaves before anything is applied', async () => {
    const order: string[] = [];
    const observer = { onEffect: ({ type }: { type: string }) => order.push(type) };
    const rig = await Rig.start({ observer });
    rig.server.applied$.subscribe((index) => order.push(`applied ${index}`));
    await rig.b.append();
    order.length = 0;
    await rig.b.append({ entries: commands(1, 1, 'x'), leaderCommit: 1 });
    expect(order).toEqual(['persist', 'send', 'apply', 'applied 1']);
  });
});

describe('a restart (§5.1)', () => {
  test('rebuilds from the storage what was there: state, log, term and vote', async () => {
    const before = await Rig.start();
    await before.b.append({ entries: commands(1, 1, 'x', 'y', 'z'), leaderCommit: 2 });
    await before.b.append({ prevLogIndex: 3, prevLogTerm: 1, leaderCommit: 2, term: 4 });
    const after = await Rig.start({ storage: before.storage });
    expect(after.server.status()).toMatchObject({ term: 4, lastLogIndex: 3, commitIndex: 2 });
    expect(after.ledger.lines).toEqual(before.ledger.lines);
    await after.c.requestVote({ term: 4, lastLogIndex: 9, lastLogTerm: 4 });
    expect(after.sentOf('RequestVoteResponse')).toMatchObject([{ granted: true }]);
    const again = await Rig.start({ storage: after.storage });
    await again.b.requestVote({ term: 4, lastLogIndex: 9, lastLogTerm: 4 });
    expect(again.sentOf('RequestVoteResponse')).toMatchObject([{ granted: false }]);
  });

  test('applies nothing again that its snapshot holds (§7)', async () => {
    const parameters = { snapshotAfterEntries: 3, trailingEntries: 1 };
    const before = await Rig.start({ parameters });
    await before.b.append({ entries: commands(1, 1, ...numbered(3)), leaderCommit: 3 });
    const prev = { prevLogIndex: 3, prevLogTerm: 1 };
    await before.b.append({ ...prev, entries: commands(4, 1, '4', '5'), leaderCommit: 5 });
    // The next write carries the commit index as it is by then.
    const entries = commands(6, 1, '6');
    await before.b.append({ prevLogIndex: 5, prevLogTerm: 1, entries, leaderCommit: 5 });
    expect(before.storage.state).toMatchObject({ base: { index: 2 }, snapshot: { index: 3 } });
    const after = await Rig.start({ parameters, storage: before.storage });
    expect(after.ledger.restores).toBe(1);
    expect(textsOf(after)).toEqual(numbered(5));
  });

  test('a storage that holds nothing, and no leave to bootstrap: an error that explains', async () => {
    const storage = new ControlledStorage();
    const refused = Rig.start({ storage, mayBootstrap: false });
    await expect(refused).rejects.toThrow(/has no data, and was not asked to bootstrap/);
    expect(storage.isClosed).toBe(true);
  });
});

describe('a snapshot of our own (§7)', () => {
  const parameters = { snapshotAfterEntries: 100, trailingEntries: 10 };

  test('holds the state between two slices, while commands go on', async () => {
    const rig = await Rig.start({ parameters });
    await rig.b.append({ entries: commands(1, 1, ...numbered(300)), leaderCommit: 300 });
    expect(textsOf(rig)).toEqual(numbered(300));
    expect(rig.storage.state.snapshot).toMatchObject({ index: 256, term: 1 });
    expect((await linesInSnapshot(rig)).map(({ text }) => text)).toEqual(numbered(256));
  });

  test('has the configuration as of its last entry, not one that is not committed (§6)', async () => {
    const rig = await Rig.start({ parameters: { ...parameters, snapshotAfterEntries: 3 } });
    const bytes = encodeConfiguration(configurationOf(['a', 'b']));
    const entries = [
      ...commands(1, 1, ...numbered(3)),
      command(4, 1, '', { type: 'configuration', bytes }),
    ];
    await rig.b.append({ entries, leaderCommit: 3 });
    const { snapshot } = rig.storage.state;
    expect(snapshot).toMatchObject({ index: 3 });
    expect(snapshot?.configuration).toEqual(configurationOf(['a', 'b', 'c']));
  });

  test('that is not the one in force stops the server: its file was replaced', async () => {
    const storage = new ControlledStorage();
    const before = await Rig.start({ storage });
    await before.b.installLedger({ index: 9, term: 1, lines: [] });
    const { id = '' } = storage.state.snapshot ?? {};
    const { bytes } = await snapshotFile({ index: 8, term: 1, lines: [] });
    await storage.writeChunk(id, 0, bytes, true);
    const after = await Rig.start({ storage });
    expect(after.failures[0]?.message).toContain('its file was replaced');
  });

  test('comes into force by one write, with the log cut behind trailing entries', async () => {
    const rig = await Rig.start({ parameters });
    await rig.b.append({ entries: commands(1, 1, ...numbered(100)), leaderCommit: 100 });
    const last = rig.storage.writes.at(-1);
    expect(last).toMatchObject({ snapshot: { index: 100 }, base: { index: 90 }, term: 1 });
    expect(rig.storage.chunks.at(-1)).toMatchObject({ id: last?.snapshot?.id, isLast: true });
    expect(rig.storage.state.entries.map(({ index }) => index)).toEqual(
      Array.from({ length: 10 }, (_, i) => 91 + i),
    );
  });
});

describe('a snapshot of the leader’s (§7; Figure 13)', () => {
  const lines = [{ index: 9, text: 'theirs' }];

  test('replaces the state behind what waits to be applied, and applying goes on from there', async () => {
    const rig = await Rig.start();
    const order: string[] = [];
    rig.server.applied$.subscribe((index) => order.push(`${index}: ${textsOf(rig).join()}`));
    const { opened, open } = gate();
    rig.storage.reading = opened;
    await rig.b.append({ entries: commands(1, 1, 'x'), leaderCommit: 1 });
    await rig.b.installLedger({ index: 9, term: 1, lines });
    const prev = { prevLogIndex: 9, prevLogTerm: 1 };
    await rig.b.append({ ...prev, entries: commands(10, 1, 'y'), leaderCommit: 10 });
    expect(order).toEqual(['0: ', '1: x']);
    open();
    await rig.settle();
    expect(order.slice(2)).toEqual(['9: theirs', '10: theirs,y']);
  });

  test('a stale query waits for the restore, and has a deadline like any other', async () => {
    const rig = await Rig.start();
    const { opened, open } = gate();
    rig.storage.reading = opened;
    await rig.b.installLedger({ index: 9, term: 1, lines });
    const hasty = rig.server.query('lines', { consistency: 'stale', timeoutMs: 10 });
    const patient = rig.server.query('lines', { consistency: 'stale' });
    await rig.advance(10);
    expect(await hasty).toMatchObject({ outcome: 'refused', reason: 'not-ready' });
    open();
    expect(await patient).toMatchObject({ outcome: 'applied', result: lines, index: 9, term: 1 });
    expect(rig.server.status().snapshotsInstalled).toBe(1);
  });

  test('a stale query that waits for a restore settles when the server stops', async () => {
    const rig = await Rig.start();
    rig.storage.reading = gate().opened;
    await rig.b.installLedger({ index: 9, term: 1, lines });
    const query = rig.server.query('lines', { consistency: 'stale' });
    await rig.server.stop();
    expect(await query).toMatchObject({ outcome: 'refused', reason: 'stopped' });
  });

  test('one that arrives late, or again, changes nothing', async () => {
    const rig = await Rig.start();
    await rig.b.append({ entries: commands(1, 1, 'x', 'y'), leaderCommit: 2 });
    await rig.b.installLedger({ index: 2, term: 1, lines: [] });
    expect(textsOf(rig)).toEqual(['x', 'y']);
    expect(rig.sentOf('InstallSnapshotResponse')).toMatchObject([{ isDone: true }]);
    expect(rig.server.status().snapshotsInstalled).toBe(0);
  });

  test('one whose bytes were damaged on the way is asked for again from the beginning', async () => {
    const rig = await Rig.start();
    const { identity, bytes } = await snapshotFile({ index: 9, term: 1, lines });
    const damaged = bytes.slice();
    damaged[damaged.length - 40]! ^= 1;
    await rig.b.install(identity, damaged);
    expect(rig.sentOf('InstallSnapshotResponse')).toMatchObject([{ nextOffset: 0, isDone: false }]);
    expect(rig.storage.state.snapshot).toBeNull();
    expect(rig.storage.discarded).toEqual([identity.id]);
    await rig.b.install(identity, bytes);
    expect(rig.ledger.lines).toEqual(lines);
  });

  test('one is restored at the restart too, and its entries are not expected (§7)', async () => {
    const before = await Rig.start();
    await before.b.append({ entries: [emptyEntry(1, 1), ...commands(2, 1, 'lost')] });
    await before.b.installLedger({ index: 9, term: 1, lines });
    const after = await Rig.start({ storage: before.storage });
    expect(after.ledger.lines).toEqual(lines);
    expect(after.server.status()).toMatchObject({ appliedIndex: 9, lastLogIndex: 9 });
  });
});

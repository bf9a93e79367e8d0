import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { firstBase } from '../../machines/rules/log.ts';
import { GroupCommit, merged } from '../../src/host/group-commit.ts';
import type { WriteBatch } from '../../src/ports/storage.ts';
import { applyBatch, type DiskState, emptyState } from '../../src/simulation/stored-state.ts';
import { VirtualClock } from '../../src/simulation/virtual-clock.ts';
import { command, commands } from './peer.ts';
import { configurationOf, Rig } from './rig.ts';

const MEBIBYTE = 1024 * 1024;
const bytesOf = ({ entries }: WriteBatch) =>
  entries.reduce((bytes, { bytes: { byteLength } }) => bytes + byteLength, 0);
const BASE = firstBase(configurationOf(['a', 'b', 'c']));

/** What a server may decide next, as numbers to choose by. */
const step = fc.record({
  kind: fc.constantFrom('append', 'replace', 'compact', 'install', 'vote'),
  count: fc.integer({ min: 1, max: 4 }),
  where: fc.nat(1000),
  commits: fc.nat(3),
});
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

interface Writer {
  readonly batches: WriteBatch[];
  base: number;
  last: number;
  commit: number;
}

/** The writes of one server that takes those steps: always such as its rules would decide. */
function batchesOf(steps: readonly Step[]): readonly WriteBatch[] {
  const writer: Writer = { batches: [], base: 0, last: 0, commit: 0 };
  for (const [i, next] of steps.entries()) writer.batches.push(batchOf(writer, next, i + 1));
  return writer.batches;
}

function batchOf(writer: Writer, { kind, count, where, commits }: Step, number: number) {
  const term = number;
  const between = (min: number, max: number) => min + (where % (max - min + 1));
  const texts = Array.from({ length: count }, (_, i) => `${number}.${i}`);
  let change: Partial<WriteBatch> = {};
  if (kind === 'append') {
    change = { entries: commands(writer.last + 1, term, ...texts) };
    writer.last += count;
  } else if (kind === 'replace' && writer.last > writer.commit) {
    const truncateFrom = between(writer.commit + 1, writer.last);
    change = { truncateFrom, entries: commands(truncateFrom, term, ...texts) };
    writer.last = truncateFrom + count - 1;
  } else if (kind === 'compact' && writer.commit > writer.base) {
    writer.base = between(writer.base + 1, writer.commit);
    change = cut(writer.base, term);
  } else if (kind === 'install') {
    const truncateFrom = writer.commit + 1;
    writer.base = writer.last + count;
    writer.last = writer.base;
    writer.commit = writer.base;
    change = { ...cut(writer.base, term), truncateFrom };
  }
  writer.commit = Math.min(writer.last, writer.commit + commits);
  const nothing = { truncateFrom: null, entries: [], snapshot: null, base: null };
  return {
    writeId: number,
    term,
    votedFor: null,
    commitIndex: writer.commit,
    ...nothing,
    ...change,
  };
}

function cut(index: number, term: number): Partial<WriteBatch> {
  const base = { ...BASE, index, term };
  return { base, snapshot: { ...base, id: `a-${index}`, sizeBytes: 1 } };
}

function oneByOne(batches: readonly WriteBatch[]): DiskState {
  return batches.reduce(applyBatch, emptyState(BASE));
}

/** A sequence of steps cut into groups, as slow writes would gather them. */
const groups = fc.array(fc.array(step, { minLength: 1, maxLength: 8 }), { maxLength: 6 });

describe('group commit', () => {
  test('merged writes leave the disk as they would have one by one', () => {
    const property = fc.property(groups, (cuts) => {
      const batches = batchesOf(cuts.flat());
      let disk = emptyState(BASE);
      let done = 0;
      for (const { length } of cuts) {
        disk = applyBatch(disk, batches.slice(done, done + length).reduce(merged));
        done += length;
        expect(disk).toEqual(oneByOne(batches.slice(0, done)));
      }
    });
    fc.assert(property, { numRuns: 500 });
  });

  test('what accumulates while a write is in flight becomes one write, and the same disk', async () => {
    const property = fc.asyncProperty(groups, async (cuts) => {
      const batches = batchesOf(cuts.flat());
      let disk = emptyState(BASE);
      let writes = 0;
      const durable: number[] = [];
      const commit = new GroupCommit({
        clock: new VirtualClock(),
        write: async (batch) => {
          writes += 1;
          disk = applyBatch(disk, batch);
        },
        onDurable: (number) => durable.push(number),
        onFailed: (error) => expect.unreachable(String(error)),
      });
      let done = 0;
      for (const { length } of cuts) {
        for (const batch of batches.slice(done, done + length)) {
          commit.add({ type: 'persist', ...batch });
        }
        done += length;
        await commit.flush();
        expect(disk).toEqual(oneByOne(batches.slice(0, done)));
        expect(durable.at(-1)).toBe(done);
      }
      expect(writes).toBe(cuts.length);
    });
    await fc.assert(property, { numRuns: 200 });
  });

  test('of two snapshots that wait, the newer comes into force, also where no log is cut', async () => {
    const written: (string | undefined)[] = [];
    const commit = new GroupCommit({
      clock: new VirtualClock(),
      write: async ({ snapshot }) => void written.push(snapshot?.id),
      onDurable: () => {},
      onFailed: (error) => expect.unreachable(String(error)),
    });
    for (const number of [1, 2, 3]) {
      const snapshot = number === 3 ? null : { ...BASE, id: `a-1-${number}`, sizeBytes: 1 };
      const nothing = { truncateFrom: null, base: null, entries: commands(number, 1, 'x') };
      const state = { writeId: number, term: 1, votedFor: null, commitIndex: 0 };
      commit.add({ type: 'persist', ...state, ...nothing, snapshot });
    }
    await commit.flush();
    expect(written).toEqual(['a-1-2']);
  });

  test('does not merge what is large: the first is durable before the last is written', async () => {
    const written: number[][] = [];
    const commit = new GroupCommit({
      clock: new VirtualClock(),
      write: async ({ entries }) => void written.push(entries.map(({ index }) => index)),
      onDurable: () => {},
      onFailed: (error) => expect.unreachable(String(error)),
    });
    const mebibytes = [3, 1, 3, 9, 0, 0];
    const nothing = { truncateFrom: null, snapshot: null, base: null };
    for (const [i, size] of mebibytes.entries()) {
      const bytes = new Uint8Array(Math.max(0, size * 1024 * 1024 - 100));
      const entries = [command(i + 1, 1, '', { bytes })];
      const state = { writeId: i + 1, term: 1, votedFor: null, commitIndex: 0 };
      commit.add({ type: 'persist', ...state, ...nothing, entries });
    }
    await commit.flush();
    expect(written).toEqual([[1, 2], [3], [4], [5, 6]]);
  });

  test('what a turn brings, and what a leader may hold, are several writes while its disk hangs', async () => {
    const rig = await Rig.start({ parameters: { uncommittedBytesMax: 16 * MEBIBYTE } });
    await rig.lead();
    const isLeading = rig.storage.writes.length;
    rig.storage.isHolding = true;
    const mebibyte = 'x'.repeat(MEBIBYTE - 100);
    const outcomes: string[] = [];
    const propose = (count: number) => {
      for (let i = 0; i < count; i += 1) {
        void rig.server.propose(mebibyte).then((outcome) => {
          outcomes.push('reason' in outcome ? outcome.reason : outcome.outcome);
        });
      }
    };
    propose(9);
    await rig.settle();
    for (let i = 0; i < 4; i += 1) {
      propose(3);
      await rig.settle();
    }
    const overloaded = outcomes.filter((outcome) => outcome === 'overloaded').length;
    expect(outcomes).toHaveLength(overloaded);
    // Committed by the others: it is still what our own disk does not have.
    for (let i = 0; i < 16; i += 1) {
      await rig.b.acknowledge();
      await rig.c.acknowledge();
    }
    expect(outcomes.filter((outcome) => outcome === 'applied')).toHaveLength(21 - overloaded);
    propose(1);
    await rig.settle();
    expect(outcomes.at(-1)).toBe('overloaded');
    expect(rig.server.status().writes.underWay).toEqual({ number: expect.any(Number), forMs: 0 });
    await rig.advance(7_000);
    expect(rig.server.status().writes.underWay).toMatchObject({ forMs: 7_000 });

    while (rig.storage.inFlight !== null) await rig.finishWrite();
    expect(rig.server.status().writes.underWay).toBeNull();
    const sizes = rig.storage.writes.slice(isLeading).map(bytesOf);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(4 * MEBIBYTE);
    const total = sizes.reduce((sum, size) => sum + size, 0);
    expect(total).toBeLessThanOrEqual(16 * MEBIBYTE);
    expect(total).toBeGreaterThan(15 * MEBIBYTE);
  });

  test('what a follower is sent while its disk hangs is several writes, too', async () => {
    const rig = await Rig.start();
    rig.storage.isHolding = true;
    const before = rig.storage.writes.length;
    for (let index = 1; index <= 12; index += 1) {
      const bytes = new Uint8Array(MEBIBYTE);
      const prevLog = { prevLogIndex: index - 1, prevLogTerm: index === 1 ? 0 : 1 };
      await rig.b.append({ ...prevLog, entries: [command(index, 1, '', { bytes })] });
    }
    while (rig.storage.inFlight !== null) await rig.finishWrite();
    const written = rig.storage.writes.slice(before);
    expect(written.flatMap(({ entries }) => entries)).toHaveLength(12);
    expect(Math.max(...written.map(bytesOf))).toBeLessThanOrEqual(4 * MEBIBYTE);
  });

  test('at most one write is in flight, and a batch is whole steps', async () => {
    const rig = await Rig.start();
    await rig.lead();
    rig.storage.isHolding = true;
    const calls = ['x', 'y', 'z'].map((text) => rig.server.propose(text));
    await rig.settle();
    const first = rig.storage.inFlight;
    expect(first?.entries).toHaveLength(3);
    const { length } = rig.storage.writes;
    for (const text of ['u', 'v']) {
      calls.push(rig.server.propose(text));
      await rig.settle();
    }
    expect(rig.storage.inFlight).toBe(first);
    expect(rig.storage.writes).toHaveLength(length);
    await rig.finishWrite();
    expect(rig.storage.inFlight).toMatchObject({ writeId: (first?.writeId ?? 0) + 2 });
    expect(rig.storage.inFlight?.entries.map(({ index }) => index)).toEqual([5, 6]);
    await rig.finishWrite();
    await rig.b.acknowledge();
    const outcomes = await Promise.all(calls);
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(calls.map(() => 'applied'));
  });
});

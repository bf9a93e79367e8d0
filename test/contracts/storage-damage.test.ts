/** Rot, lost files and torn writes (§5.1): the same state, or an error that says what to do. */
import { dirname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { StorageError } from '../../src/host/errors.ts';
import { checksum } from '../../src/node/checksum.ts';
import { fileStorage } from '../../src/node/file-storage.ts';
import type { Storage, Stored } from '../../src/ports/storage.ts';
import {
  BASE,
  baseAt,
  batchAfter,
  contentAfter,
  emptyContent,
  entriesOf,
  IDENTITY,
  type StorageContents,
  storedContentOf,
} from '../../src/testing/storage-model.ts';
import { inTier, isQuick } from '../tiers/tier.ts';
import { MemoryFiles } from './memory-files.ts';

type Contents = ReadonlyMap<string, Uint8Array>;

const DIRECTORY = '/data/a';
const SEGMENT_BYTES = 1600;

const storageOn = (files: MemoryFiles) =>
  fileStorage(DIRECTORY, { files, segmentBytes: SEGMENT_BYTES });

interface Sample {
  readonly content: StorageContents;
  readonly contents: Contents;
}

/** Several segments, the first of them gone already, a snapshot in force, a truncation. */
async function sample(): Promise<Sample & { readonly before: Sample }> {
  const files = new MemoryFiles();
  const storage = storageOn(files);
  await storage.load(IDENTITY);
  await storage.initialise(IDENTITY, BASE);
  let content = emptyContent();
  let before: Sample = { content, contents: files.contents() };
  const write = async (change: Parameters<typeof batchAfter>[1]) => {
    before = { content, contents: files.contents() };
    const batch = batchAfter(content, change);
    await storage.write(batch);
    content = contentAfter(content, batch);
  };
  await write({ term: 1, votedFor: 'a', entries: entriesOf(1, '1 1 1', 'a'.repeat(350)) });
  await write({ entries: entriesOf(4, '1 1', 'b'.repeat(200)) });
  await storage.writeChunk('snapshot', 0, new TextEncoder().encode('the state'), true);
  const base = baseAt({ index: 3, term: 1, time: 30 });
  await write({ base, snapshot: { id: 'snapshot', sizeBytes: 9, ...base }, commitIndex: 3 });
  await write({ term: 2, votedFor: 'b', truncateFrom: 5, entries: entriesOf(5, '2 2', 'c') });
  await write({ entries: entriesOf(7, '2', 'd'.repeat(500)) });
  await write({ term: 3, votedFor: null, commitIndex: 6 });
  await storage.close();
  return { content, contents: files.contents(), before };
}

async function load(contents: Contents): Promise<{ stored: Stored | null; files: MemoryFiles }> {
  const files = MemoryFiles.holding(contents);
  const storage = storageOn(files);
  try {
    return { stored: await storage.load(IDENTITY), files };
  } finally {
    await storage.close();
  }
}

/** 'same', or the error's message: whatever else it is fails the test. */
async function outcomeOf(contents: Contents, { content }: Sample): Promise<string> {
  try {
    const { stored } = await load(contents);
    return isDeepStrictEqual(stored && storedContentOf(stored), content) ? 'same' : 'another state';
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    return error.message;
  }
}

function changed(contents: Contents, path: string, bytes: Uint8Array): Contents {
  return new Map([...contents, [path, bytes]]);
}

function flipped(bytes: Uint8Array, position: number, bit: number): Uint8Array {
  const copy = bytes.slice();
  copy[position] = (copy[position] ?? 0) ^ (1 << bit);
  return copy;
}

/** The path of the file whose name ends so. */
function pathOf(contents: Contents, ending: string): string {
  const path = [...contents.keys()].filter((name) => name.endsWith(ending)).at(-1);
  if (path === undefined) throw new Error(`no ${ending} among ${[...contents.keys()]}`);
  return path;
}

describe('a damaged data directory (§5.1)', () => {
  it('has the files that the tests below damage', async () => {
    const { contents } = await sample();
    expect([...contents.keys()].map((path) => path.slice(DIRECTORY.length + 1)).sort()).toEqual([
      'acknowledged',
      'identity',
      'snapshots/snapshot.snapshot',
      'wal/00000002.wal',
      'wal/00000003.wal',
    ]);
  });

  it('gives the same state or an error for every flipped bit of every file', async () => {
    const whole = await sample();
    const outcomes = { same: 0, error: 0 };
    for (const [path, bytes] of whole.contents) {
      for (const [position, byte] of bytes.entries()) {
        // Of the zeros that nobody has written yet, one bit each will do.
        for (const bit of byte === 0 || isQuick ? [position % 8] : [0, 1, 2, 3, 4, 5, 6, 7]) {
          const rotten = changed(whole.contents, path, flipped(bytes, position, bit));
          const outcome = await outcomeOf(rotten, whole);
          if (outcome === 'same') outcomes.same += 1;
          else if (/keep the directory|format/.test(outcome)) outcomes.error += 1;
          else expect.fail(`bit ${bit} of byte ${position} of ${path}: ${outcome}`);
        }
      }
    }
    // Both happen: bits nobody reads, in zeros and in the older slot, and bits that matter.
    expect(outcomes.same).toBeGreaterThan(1000);
    expect(outcomes.error).toBeGreaterThan(1000);
  });

  it('gives an error for every file that is lost, and names it', async () => {
    const whole = await sample();
    for (const path of whole.contents.keys()) {
      const rest = new Map([...whole.contents].filter(([other]) => other !== path));
      const outcome = await outcomeOf(rest, whole);
      expect(outcome, path).toContain(path.includes('/wal/') ? '/wal' : path);
      expect(outcome, path).toContain('docs/operations.md');
    }
  });

  it('gives an error for every file that was cut short among what was acknowledged', async () => {
    const whole = await sample();
    for (const [path, bytes] of whole.contents) {
      const used = bytes.findLastIndex((byte) => byte !== 0);
      for (let length = 0; length < used; length += inTier({ quick: 5, full: 1 })) {
        const outcome = await outcomeOf(
          changed(whole.contents, path, bytes.slice(0, length)),
          whole,
        );
        const isSecondSlot = path.endsWith('acknowledged') && length >= 16;
        if (!isSecondSlot) expect(outcome, `${path} of ${length} bytes`).not.toBe('same');
      }
    }
  });

  it('refuses an identity of a newer format with a sentence', async () => {
    const { contents } = await sample();
    const content = JSON.stringify({ format: 2, clusterId: 'c', serverId: 'a', storageId: 'x' });
    const text = `${content}\n${checksum(content).toString(16).padStart(8, '0')}\n`;
    const newer = changed(contents, pathOf(contents, 'identity'), new TextEncoder().encode(text));
    await expect(load(newer)).rejects.toThrow(/format 2.*reads format 1.*Nothing was changed/);
  });

  it('refuses a record of a newer format with a sentence', async () => {
    const { contents } = await sample();
    const path = pathOf(contents, '.wal');
    const bytes = Buffer.from(contents.get(path) ?? []);
    bytes.writeUInt16BE(2, 8);
    const end = bytes.readUInt32BE(4) - 4;
    bytes.writeUInt32BE(checksum(bytes.subarray(0, end)), end);
    const newer = changed(contents, path, new Uint8Array(bytes));
    await expect(load(newer)).rejects.toThrow(/format 2.*reads format 1.*Nothing was changed/);
  });

  it('is not taken for a new one when only its identity is gone', async () => {
    const { contents } = await sample();
    const rest = new Map([...contents].filter(([path]) => !path.endsWith('identity')));
    await expect(load(rest)).rejects.toThrow(/identity is damaged: it is missing/);
    const storage = storageOn(MemoryFiles.holding(rest));
    await expect(storage.initialise(IDENTITY, BASE)).rejects.toThrow(/it is missing/);
  });
});

describe('a crash in the middle of the last write (§5.1)', () => {
  /** The last write as it went to the disk: where, and its bytes. */
  async function lastWrite() {
    const whole = await sample();
    const path = pathOf(whole.contents, '.wal');
    const after = whole.contents.get(path) ?? new Uint8Array();
    const before = whole.before.contents.get(path) ?? new Uint8Array();
    const from = after.findIndex((byte, position) => byte !== before[position]);
    const through = after.findLastIndex((byte, position) => byte !== before[position]);
    const acknowledged = pathOf(whole.contents, 'acknowledged');
    const unacknowledged = changed(
      whole.contents,
      acknowledged,
      whole.before.contents.get(acknowledged) ?? new Uint8Array(),
    );
    return { whole, path, after, before, from, through, unacknowledged };
  }

  const shapes: Readonly<
    Record<string, (after: Uint8Array, before: Uint8Array, at: number) => Uint8Array>
  > = {
    'only its first bytes on the disk': (after, before, at) =>
      new Uint8Array([...after.subarray(0, at), ...before.subarray(at)]),
    'only its last bytes on the disk': (after, before, at) =>
      new Uint8Array([...before.subarray(0, at), ...after.subarray(at)]),
    'the file cut off in it': (after, _, at) => after.slice(0, at),
    'garbage from there on': (after, _, at) =>
      new Uint8Array([...after.subarray(0, at), ...after.subarray(at).map(() => 0xa7)]),
  };

  for (const [shape, torn] of Object.entries(shapes)) {
    it(`leaves the state before it or after it: ${shape}, at every byte`, async () => {
      const { whole, path, after, before, from, through, unacknowledged } = await lastWrite();
      for (let at = from; at <= through + 1; at += 1) {
        const contents = changed(unacknowledged, path, torn(after, before, at));
        const loading = load(contents);
        await expect(loading, `at byte ${at}`).resolves.toBeDefined();
        const { stored, files } = await loading;
        const isAfter = stored?.lastWriteId === whole.content.lastWriteId;
        const expected = isAfter ? whole.content : whole.before.content;
        expect(stored && storedContentOf(stored), `at byte ${at}`).toEqual(expected);
        if (!isAfter && stored?.warnings.length) {
          const kept = [...files.contents().keys()].filter((name) => name.includes('/torn/'));
          expect(kept).toHaveLength(1);
          expect(stored.warnings[0]).toContain(kept[0]);
        }
        // Mended for good: the next load has nothing to say, and the same state.
        const again = await load(files.contents());
        expect(again.stored?.warnings).toEqual([]);
        expect(again.stored && storedContentOf(again.stored)).toEqual(expected);
      }
    });
  }

  it('takes an acknowledged write that is torn for damage, not for a crash', async () => {
    const { whole, path, after, before, through } = await lastWrite();
    const torn = new Uint8Array([
      ...after.subarray(0, through - 8),
      ...before.subarray(through - 8),
    ]);
    const outcome = await outcomeOf(changed(whole.contents, path, torn), whole);
    expect(outcome).toMatch(/ends at byte \d+ with write 5, but write 6 was acknowledged/);
  });

  it('goes on behind the torn write, in the same segment', async () => {
    const { whole, path, after, from, unacknowledged } = await lastWrite();
    const contents = changed(
      unacknowledged,
      path,
      after.map((byte, at) => (at > from + 20 ? 0 : byte)),
    );
    const files = MemoryFiles.holding(contents);
    const storage: Storage = storageOn(files);
    await storage.load(IDENTITY);
    const batch = batchAfter(whole.before.content, { term: 9, entries: entriesOf(8, '2') });
    await storage.write(batch);
    await storage.close();
    const { stored } = await load(files.contents());
    expect(stored && storedContentOf(stored)).toEqual(contentAfter(whole.before.content, batch));
  });
});

describe('a directory that was never finished (design: identity is written last)', () => {
  it('counts as empty at whatever operation its making was cut off', async () => {
    for (let operations = 0; ; operations += 1) {
      const files = new MemoryFiles();
      let left = operations;
      files.fault = () => {
        if (left-- <= 0) throw new Error('power is cut');
      };
      const made = await storageOn(files)
        .initialise(IDENTITY, BASE)
        .then(
          () => true,
          () => false,
        );
      files.fault = () => {};
      if (made) {
        expect(operations).toBeGreaterThan(10);
        return;
      }
      files.crash();
      const storage = storageOn(files);
      const loading = storage.load(IDENTITY);
      await expect(loading, `after ${operations} operations`).resolves.toBeDefined();
      const stored = await loading;
      // Its identity may have reached the disk although nobody was told.
      if (stored === null) await storage.initialise(IDENTITY, BASE);
      await storage.close();
      const { stored: kept } = await load(files.contents());
      expect(kept && storedContentOf(kept)).toEqual(emptyContent());
    }
  });

  it('is one from then on: no crash right after its making takes it back', async () => {
    const files = new MemoryFiles();
    await storageOn(files).initialise(IDENTITY, BASE);
    files.crash();
    const loading = storageOn(files).load(IDENTITY);
    await expect(loading).resolves.not.toBeNull();
    const stored = await loading;
    expect(stored && storedContentOf(stored)).toEqual(emptyContent());
  });

  it('leaves no trace when a missing directory is only asked for', async () => {
    const files = new MemoryFiles();
    expect(await storageOn(files).load(IDENTITY)).toBeNull();
    expect(await files.list(dirname(DIRECTORY))).toBeNull();
  });
});

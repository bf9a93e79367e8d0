/**
 * Records of the write-ahead log bent in every way, with right checksums and wrong ones (§5.1): a
 * directory gives the state before the last write, the state after it, or a StorageError that
 * leaves every byte as it was.
 */
// First, so that everything else is counted from its first line on.
import './line-coverage.ts';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pack } from '../../src/formats/msgpack.ts';
import { StorageError } from '../../src/host/errors.ts';
import { fileStorage } from '../../src/node/file-storage.ts';
import type { Stored } from '../../src/ports/storage.ts';
import { IDENTITY, storedContentOf } from '../../src/testing/storage-model.ts';
import {
  anyCheckpoint,
  anyRecord,
  before,
  DIRECTORY,
  SEGMENT,
  SEGMENT_BYTES,
  sealed,
} from './bent-records.ts';
import { allocated, anyBend, anyBytesBend, runs, Tally } from './fuzzing.ts';
import { lineCoverage } from './line-coverage.ts';
import { MemoryFiles } from './memory-files.ts';

const DECODERS = [
  'src/node/wal-record.ts',
  'src/node/segment-reader.ts',
  'src/node/wal-recovery.ts',
];
const COVERED_MIN = 0.95;
const DECODED_MIN = 0.3;
const MEBIBYTE = 1024 * 1024;

type Contents = ReadonlyMap<string, Uint8Array>;

function withRecord(record: Uint8Array, offset: number): Contents {
  const segment = offset === 0 ? new Uint8Array(SEGMENT_BYTES) : before.segment.slice();
  segment.set(record.subarray(0, segment.byteLength - offset), offset);
  return new Map([...before.contents, [SEGMENT, segment]]);
}

/** What the directory holds; null when it is refused. Any other error fails the test. */
async function loaded(contents: Contents): Promise<Stored | null> {
  const files = MemoryFiles.holding(contents);
  const storage = fileStorage(DIRECTORY, { files, segmentBytes: SEGMENT_BYTES });
  try {
    return await storage.load(IDENTITY);
  } catch (error) {
    expect(error).toBeInstanceOf(StorageError);
    await storage.close();
    expect(isDeepStrictEqual(files.contents(), contents)).toBe(true);
    return null;
  } finally {
    await storage.close();
  }
}

describe('the last record of a log', () => {
  it('is taken, cut off or refused, and three in ten are taken', async () => {
    const tally = new Tally();
    await fc.assert(
      fc.asyncProperty(anyRecord, async (record) => {
        const contents = withRecord(record, before.end);
        const allocatedBefore = allocated();
        const stored = await loaded(contents);
        expect(allocated() - allocatedBefore).toBeLessThan(8 * MEBIBYTE);
        tally.note(judged(stored));
      }),
      runs(1_500),
    );
    expect(tally.share('taken')).toBeGreaterThanOrEqual(DECODED_MIN);
    expect(tally.share('refused')).toBeGreaterThanOrEqual(0.1);
    expect(tally.share('cut off')).toBeGreaterThanOrEqual(0.05);
  });
});

function judged(stored: Stored | null): 'taken' | 'cut off' | 'refused' {
  if (stored === null) return 'refused';
  expectSound(stored);
  if (stored.lastWriteId > before.content.lastWriteId) return 'taken';
  expect(storedContentOf(stored)).toEqual(before.content);
  return 'cut off';
}

/** Whatever is taken is made of safe integers, in a log without gaps, after a base that has a time. */
function expectSound({ lastWriteId, term, commitIndex, base, snapshot, entries }: Stored): void {
  const numbers = [lastWriteId, term, commitIndex, base.index, base.term, snapshot?.sizeBytes ?? 0];
  for (const number of numbers) {
    expect(Number.isSafeInteger(number) && number >= 0, `${number}`).toBe(true);
  }
  expect(Number.isFinite(base.time) && base.time >= 0, `${base.time}`).toBe(true);
  expect(snapshot?.id ?? 'none').toMatch(/^[\w-][\w.-]*$/);
  expect(entries.map(({ index }) => index)).toEqual(entries.map((_, at) => base.index + 1 + at));
}

describe('the first record of a log', () => {
  it('is a checkpoint, or the directory is refused', async () => {
    const tally = new Tally();
    await fc.assert(
      fc.asyncProperty(anyCheckpoint, anyBend, anyBytesBend, async (fields, bend, bendBytes) => {
        const header = { kind: 2, version: 1, number: 2n, previous: 0 };
        const record = sealed(header, bendBytes(pack(bend(fields))));
        const stored = await loaded(withRecord(record, 0));
        tally.note(stored === null ? 'refused' : 'taken');
        if (stored !== null) expectSound(stored);
      }),
      runs(500),
    );
    expect(tally.share('taken')).toBeGreaterThanOrEqual(DECODED_MIN);
  });
});

describe('any byte of a log', () => {
  it('gives the same state or an error, also where the identity is gone', async () => {
    const segments = fc.constantFrom('00000001', '00000002', '00000003');
    await fc.assert(
      fc.asyncProperty(anyBytesBend, segments, fc.boolean(), async (bend, name, isWhole) => {
        const segment = new Uint8Array(SEGMENT_BYTES);
        segment.set(bend(before.segment.subarray(0, before.end)).subarray(0, SEGMENT_BYTES));
        const contents = new Map([...before.contents, [`${DIRECTORY}/wal/${name}.wal`, segment]]);
        if (!isWhole) contents.delete(`${DIRECTORY}/identity`);
        const stored = await loaded(contents);
        if (stored !== null) expect(storedContentOf(stored)).toEqual(before.content);
      }),
      runs(500),
    );
  });
});

describe('the decoders', () => {
  it('have been through it line by line', async () => {
    const { share, missed } = await lineCoverage(DECODERS);
    expect(share, `not run: ${missed.join(' ')}`).toBeGreaterThanOrEqual(COVERED_MIN);
  });
});

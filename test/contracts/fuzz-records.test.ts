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
import { entryToList } from '#formats/entry-format';
import { pack } from '#formats/msgpack';
import { StorageError } from '#host/errors';
import { checksum } from '#node/checksum';
import { fileStorage } from '#node/file-storage';
import { aligned, FRAME_BYTES, RECORD_MAGIC } from '#node/wal-record';
import type { Stored } from '#ports/storage';
import {
  BASE,
  baseAt,
  batchAfter,
  contentAfter,
  contentOf,
  emptyContent,
  entriesOf,
  IDENTITY,
} from '#testing/storage-model';
import { allocatedBy, anyBend, anyBytesBend, runs, Tally } from './fuzzing.ts';
import { lineCoverage } from './line-coverage.ts';
import { MemoryFiles } from './memory-files.ts';

const DECODERS = [
  'src/node/wal-record.ts',
  'src/node/segment-reader.ts',
  'src/node/wal-recovery.ts',
  'src/node/wal-replay.ts',
];
const COVERED_MIN = 0.95;
const DECODED_MIN = 0.3;
const MEBIBYTE = 1024 * 1024;

const DIRECTORY = '/data/a';
const SEGMENT = `${DIRECTORY}/wal/00000001.wal`;
const SEGMENT_BYTES = 8 * 1024;
const CHECKSUM_BYTES = 4;
const TAG_AT = 12;

/** A directory with two writes in it, and what is needed to put a third one behind them. */
const before = await (async () => {
  const files = new MemoryFiles();
  const storage = fileStorage(DIRECTORY, { files, segmentBytes: SEGMENT_BYTES });
  await storage.load(IDENTITY);
  await storage.initialise(IDENTITY, BASE);
  let content = emptyContent();
  for (const change of [
    { term: 1, votedFor: 'a', entries: entriesOf(1, '1 1') },
    { entries: entriesOf(3, '1'), commitIndex: 2 },
  ]) {
    const batch = batchAfter(content, change);
    await storage.write(batch);
    content = contentAfter(content, batch);
  }
  await storage.writeChunk('snapshot', 0, new TextEncoder().encode('the state'), true);
  await storage.close();
  const contents = files.contents();
  const segment = contents.get(SEGMENT) ?? new Uint8Array();
  const end = aligned(segment.findLastIndex((byte) => byte !== 0) + 1);
  return { content, contents, segment, end, ...lastRecordOf(segment) };
})();

/** Its checksum, and the tag that all records of the directory carry. */
function lastRecordOf(segment: Uint8Array): { readonly previous: number; readonly tag: number } {
  const view = new DataView(segment.buffer, segment.byteOffset);
  let previous = 0;
  for (let at = 0; view.getUint32(at) === RECORD_MAGIC; ) {
    const length = view.getUint32(at + 4);
    previous = view.getUint32(at + length - CHECKSUM_BYTES);
    at += aligned(length);
  }
  return { previous, tag: view.getUint32(TAG_AT) };
}

interface Header {
  readonly kind: number;
  readonly version: number;
  readonly number: bigint;
  readonly previous: number;
}

/** A record whose frame is whole, whatever its body is. */
function sealed({ kind, version, number, previous }: Header, body: Uint8Array): Uint8Array {
  const length = FRAME_BYTES + body.byteLength + CHECKSUM_BYTES;
  const bytes = new Uint8Array(aligned(length));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, RECORD_MAGIC);
  view.setUint32(4, length);
  view.setUint16(8, version);
  view.setUint16(10, kind);
  view.setUint32(TAG_AT, before.tag);
  view.setBigUint64(16, number);
  view.setUint32(24, previous);
  bytes.set(body, FRAME_BYTES);
  view.setUint32(length - CHECKSUM_BYTES, checksum(bytes.subarray(0, length - CHECKSUM_BYTES)));
  return bytes;
}

const snapshotBase = baseAt({ index: 2, term: 1, time: 20 });
const write = fc.record({
  term: fc.constantFrom(1, 2, 2 ** 50),
  votedFor: fc.constantFrom(null, 'a', 'b'),
  commitIndex: fc.constantFrom(0, 2, 3),
  truncateFrom: fc.constantFrom(null, 4, 3),
});
const snapshots = fc.constantFrom(
  { base: null, snapshot: null },
  { base: snapshotBase, snapshot: { id: 'snapshot', sizeBytes: 9, ...snapshotBase } },
);
const anyWrite = fc.tuple(write, snapshots, fc.nat({ max: 3 })).map(([fields, cut, more]) => ({
  ...fields,
  ...cut,
  entries: entriesOf(
    fields.truncateFrom ?? 4,
    Array(more + 1)
      .fill('1')
      .join(' '),
  ).map(entryToList),
}));
const anyCheckpoint = fc
  .tuple(fc.constantFrom(BASE, snapshotBase), fc.nat({ max: 9 }), fc.constantFrom(null, 'a'))
  .map(([base, term, votedFor]) => ({
    term,
    votedFor,
    commitIndex: 0,
    base,
    snapshot: base.index === 0 ? null : { id: 'snapshot', sizeBytes: 9, ...base },
    lastIndex: base.index,
  }));

const mostly = <T>(usual: T, ...others: readonly T[]) =>
  fc.oneof({ weight: 60, arbitrary: fc.constant(usual) }, fc.constantFrom(...others));

/** A third write as bytes: bent in its fields, its body, its frame or its bytes. */
const anyRecord = fc
  .tuple(
    anyWrite,
    anyBend,
    anyBytesBend,
    fc.boolean(),
    fc.record({
      kind: mostly(1, 2, 3),
      version: mostly(1, 0, 2),
      number: mostly(3n, 0n, 2n, 4n, 2n ** 53n, 2n ** 64n - 1n),
      previous: mostly(before.previous, 0),
    }),
  )
  .map(([fields, bend, bendBytes, isSealed, header]) => {
    const body = pack(bend(fields));
    return isSealed ? sealed(header, bendBytes(body)) : bendBytes(sealed(header, body));
  });

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
        let stored: Stored | null = null;
        const bytes = await allocatedBy(async () => {
          stored = await loaded(contents);
        });
        expect(bytes).toBeLessThan(8 * MEBIBYTE);
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
  if (stored.writeNumber > before.content.writeNumber) return 'taken';
  expect(contentOf(stored)).toEqual(before.content);
  return 'cut off';
}

/** Whatever is taken is made of safe integers, in a log without gaps, after a base that has a time. */
function expectSound({ writeNumber, term, commitIndex, base, snapshot, entries }: Stored): void {
  const numbers = [writeNumber, term, commitIndex, base.index, base.term, snapshot?.sizeBytes ?? 0];
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
        if (stored !== null) expect(contentOf(stored)).toEqual(before.content);
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

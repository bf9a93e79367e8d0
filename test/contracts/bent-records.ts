/** Records of a log, bent: in their fields, their body, their frame or their bytes. */
import fc from 'fast-check';
import { entryToList } from '../../src/formats/entry-format.ts';
import { pack } from '../../src/formats/msgpack.ts';
import { checksum } from '../../src/node/checksum.ts';
import { fileStorage } from '../../src/node/file-storage.ts';
import { aligned, FRAME_BYTES, RECORD_MAGIC } from '../../src/node/wal-record.ts';
import {
  BASE,
  baseAt,
  batchAfter,
  contentAfter,
  emptyContent,
  entriesOf,
  IDENTITY,
} from '../../src/testing/storage-model.ts';
import { anyBend, anyBytesBend } from './fuzzing.ts';
import { MemoryFiles } from './memory-files.ts';

export const DIRECTORY = '/data/a';
export const SEGMENT = `${DIRECTORY}/wal/00000001.wal`;
export const SEGMENT_BYTES = 8 * 1024;
const CHECKSUM_BYTES = 4;
const TAG_AT = 12;

/** A directory with two writes in it, and what is needed to put a third one behind them. */
export const before = await (async () => {
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
export function sealed({ kind, version, number, previous }: Header, body: Uint8Array): Uint8Array {
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
export const anyCheckpoint = fc
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
export const anyRecord = fc
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

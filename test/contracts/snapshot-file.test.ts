/** The snapshot file: whatever the cut of its chunks, and not one bit other than written. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  PIECE_BYTES,
  readSnapshot,
  SnapshotDigest,
  SnapshotFormatError,
  type SnapshotHeader,
  writeSnapshot,
} from '../../src/formats/snapshot-file.ts';
import { EXAMPLE_HEADER, EXAMPLE_STATE } from './example-snapshot.ts';

async function fileOf(header: SnapshotHeader, chunks: Iterable<Uint8Array>): Promise<Uint8Array> {
  return joined(writeSnapshot(header, chunks));
}

async function joined(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return new Uint8Array(Buffer.concat(all));
}

/** Gives at most `lengthMax` bytes, and sometimes fewer, as a file may. */
function readerOf(file: Uint8Array, atOnce = Number.POSITIVE_INFINITY) {
  return {
    sizeBytes: file.byteLength,
    read: async (offset: number, lengthMax: number) =>
      file.subarray(offset, offset + Math.min(lengthMax, atOnce)),
  };
}

async function stateOf(file: Uint8Array): Promise<Uint8Array> {
  return joined((await readSnapshot(readerOf(file))).chunks);
}

function digestOf(file: Uint8Array, chunkBytes: number): SnapshotDigest {
  const digest = new SnapshotDigest();
  for (let offset = 0; offset < file.byteLength; offset += chunkBytes) {
    digest.update(file.subarray(offset, offset + chunkBytes));
  }
  return digest;
}

describe('a snapshot file', () => {
  test('gives back header and state, however the chunks were cut and however it is read', async () => {
    const chunks = fc.array(fc.uint8Array({ maxLength: 400 }), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(chunks, fc.integer({ min: 1, max: 99 }), async (chunks, atOnce) => {
        const file = await fileOf(EXAMPLE_HEADER, chunks);
        const { header, chunks: state } = await readSnapshot(readerOf(file, atOnce));
        expect(header).toEqual(EXAMPLE_HEADER);
        expect(await joined(state)).toEqual(new Uint8Array(Buffer.concat(chunks)));
        const digest = digestOf(file, atOnce);
        expect(digest.finish()).toBe(true);
        expect(digest.header).toEqual(EXAMPLE_HEADER);
      }),
      { numRuns: 50 },
    );
  });

  test('is the same byte for byte, whichever SHA-256 it is written and checked with', async () => {
    const chunk = fc.uint8Array({ maxLength: 3_000 });
    const native = () => createHash('sha256');
    await fc.assert(
      fc.asyncProperty(fc.array(chunk, { maxLength: 8 }), fc.nat(99), async (chunks, skipped) => {
        // Views that begin anywhere in their buffers.
        const state = chunks.map((bytes) => bytes.subarray(skipped));
        const file = await fileOf(EXAMPLE_HEADER, state);
        const own = await joined(writeSnapshot(EXAMPLE_HEADER, state, { hash: native }));
        expect(own).toEqual(file);
        const { chunks: read } = await readSnapshot(readerOf(file, 77), { hash: native });
        expect(await joined(read)).toEqual(await stateOf(file));
        const digest = new SnapshotDigest(native);
        digest.update(file);
        expect(digest.finish()).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  test('comes in pieces of one size, with a pause after each', async () => {
    const state = new Uint8Array(3 * PIECE_BYTES + 5).map((_, place) => place);
    let pauses = 0;
    const sizes: number[] = [];
    const pause = async () => {
      pauses += 1;
    };
    for await (const piece of writeSnapshot(EXAMPLE_HEADER, [state], { pause })) {
      sizes.push(piece.byteLength);
    }
    expect(sizes.slice(0, 3)).toEqual([PIECE_BYTES, PIECE_BYTES, PIECE_BYTES]);
    expect(sizes).toHaveLength(4);
    expect(pauses).toBe(4);
  });

  test('may have a header larger than a piece', async () => {
    const header = { ...EXAMPLE_HEADER, sessions: new Uint8Array(3 * PIECE_BYTES).fill(7) };
    const file = await fileOf(header, [EXAMPLE_STATE]);
    const digest = digestOf(file, 100_000);
    expect(digest.finish()).toBe(true);
    expect(digest.header).toEqual(header);
    expect(await stateOf(file)).toEqual(EXAMPLE_STATE);
  });

  test('has the settings of its version, and no others', async () => {
    const settings = { ...EXAMPLE_HEADER.settings, unusedExpiryMs: 60_000, sessionsPerOwnerMax: 9 };
    const file = await fileOf({ ...EXAMPLE_HEADER, settings }, [EXAMPLE_STATE]);
    const { header } = await readSnapshot(readerOf(file, 99));
    expect(header.settings).toStrictEqual(settings);
    const older = await readSnapshot(readerOf(await fileOf(EXAMPLE_HEADER, [EXAMPLE_STATE]), 99));
    expect(older.header.settings).toStrictEqual(EXAMPLE_HEADER.settings);
  });

  test('does not keep the chunks it was written from', async () => {
    const chunk = new Uint8Array([1, 2, 3]);
    const pieces = writeSnapshot(EXAMPLE_HEADER, [chunk]);
    const { value } = await pieces.next();
    const before = value?.slice();
    chunk.fill(9);
    expect(value).toEqual(before);
  });
});

describe('a snapshot file is refused', () => {
  test('with any bit of it flipped', async () => {
    const file = await fileOf(EXAMPLE_HEADER, [EXAMPLE_STATE]);
    for (let bit = 0; bit < file.byteLength * 8; bit += 1) {
      const flipped = file.slice();
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      await expect(stateOf(flipped)).rejects.toThrow(SnapshotFormatError);
      expect(digestOf(flipped, 50).finish()).toBe(false);
    }
  });

  test('cut short anywhere, or with bytes behind its end', async () => {
    const file = await fileOf(EXAMPLE_HEADER, [EXAMPLE_STATE]);
    for (let length = 0; length < file.byteLength; length += 1) {
      await expect(stateOf(file.subarray(0, length))).rejects.toThrow(SnapshotFormatError);
      expect(digestOf(file.subarray(0, length), 50).finish()).toBe(false);
    }
    const longer = new Uint8Array([...file, 0]);
    await expect(stateOf(longer)).rejects.toThrow(/damaged: its digest does not match/);
    expect(digestOf(longer, 50).finish()).toBe(false);
  });

  test('with a sentence when it is of a newer format', async () => {
    const file = await fileOf(EXAMPLE_HEADER, []);
    file[11] = 3;
    await expect(stateOf(file)).rejects.toThrow(
      /has format 3, and this version reads formats up to 2/,
    );
    const digest = digestOf(file, 50);
    expect(digest.finish()).toBe(false);
    expect(digest.problem?.message).toMatch(/has format 3/);
  });
});

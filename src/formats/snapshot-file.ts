/**
 * A snapshot as one stream of bytes (§7), the same in a file and on the wire: prefix, header, the
 * state machine's own bytes, and a SHA-256 digest of all that stands before it.
 *
 * It is written and read in pieces, since a state may be larger than what a pause of the process
 * allows; a caller may give a `pause`, to wait for between two pieces.
 */
import type { RunningHash, StartHash } from '../ports/hash.ts';
import { concatenated } from './bytes.ts';
import { startHash } from './digest.ts';
import {
  decodeHeader,
  encodeHeader,
  headerLength,
  PREFIX_BYTES,
  SnapshotFormatError,
  type SnapshotHeader,
} from './snapshot-header.ts';

export { SnapshotFormatError, type SnapshotHeader } from './snapshot-header.ts';

/** Made, hashed and given to the disk in one turn of the event loop: well below a millisecond. */
export const PIECE_BYTES = 64 * 1024;
export const DIGEST_BYTES = 32;

interface PieceOptions {
  /** Default: one in JavaScript, which runs everywhere. */
  readonly hash?: StartHash | undefined;
  /** Waited for after every piece, e.g. a turn of the event loop. Default: nothing. */
  readonly pause?: () => Promise<void>;
}

/** What `readSnapshot` reads from; a storage's open snapshot is one. */
interface SnapshotBytes {
  readonly sizeBytes: number;
  /** At least one byte, unless `offset` is at the end. */
  read(offset: number, lengthMax: number): Promise<Uint8Array>;
}

/** The pieces of the file, in order; all but the last have `PIECE_BYTES`. */
export async function* writeSnapshot(
  header: SnapshotHeader,
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  { pause, hash = startHash }: PieceOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  const digest = hash();
  async function* whole() {
    yield encodeHeader(header);
    yield* chunks;
  }
  async function* hashed() {
    for await (const piece of inPieces(whole())) {
      digest.update(piece);
      yield piece;
      await pause?.();
    }
    yield digest.digest();
  }
  yield* inPieces(hashed());
}

/** The same bytes, cut anew: all pieces but the last are full. */
async function* inPieces(chunks: AsyncIterable<Uint8Array>) {
  let piece = new Uint8Array(PIECE_BYTES);
  let filled = 0;
  for await (const chunk of chunks) {
    for (let taken = 0; taken < chunk.byteLength; ) {
      const part = chunk.subarray(taken, taken + PIECE_BYTES - filled);
      piece.set(part, filled);
      taken += part.byteLength;
      filled += part.byteLength;
      if (filled < PIECE_BYTES) break;
      yield piece;
      piece = new Uint8Array(PIECE_BYTES);
      filled = 0;
    }
  }
  if (filled > 0) yield piece.subarray(0, filled);
}

/**
 * Reads the header at once and the state as it is asked for.
 *
 * @remarks The digest is compared when the last chunk has been read: only an iteration that ends by
 * itself has seen a whole and undamaged snapshot.
 * @throws SnapshotFormatError here or while iterating.
 */
export async function readSnapshot(
  bytes: SnapshotBytes,
  { pause, hash = startHash }: PieceOptions = {},
): Promise<{ readonly header: SnapshotHeader; readonly chunks: AsyncIterable<Uint8Array> }> {
  const digest = hash();
  const end = bytes.sizeBytes - DIGEST_BYTES;
  async function* hashed(from: number, until: number) {
    for await (const piece of piecesOf(bytes, from, until)) {
      digest.update(piece);
      yield piece;
      await pause?.();
    }
  }
  const prefix = await gathered(hashed(0, Math.min(PREFIX_BYTES, end)));
  const stateAt = PREFIX_BYTES + headerLength(prefix);
  if (stateAt > end) throw endsEarly(bytes.sizeBytes, stateAt + DIGEST_BYTES);
  const header = decodeHeader(await gathered(hashed(PREFIX_BYTES, stateAt)));
  async function* chunks() {
    yield* hashed(stateAt, end);
    const expected = await gathered(piecesOf(bytes, end, bytes.sizeBytes));
    if (!isSame(digest.digest(), expected)) throw damaged(header);
  }
  return { header, chunks: chunks() };
}

async function* piecesOf(bytes: SnapshotBytes, from: number, until: number) {
  for (let offset = from; offset < until; ) {
    const piece = await bytes.read(offset, Math.min(PIECE_BYTES, until - offset));
    if (piece.byteLength === 0) throw endsEarly(offset, bytes.sizeBytes);
    offset += piece.byteLength;
    yield piece;
  }
}

async function gathered(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return concatenated(all);
}

/**
 * Checks a file that arrives in chunks, without keeping it: holds the header until it is whole, and
 * always the last bytes, since only at the end is it known that they are the digest.
 */
export class SnapshotDigest {
  readonly #digest: RunningHash;
  #tail = new Uint8Array(0);
  /** What of prefix and header has arrived; null once it has been read. */
  #beginning: Uint8Array[] | null = [];
  #beginningBytes = 0;
  /** How much of it is needed: the prefix says how long the header is. */
  #beginningEnd = PREFIX_BYTES;
  #header: SnapshotHeader | null = null;
  #problem: SnapshotFormatError | null = null;

  constructor(hash: StartHash = startHash) {
    this.#digest = hash();
  }

  /** The header, once it has arrived whole and well-formed. */
  get header(): SnapshotHeader | null {
    return this.#header;
  }

  /** What is wrong with the file, as far as it is known. */
  get problem(): SnapshotFormatError | null {
    return this.#problem;
  }

  /** The next bytes of the file. */
  update(bytes: Uint8Array): void {
    const held = concatenated([this.#tail, bytes]);
    const certain = Math.max(0, held.byteLength - DIGEST_BYTES);
    this.#tail = held.slice(certain);
    if (certain === 0) return;
    const body = held.subarray(0, certain);
    this.#digest.update(body);
    this.#readBeginning(body);
  }

  /** Whether all that was given is one whole, undamaged snapshot. Once, at the end. */
  finish(): boolean {
    const isUndamaged = isSame(this.#digest.digest(), this.#tail);
    if (this.#header === null) this.#problem ??= endsEarly(this.#beginningBytes, PREFIX_BYTES);
    else if (!isUndamaged) this.#problem ??= damaged(this.#header);
    return this.#problem === null;
  }

  #readBeginning(body: Uint8Array): void {
    if (this.#beginning === null) return;
    this.#beginning.push(body.slice());
    this.#beginningBytes += body.byteLength;
    try {
      while (this.#beginning !== null && this.#beginningBytes >= this.#beginningEnd) {
        const known = concatenated(this.#beginning);
        this.#beginningEnd = PREFIX_BYTES + headerLength(known);
        this.#beginning = [known];
        if (known.byteLength < this.#beginningEnd) continue;
        this.#header = decodeHeader(known.subarray(PREFIX_BYTES, this.#beginningEnd));
        this.#beginning = null;
      }
    } catch (error) {
      this.#beginning = null;
      this.#problem = error as SnapshotFormatError;
    }
  }
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && a.every((byte, place) => b[place] === byte);
}

function endsEarly(bytes: number, expected: number): SnapshotFormatError {
  return new SnapshotFormatError(
    `The snapshot ends after ${bytes} bytes, and should have at least ${expected}`,
  );
}

function damaged({ id, index, term }: SnapshotHeader): SnapshotFormatError {
  return new SnapshotFormatError(
    `Snapshot ${id} (through index ${index}, term ${term}) is damaged: its digest does not match`,
  );
}

/**
 * The state as chunks of bytes, and back (§7).
 *
 *     version 1 │ count │ { key length │ key │ revision │ value length │ value … } × count
 *
 * Numbers are varints; pairs come in key order; chunks are cut anywhere, also inside a value. Both
 * ways go in small steps, since a state of 100 MiB must not hold up the server's heartbeats.
 */
import { concatenated } from '../formats/bytes.ts';
import { decodeText, textBytes, writeText } from './keys.ts';
import { type Pair, Pairs } from './pairs.ts';
import { readVarint, varintBytesMax, writeVarint } from './varint.ts';
import { keyBytesMax } from './vocabulary.ts';

const VERSION = 1;
/** A turn of the event loop makes one: a quarter of a millisecond. */
const chunkBytesMax = 65_536;
const pageBytes = 8_192;
const sharedValueBytesMax = 1_024;
const pairHeadBytesMax = keyBytesMax + 3 * varintBytesMax;
/** Small pairs cost more time than bytes: a chunk holds, and a step reads, so many at most. */
const pairsPerStepMax = 1_024;
const bytesPerStepMax = 1_048_576;

/** Reads `pairs` lazily, so they must be a frozen copy. */
export function* writeStoreSnapshot(pairs: Pairs): Generator<Uint8Array> {
  let chunk = new Uint8Array(chunkBytesMax);
  chunk[0] = VERSION;
  let used = writeVarint(chunk, 1, pairs.size);
  let pairsInChunk = 0;
  for (const [key, { value, revision }] of pairs.from('')) {
    if (chunk.byteLength - used < pairHeadBytesMax || pairsInChunk === pairsPerStepMax) {
      yield chunk.subarray(0, used);
      chunk = new Uint8Array(chunkBytesMax);
      used = 0;
      pairsInChunk = 0;
    }
    pairsInChunk += 1;
    const length = textBytes(key);
    used = writeVarint(chunk, used, length);
    writeText(chunk, used, key, length);
    used = writeVarint(chunk, used + length, revision);
    used = writeVarint(chunk, used, value.byteLength);
    if (value.byteLength <= chunk.byteLength - used) {
      chunk.set(value, used);
      used += value.byteLength;
      continue;
    }
    for (let from = 0; from < value.byteLength; ) {
      if (used === chunk.byteLength) {
        yield chunk;
        chunk = new Uint8Array(chunkBytesMax);
        used = 0;
        pairsInChunk = 0;
      }
      const part = value.subarray(from, from + chunk.byteLength - used);
      chunk.set(part, used);
      used += part.byteLength;
      from += part.byteLength;
    }
  }
  yield chunk.subarray(0, used);
}

/**
 * @param onPair - told of every pair as it is read
 * @throws TypeError when the chunks are not one whole snapshot.
 */
export async function readStoreSnapshot(
  chunks: AsyncIterable<Uint8Array>,
  onPair: (key: string, pair: Pair) => void = () => undefined,
): Promise<Pairs> {
  const pairs = new Pairs();
  const pages = new Pages();
  const waiting = new ChunkBuffer();
  let count: number | null = null;
  let pairsInStep = 0;
  let bytesInStep = 0;
  for await (const chunk of chunks) {
    waiting.add(chunk);
    if (!waiting.isEnough) continue;
    const bytes = waiting.take();
    let at = 0;
    if (count === null) {
      const head = readHead(bytes);
      if (head === null) {
        waiting.keep(bytes, bytes.byteLength + 1);
        continue;
      }
      count = head.value;
      at = head.next;
    }
    for (;;) {
      const read = readPair(bytes, at, pages);
      if (typeof read === 'number') {
        waiting.keep(bytes.subarray(at), read);
        break;
      }
      pairs.set(read.key, read.pair);
      onPair(read.key, read.pair);
      pairsInStep += 1;
      bytesInStep += read.next - at;
      at = read.next;
      if (pairsInStep >= pairsPerStepMax || bytesInStep >= bytesPerStepMax) {
        await nextTurn();
        pairsInStep = 0;
        bytesInStep = 0;
      }
    }
  }
  if (count === null || pairs.size !== count || waiting.length > 0) {
    throw new TypeError(
      `This key/value snapshot promises ${count ?? 'an unknown number of'} pairs and holds ` +
        `${pairs.size}, with ${waiting.length} bytes left over: it is cut short or damaged.`,
    );
  }
  return pairs;
}

/**
 * Lets everything else that waits in this process have its turn. An immediate where there are any:
 * it comes without delay and in the order it was asked for, so that simulations repeat.
 */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof globalThis.setImmediate === 'function') setImmediate(resolve);
    else setTimeout(resolve, 0);
  });
}

function readHead(bytes: Uint8Array): { readonly value: number; readonly next: number } | null {
  if (bytes.byteLength > 0 && bytes[0] !== VERSION) {
    throw new TypeError(
      `This key/value snapshot has version ${bytes[0]}, and this program reads version ` +
        `${VERSION}: it is damaged, or of a newer Statecraft.`,
    );
  }
  return readVarint(bytes, 1);
}

/** The pair at `at`, or how many bytes from there on it takes at least to read it. */
function readPair(
  bytes: Uint8Array,
  at: number,
  pages: Pages,
): { readonly key: string; readonly pair: Pair; readonly next: number } | number {
  const keyLength = readVarint(bytes, at);
  if (keyLength === null) return bytes.byteLength - at + 1;
  const keyEnd = keyLength.next + keyLength.value;
  const revision = readVarint(bytes, keyEnd);
  const length = revision && readVarint(bytes, revision.next);
  if (revision === null || length === null) return Math.max(keyEnd, bytes.byteLength) - at + 1;
  const next = length.next + length.value;
  if (next > bytes.byteLength) return next - at;
  const key = decodeText(bytes.subarray(keyLength.next, keyEnd));
  // A copy: a view would pin the whole chunk for as long as this one value lives.
  const value = pages.copy(bytes.subarray(length.next, next));
  return { key, pair: { value, revision: revision.value }, next };
}

/** Chunks that wait until there is enough of them, so that small ones are joined once, not often. */
class ChunkBuffer {
  #parts: Uint8Array[] = [];
  #enough = 1;
  length = 0;

  get isEnough(): boolean {
    return this.length >= this.#enough;
  }

  add(part: Uint8Array): void {
    this.#parts.push(part);
    this.length += part.byteLength;
  }

  take(): Uint8Array {
    const [first, ...others] = this.#parts;
    const joined = first !== undefined && others.length === 0 ? first : concatenated(this.#parts);
    this.#parts = [];
    this.length = 0;
    return joined;
  }

  keep(rest: Uint8Array, enough: number): void {
    this.#enough = enough;
    if (rest.byteLength > 0) this.add(rest);
  }
}

/**
 * Copies of small values that share pages of memory.
 *
 * A typed array of its own costs the garbage collector far more than its bytes, and restoring makes
 * hundreds of thousands at once: pages halve the time and the pauses. A page lives as long as any
 * value on it, so pages are for restored states only, where all their values are wanted: what they
 * can ever pin is the size of that state. Values that are written one by one have arrays of their
 * own; a page with one lasting value among many short-lived ones would pin without bound.
 */
class Pages {
  #page = new Uint8Array(pageBytes);
  #used = 0;

  copy(bytes: Uint8Array): Uint8Array {
    if (bytes.byteLength > sharedValueBytesMax) return new Uint8Array(bytes);
    if (this.#used + bytes.byteLength > pageBytes) {
      this.#page = new Uint8Array(pageBytes);
      this.#used = 0;
    }
    const copy = this.#page.subarray(this.#used, this.#used + bytes.byteLength);
    copy.set(bytes);
    this.#used += bytes.byteLength;
    return copy;
  }
}

/**
 * MessagePack as every format here writes it: plain maps, no extension types of any library, so
 * that another language could read it.
 */
import { Packr, RESERVE_START_SPACE, RESET_BUFFER_MODE, REUSE_BUFFER_MODE } from 'msgpackr';

const options = { useRecords: false, mapsAsObjects: true, variableMapSize: true } as const;

const viewing = new Packr(options);
const copying = new Packr({ ...options, copyBuffers: true });

/** The library packs into a buffer of its own, which grows to four times the largest value. */
const smallBuffer = viewing.pack(null, REUSE_BUFFER_MODE);
/** What was grown for more is given back, or one large value would be held for ever. */
const KEPT_BYTES_MAX = 256 * 1024;

/** Into the library's buffer, each time from its beginning. */
const PACKING = REUSE_BUFFER_MODE | RESET_BUFFER_MODE | RESERVE_START_SPACE;

/** That buffer, and where in it the value is. */
interface Packed extends Uint8Array<ArrayBuffer> {
  readonly start: number;
  readonly end: number;
}

/**
 * Fresh bytes that share no memory with anything.
 * @param roomBefore - bytes in front of the value for the caller to fill in, fewer than 256
 * @param roomBehind - zeros behind it
 */
export function pack(value: unknown, roomBefore = 0, roomBehind = 0): Uint8Array {
  const { buffer, start, end } = viewing.pack(value, PACKING + roomBefore) as unknown as Packed;
  const bytes = new Uint8Array(end - start + roomBehind);
  bytes.set(new Uint8Array(buffer, start, end - start));
  if (bytes.byteLength > KEPT_BYTES_MAX) viewing.useBuffer(smallBuffer);
  return bytes;
}

/** What `bytes` hold; byte strings in it are views of `bytes`. @throws Error when malformed. */
export function unpackViewing(bytes: Uint8Array): unknown {
  return viewing.unpack(plainView(bytes));
}

/** What `bytes` hold, sharing no memory with it. @throws Error when malformed. */
export function unpackFresh(bytes: Uint8Array): unknown {
  return copying.unpack(plainView(bytes));
}

/** Never a Node.js Buffer: slices of one would be Buffers too, on some hosts and not on others. */
function plainView(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * MessagePack as every format here writes it: plain maps, no extension types of any library, so
 * that another language could read it.
 */
import { Packr, REUSE_BUFFER_MODE } from 'msgpackr';

const options = { useRecords: false, mapsAsObjects: true, variableMapSize: true } as const;

const viewing = new Packr(options);
const copying = new Packr({ ...options, copyBuffers: true });

/** The library packs into a buffer of its own, which grows to four times the largest value. */
const smallBuffer = viewing.pack(null, REUSE_BUFFER_MODE);
/** What was grown for more is given back, or one large value would be held for ever. */
const KEPT_BYTES_MAX = 256 * 1024;

/** Fresh bytes that share no memory with anything. */
export function pack(value: unknown): Uint8Array {
  const bytes = new Uint8Array(viewing.pack(value));
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

/** The last bytes of a snapshot's file: storage's own word for what it wrote before them. */
import { checksum } from './checksum.ts';

export interface SnapshotTrailer {
  readonly format: number;
  /** Of the snapshot, without the trailer. */
  readonly sizeBytes: number;
  readonly checksum: number;
}

export const SNAPSHOT_TRAILER_FORMAT = 1;
export const SNAPSHOT_TRAILER_BYTES = 24;
/** "Snap". */
const MAGIC = 0x536e6170;

export function encodeTrailer(sizeBytes: number, sum: number): Uint8Array {
  const bytes = new Uint8Array(SNAPSHOT_TRAILER_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC);
  view.setUint32(4, SNAPSHOT_TRAILER_FORMAT);
  view.setBigUint64(8, BigInt(sizeBytes));
  view.setUint32(16, sum);
  view.setUint32(20, checksum(bytes.subarray(0, 20)));
  return bytes;
}

/** Null when these bytes are no trailer, or a damaged one. */
export function decodeTrailer(bytes: Uint8Array): SnapshotTrailer | null {
  if (bytes.byteLength !== SNAPSHOT_TRAILER_BYTES) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0) !== MAGIC) return null;
  if (view.getUint32(20) !== checksum(bytes.subarray(0, 20))) return null;
  return {
    format: view.getUint32(4),
    sizeBytes: Number(view.getBigUint64(8)),
    checksum: view.getUint32(16),
  };
}

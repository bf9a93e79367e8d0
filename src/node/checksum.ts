/**
 * CRC-32 (the polynomial of zlib and PNG): it finds every flipped bit and every burst up to 32 bits,
 * which is what rot and torn writes are. It is no protection against a forger.
 */
import { crc32 } from 'node:zlib';

/** Of `bytes`, counted on from `previous`. */
export function checksum(bytes: Uint8Array | string, previous = 0): number {
  return crc32(bytes, previous);
}

/** Bytes as one short text: equal for the same bytes, and for no others anybody will ever see. */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { RunningHash } from '../ports/hash.ts';

/** SHA-256 in JavaScript, for hosts that have none of their own. */
export function startHash(): RunningHash {
  return sha256.create();
}

/** SHA-256, as 64 hexadecimal digits. */
export function digestOf(bytes: Uint8Array): string {
  return bytesToHex(sha256(bytes));
}

const DIGEST_CHARACTERS_MAX = 128;
/** One frame tells of no more servers. */
export const DIGESTS_MAX = 64;

/**
 * A state machine's digest on its way to other servers: as it is when it is short. Equal exactly for
 * equal ones.
 */
export function shortDigest(digest: string): string {
  return isShortDigest(digest) ? digest : digestOf(new TextEncoder().encode(digest));
}

export function isShortDigest(digest: string): boolean {
  return digest.length <= DIGEST_CHARACTERS_MAX && /^[ -~]*$/.test(digest);
}

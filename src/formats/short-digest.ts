/** A state machine's digest on its way to other servers: as it is when it is short. */
import { sha256 } from '@noble/hashes/sha2.js';

export const DIGEST_CHARACTERS_MAX = 128;

/** Equal exactly for equal ones. */
export function shortDigest(digest: string): string {
  if (digest.length <= DIGEST_CHARACTERS_MAX && /^[ -~]*$/.test(digest)) return digest;
  const hash = sha256(new TextEncoder().encode(digest));
  return [...hash].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

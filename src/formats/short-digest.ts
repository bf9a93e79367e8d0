/** A state machine's digest on its way to other servers: as it is when it is short. */
import { digestOf } from './digest.ts';

const DIGEST_CHARACTERS_MAX = 128;
/** One frame tells of no more servers. */
export const DIGESTS_MAX = 64;

/** Equal exactly for equal ones. */
export function shortDigest(digest: string): string {
  return isShortDigest(digest) ? digest : digestOf(new TextEncoder().encode(digest));
}

export function isShortDigest(digest: string): boolean {
  return digest.length <= DIGEST_CHARACTERS_MAX && /^[ -~]*$/.test(digest);
}

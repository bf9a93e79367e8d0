/** Hashes of log prefixes: equal exactly when every entry up to an index is (up to chance, 2⁻⁵³). */
import type { Entry } from '../../../machines/rules/entries.ts';
import { TextHash } from '../text-hash.ts';

/** The hash of everything up to and with some index. */
export type PrefixHash = number;

/** Before the first entry. */
export const EMPTY_PREFIX: PrefixHash = 0;

/** Servers share entry objects with their disks; hash each once. */
const known = new WeakMap<Entry, number>();

export function entryHash(entry: Entry): number {
  let hash = known.get(entry);
  if (hash === undefined) {
    const { index, term, time, type, session, sequence, firstUnanswered, bytes } = entry;
    const text = new TextHash();
    text.add(`${index} ${term} ${time} ${type} ${session} ${sequence} ${firstUnanswered}`);
    text.addBytes(bytes);
    hash = text.toNumber();
    known.set(entry, hash);
  }
  return hash;
}

export function extended(prefix: PrefixHash, entry: Entry): PrefixHash {
  const own = entryHash(entry);
  const low = Math.imul((prefix ^ own) | 0, 0x9e3779b1) ^ (own >>> 7);
  const high = Math.imul(upper(prefix) ^ upper(own) ^ (low >>> 5), 0x85ebca6b);
  return (high >>> 11) * 0x1_0000_0000 + ((low ^ (high << 3)) >>> 0);
}

function upper(value: number): number {
  return Math.floor(value / 0x1_0000_0000) | 0;
}

/** The name under which a cluster's servers recognise each other. */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { ServerId } from '../../machines/rules/entries.ts';

const ID_BYTES = 16;

/**
 * A digest of the cluster's name and of the ids of its bootstrap configuration, in any order: 32
 * hexadecimal digits. Addresses are not part of it, since a server may move.
 */
export function clusterIdOf(clusterName: string, ids: readonly ServerId[]): string {
  const canonical = JSON.stringify(['statecraft cluster', clusterName, [...ids].sort()]);
  return bytesToHex(sha256(new TextEncoder().encode(canonical)).subarray(0, ID_BYTES));
}

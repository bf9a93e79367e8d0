/** The name under which a cluster's servers recognise each other. */
import type { ServerId } from '../../machines/rules/entries.ts';
import { digestOf } from './digest.ts';

const ID_DIGITS = 32;

/**
 * A digest of the cluster's name and of the ids of its bootstrap configuration, in any order: 32
 * hexadecimal digits. Addresses are not part of it, since a server may move.
 */
export function clusterIdOf(clusterName: string, ids: readonly ServerId[]): string {
  const canonical = JSON.stringify(['statecraft cluster', clusterName, [...ids].sort()]);
  return digestOf(new TextEncoder().encode(canonical)).slice(0, ID_DIGITS);
}

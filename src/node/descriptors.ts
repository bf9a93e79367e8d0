/**
 * How many files and sockets this process may have open. Where the system does not say (elsewhere
 * than on Linux), nothing is known, and the bound on connections is the default one.
 */
import { readdirSync, readFileSync } from 'node:fs';

/** For the log, snapshots, servers and strangers at their port: these never have to wait for clients. */
const RESERVED = 256;

/** Node.js raises the soft limit to the hard one when it starts, so this is as much as there is. */
export function descriptorsMax(limits = readOrNull('/proc/self/limits')): number | null {
  const text = limits?.match(/^Max open files\s+(\d+|unlimited)/m)?.[1];
  return text === undefined || text === 'unlimited' ? null : Number(text);
}

/** Null where nobody tells. */
export function descriptorsOpen(): number | null {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return null;
  }
}

/** What is left for clients, of no more than `wanted`: half where there are few. */
export function connectionsWithin(wanted: number, max: number | null = descriptorsMax()): number {
  if (max === null) return wanted;
  const left = max - Math.min(RESERVED, Math.ceil(max / 2));
  return Math.max(1, Math.min(wanted, left));
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

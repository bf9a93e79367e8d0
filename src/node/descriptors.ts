/**
 * How many files and sockets this process may have open, and has. The log needs a new file now and
 * then, and a server without it stops; so whatever clients are given must leave enough for that.
 */
import { readdirSync, readFileSync } from 'node:fs';

/**
 * Not for clients: Node.js itself (about 25), files of the log and snapshots, the other servers'
 * connections, and at most 64 connections on the peer port that have not proved who they are.
 */
export const RESERVED_DESCRIPTORS = 160;
/** So many connections there are even where the limit leaves none. */
const CLIENTS_MIN = 16;

/** The limit, as it was when the process began; null without one, or where it is not known. */
export function descriptorLimit(): number | null {
  try {
    const limits = readFileSync('/proc/self/limits', 'utf8');
    return numberIn(/^Max open files +(\S+)/m.exec(limits)?.[1]);
  } catch {
    const report = process.report?.getReport() as unknown as ReportedLimits | undefined;
    return numberIn(report?.userLimits?.open_files?.soft);
  }
}

interface ReportedLimits {
  readonly userLimits?: { readonly open_files?: { readonly soft?: number | string } };
}

/** Null for `unlimited`. */
function numberIn(value: number | string | undefined): number | null {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : null;
}

/** Those that are open now; null where that is not known. */
export function openDescriptors(): number | null {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return null;
  }
}

/** What is left for clients' connections, and no more than `wanted`. */
export function descriptorsForClients(limit: number | null, wanted: number): number {
  if (limit === null) return wanted;
  return Math.min(wanted, Math.max(CLIENTS_MIN, limit - RESERVED_DESCRIPTORS));
}

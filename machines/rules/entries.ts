/**
 * Log entries (Figure 2, "State": `log[]`; §5.3) and what a client proposes for them.
 *
 * An entry is the unit of agreement. Its payload is bytes: encoded once, where the command is
 * proposed, so that every server applies exactly what the log, the wire and the disk hold.
 */

/** An election's number (§5.1). Starts at 0, grows monotonically; a safe integer. */
export type Term = number;

/** A position in the log (§5.3). The first entry has index 1; 0 means "before the first entry". */
export type LogIndex = number;

/** The name of a participant. Never empty. */
export type ServerId = string;

/** An index together with the term of the entry at it: what identifies a log's prefix (§5.3). */
export interface EntryPosition {
  readonly index: LogIndex;
  readonly term: Term;
}

/**
 * What an entry is for. `empty` is a new leader's first entry (§8); `command` is for the state
 * machine; the rest is for the library itself. A server stops at a type it does not know.
 */
export type EntryType =
  | 'empty'
  | 'command'
  | 'configuration'
  | 'openSession'
  | 'closeSession'
  | 'settings';

/** What a client wants appended: an entry before the leader has given it its place. */
export interface Proposal {
  readonly type: EntryType;
  readonly bytes: Uint8Array;
  /** The session it belongs to: the index of the entry that opened it (§8, thesis §6.3). */
  readonly session?: LogIndex;
  /** The serial number of the command within its session, from 1 (§8). */
  readonly sequence?: number;
  /** The client has seen the answers to everything below this sequence (thesis §6.3). */
  readonly firstUnanswered?: number;
}

/** An entry of the log (§5.3). Immutable once made. */
export interface Entry extends Proposal, EntryPosition {
  /** Cluster time in milliseconds; never less than its predecessor's (thesis §6.3). */
  readonly time: number;
}

/** What an entry costs beside its payload, for every bound that is counted in bytes. */
export const ENVELOPE_BYTES = 48;

/** Entries one behind the other, of one term. */
export interface TermRun {
  readonly from: LogIndex;
  readonly through: LogIndex;
  readonly term: Term;
}

/** The entries as runs of one term each. */
export function termRuns(entries: readonly Entry[]): readonly TermRun[] {
  const runs: TermRun[] = [];
  for (const { index, term } of entries) {
    const last = runs.at(-1);
    if (last?.term === term) runs[runs.length - 1] = { ...last, through: index };
    else runs.push({ from: index, through: index, term });
  }
  return runs;
}

/** The size by which batches, windows and limits count an entry, in bytes. */
export function entryBytes(entry: Proposal): number {
  return ENVELOPE_BYTES + entry.bytes.byteLength;
}

/** Whether `a` is at least as up to date as `b`: last term first, then length (§5.4.1). */
export function isAtLeastAsUpToDate(a: EntryPosition, b: EntryPosition): boolean {
  return a.term > b.term || (a.term === b.term && a.index >= b.index);
}

export const NO_BYTES: Uint8Array = new Uint8Array(0);

/**
 * What a server's stable storage holds (Figure 2, "Persistent state"; §7), and what a write makes of
 * it: truncate, begin after the base, append. The one place that knows what a `persist` means.
 */
import type { Persist } from './effects.ts';
import type { Entry, LogIndex, ServerId, Term } from './entries.ts';
import { invariant } from './invariant.ts';
import type { LogBase } from './log.ts';
import type { SnapshotPointer } from './state.ts';

/** Everything but the entries. */
export interface DurableHead {
  /** 0 before the first write. */
  readonly lastWriteId: number;
  readonly term: Term;
  readonly votedFor: ServerId | null;
  readonly commitIndex: LogIndex;
  readonly base: LogBase;
  readonly snapshot: SnapshotPointer | null;
  /** The log holds the entries after `base` through this one. */
  readonly lastIndex: LogIndex;
}

/** Of a storage that was just made. */
export function emptyHead(base: LogBase): DurableHead {
  const { index } = base;
  const hardState = { term: 0, votedFor: null, commitIndex: index };
  return { lastWriteId: 0, ...hardState, base, snapshot: null, lastIndex: index };
}

/** @throws InvariantViolation unless the write fits what was there. */
export function headAfter(head: DurableHead, write: Omit<Persist, 'type'>): DurableHead {
  const { writeId, term, votedFor, commitIndex, truncateFrom, entries } = write;
  const base = write.base ?? head.base;
  invariant(
    writeId > head.lastWriteId,
    `write ${writeId} cannot come after write ${head.lastWriteId}`,
  );
  invariant(base.index >= head.base.index, `the base ${head.base.index} never falls (§7)`);
  invariant(
    truncateFrom === null || truncateFrom > head.base.index,
    `write ${writeId} truncates from ${truncateFrom}, but the log begins after ${head.base.index}`,
  );
  const lastKept = Math.min(head.lastIndex, (truncateFrom ?? Number.POSITIVE_INFINITY) - 1);
  let lastIndex = Math.max(lastKept, base.index);
  for (const { index } of entries) {
    lastIndex += 1;
    invariant(
      index === lastIndex,
      `write ${writeId} appends entry ${index} where entry ${lastIndex} belongs (§5.3)`,
    );
  }
  const snapshot = write.snapshot ?? head.snapshot;
  return { lastWriteId: writeId, term, votedFor, commitIndex, base, snapshot, lastIndex };
}

/**
 * The same for the entries that are held, the last of them at `lastIndex`; in place, since a copy per
 * write would cost the whole log.
 */
export function applyToEntries(
  held: Entry[],
  lastIndex: LogIndex,
  { truncateFrom, base, entries }: Omit<Persist, 'type'>,
): void {
  const firstIndex = held[0]?.index ?? lastIndex + 1;
  if (truncateFrom !== null) {
    held.length = Math.min(held.length, Math.max(0, truncateFrom - firstIndex));
  }
  if (base !== null) held.splice(0, Math.max(0, base.index + 1 - firstIndex));
  for (const entry of entries) held.push(entry);
}

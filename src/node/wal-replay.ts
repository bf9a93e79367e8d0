/**
 * What the records of a log add up to, applied in the order of their numbers (§5.1, §7). The one
 * place that knows what a record means.
 */
import type { Entry, LogIndex } from '../../machines/rules/entries.ts';
import { invariant } from '../../machines/rules/invariant.ts';
import type { CheckpointRecord, WriteRecord } from './wal-record.ts';

/** Everything but the entries: what a checkpoint repeats. */
export type LogHead = Omit<CheckpointRecord, 'kind'>;

/** Where the log stands after a write. @throws InvariantViolation unless the write fits it. */
export function headAfter(head: LogHead, write: WriteRecord): LogHead {
  const { writeId, term, votedFor, commitIndex, truncateFrom, entries } = write;
  const base = write.base ?? head.base;
  invariant(writeId > head.writeId, `write ${writeId} cannot come after write ${head.writeId}`);
  invariant(base.index >= head.base.index, `the base ${head.base.index} never falls (§7)`);
  invariant(
    truncateFrom === null || truncateFrom > head.base.index,
    `write ${writeId} truncates from ${truncateFrom}, but the log begins after ${head.base.index}`,
  );
  const lastKept = Math.min(head.lastIndex, (truncateFrom ?? Number.POSITIVE_INFINITY) - 1);
  const lastIndex = entries.reduce(
    (last, { index }) => {
      invariant(
        index === last + 1,
        `write ${writeId}: entry ${index} cannot follow ${last} (§5.3)`,
      );
      return index;
    },
    Math.max(lastKept, base.index),
  );
  const snapshot = write.snapshot ?? head.snapshot;
  return { writeId, term, votedFor, commitIndex, base, snapshot, lastIndex };
}

/** The state that grows while records are replayed. */
export class Replay {
  head: LogHead;
  readonly #entries: Entry[] = [];
  /** The entries up to here were in segments that are gone: in time a later base covers them. */
  #goneThrough: LogIndex;

  constructor(first: CheckpointRecord) {
    const { kind: _, ...head } = first;
    this.head = head;
    this.#goneThrough = first.lastIndex;
  }

  apply(write: WriteRecord): void {
    const head = headAfter(this.head, write);
    if (write.truncateFrom !== null) this.#truncateFrom(write.truncateFrom);
    if (write.base !== null) this.#beginAfter(write.base.index);
    for (const entry of write.entries) this.#entries.push(entry);
    this.head = head;
  }

  /** Null when entries that the log still needs were in segments that are gone. */
  entries(): readonly Entry[] | null {
    return this.#goneThrough > this.head.base.index ? null : this.#entries;
  }

  get #firstIndex(): LogIndex {
    return this.#entries[0]?.index ?? this.head.lastIndex + 1;
  }

  #truncateFrom(index: LogIndex): void {
    const kept = Math.max(0, index - this.#firstIndex);
    if (kept < this.#entries.length) this.#entries.length = kept;
    this.#goneThrough = Math.min(this.#goneThrough, index - 1);
  }

  #beginAfter(index: LogIndex): void {
    const dropped = Math.min(this.#entries.length, Math.max(0, index + 1 - this.#firstIndex));
    this.#entries.splice(0, dropped);
  }
}

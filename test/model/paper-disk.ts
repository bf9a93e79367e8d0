/** A disk on paper: what a server would find there, were all of its writes up to one done (§5.1). */
import type { Persist } from '../../machines/rules/effects.ts';
import type { LogIndex, ServerId, Term } from '../../machines/rules/entries.ts';
import type { Log } from '../../machines/rules/log.ts';

export interface PaperDisk {
  readonly number: number;
  readonly term: Term;
  readonly votedFor: ServerId | null;
  /** The last entry that is only in the snapshot. */
  readonly base: LogIndex;
  /** Of the entries after it. */
  readonly terms: readonly Term[];
}

/** The disk of a server that starts with this log, all of it durable. */
export function diskOf(log: Log, term: Term, votedFor: ServerId | null): PaperDisk {
  const { index: base } = log.base;
  return { number: 0, term, votedFor, base, terms: log.slice(base + 1).map((entry) => entry.term) };
}

/** In the order in which a storage does it: truncate, cut, append. */
export function written(disk: PaperDisk, write: Persist): PaperDisk {
  const { writeId: number, term, votedFor } = write;
  const base = write.base?.index ?? disk.base;
  const until = write.truncateFrom ?? Number.POSITIVE_INFINITY;
  const kept = disk.terms.filter((_, at) => {
    const index = disk.base + 1 + at;
    return index < until && index > base;
  });
  const added = write.entries.map((entry) => entry.term);
  return { number, term, votedFor, base, terms: [...kept, ...added] };
}

/** How far the log is on that disk as it stands. */
export function sharedThrough({ base, terms }: PaperDisk, log: Log): LogIndex {
  const differs = terms.findIndex((term, at) => {
    const index = base + 1 + at;
    return index > log.base.index && log.termAt(index) !== term;
  });
  return base + (differs === -1 ? terms.length : differs);
}

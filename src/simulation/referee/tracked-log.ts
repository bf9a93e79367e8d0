/**
 * The referee's own account of one log: its entries and a hash of each prefix. Following a log costs
 * what is new in it, however long it is.
 */
import type { Entry, EntryPosition, LogIndex, Term } from '../../../machines/rules/entries.ts';
import { EMPTY_PREFIX, extended, type PrefixHash } from './prefix-hash.ts';

/** A log as the account reads it: in memory or on a disk. */
export interface ReadableLog {
  readonly base: EntryPosition;
  readonly lastIndex: LogIndex;
  entryAt(index: LogIndex): Entry | undefined;
}

/** What has become of a log since it was last looked at. */
export interface LogChange {
  /** The first index that is new or another; nothing is new when it is above the last index. */
  readonly changedFrom: LogIndex;
  /** The first index whose entry is gone or was replaced; null when none was. */
  readonly truncatedFrom: LogIndex | null;
}

/** What is known of a prefix that an account has no entries of: null when nothing is. */
export type PrefixAt = (position: EntryPosition) => PrefixHash | null;

export class TrackedLog {
  #base: EntryPosition = { index: 0, term: 0 };
  #basePrefix: PrefixHash | null = EMPTY_PREFIX;
  #entries: Entry[] = [];
  #prefixes: (PrefixHash | null)[] = [];

  get base(): EntryPosition {
    return this.#base;
  }

  get lastIndex(): LogIndex {
    return this.#base.index + this.#entries.length;
  }

  get last(): EntryPosition {
    return { index: this.lastIndex, term: this.termAt(this.lastIndex) ?? 0 };
  }

  entryAt(index: LogIndex): Entry | undefined {
    return this.#entries[index - this.#base.index - 1];
  }

  termAt(index: LogIndex): Term | undefined {
    return index === this.#base.index ? this.#base.term : this.entryAt(index)?.term;
  }

  /** The hash of everything through `index`; null when it is unknown or not there. */
  prefixAt(index: LogIndex): PrefixHash | null {
    if (index === this.#base.index) return this.#basePrefix;
    return this.#prefixes[index - this.#base.index - 1] ?? null;
  }

  /** Whether it holds that very prefix; what a snapshot covers counts as held. */
  holds(index: LogIndex, prefix: PrefixHash): boolean {
    return index < this.#base.index || this.prefixAt(index) === prefix;
  }

  follow(log: ReadableLog, prefixAt: PrefixAt): LogChange {
    const dropped = this.#moveBase(log.base, prefixAt);
    const before = this.lastIndex;
    let same = Math.min(before, log.lastIndex);
    while (same > this.#base.index && this.entryAt(same) !== log.entryAt(same)) same -= 1;
    const old = this.#prefixes.slice(same - this.#base.index);
    this.#entries.length = same - this.#base.index;
    this.#prefixes.length = this.#entries.length;
    let replaced: LogIndex | null = null;
    for (let index = same + 1; index <= log.lastIndex; index += 1) {
      const entry = log.entryAt(index)!;
      const previous = this.prefixAt(index - 1);
      const prefix = previous === null ? null : extended(previous, entry);
      if (index <= before && replaced === null && old[index - same - 1] !== prefix)
        replaced = index;
      this.#entries.push(entry);
      this.#prefixes.push(prefix);
    }
    if (replaced === null && log.lastIndex < before) replaced = log.lastIndex + 1;
    return {
      changedFrom: Math.min(same + 1, replaced ?? same + 1),
      truncatedFrom: dropped ?? replaced,
    };
  }

  /** @returns the first index lost when the log did not hold the new base: then all of it goes. */
  #moveBase(base: EntryPosition, prefixAt: PrefixAt): LogIndex | null {
    if (base.index === this.#base.index && base.term === this.#base.term) return null;
    const isInside = base.index > this.#base.index && this.termAt(base.index) === base.term;
    if (isInside) {
      const covered = base.index - this.#base.index;
      this.#basePrefix = this.prefixAt(base.index);
      this.#entries = this.#entries.slice(covered);
      this.#prefixes = this.#prefixes.slice(covered);
      this.#base = { index: base.index, term: base.term };
      return null;
    }
    const lost = base.index < this.lastIndex ? base.index + 1 : null;
    this.#basePrefix = base.index === 0 ? EMPTY_PREFIX : prefixAt(base);
    this.#base = { index: base.index, term: base.term };
    this.#entries = [];
    this.#prefixes = [];
    return lost;
  }
}

/**
 * The log (Figure 2, `log[]`; §7): a readonly value with structural sharing.
 *
 * Appending a batch costs the batch's length; truncating is a new view; older values stay valid.
 * Views share one growing array: the view that ends where the array ends may push to it, any other
 * copies first. This is the only file that knows that the log does not begin at index 1.
 *
 *     base (in the snapshot)   entries in memory
 *     index 4, term 2        │  5   6   7   8
 *                            │  2   3   3   5    ← terms
 */
import { type Configuration, decodeConfiguration } from './configuration.ts';
import { type Entry, type EntryPosition, entryBytes, type LogIndex, type Term } from './entries.ts';
import { invariant } from './invariant.ts';
import { DEFAULT_SESSION_SETTINGS, decodeSettings, type SessionSettings } from './sessions.ts';

/** The entry before the first one in memory: what remains of a compacted prefix (§7). */
export interface LogBase extends EntryPosition {
  /** Cluster time of that entry, in milliseconds. */
  readonly time: number;
  /** The configuration as of that entry. */
  readonly configuration: Configuration;
  /** The replicated settings as of that entry. */
  readonly settings: SessionSettings;
}

/** The base that a cluster is born with: before the first entry there is only this (§6). */
export function firstBase(
  configuration: Configuration,
  settings: SessionSettings = DEFAULT_SESSION_SETTINGS,
): LogBase {
  return { index: 0, term: 0, time: 0, configuration, settings };
}

/** An entry of the library's own that changes what holds from its index on (§6; thesis §6.3). */
interface Change {
  readonly index: LogIndex;
  readonly configuration: Configuration | null;
  readonly settings: SessionSettings | null;
}

/** Grows at its end only. `bytesThrough[i]` is the size of everything up to and with entry `i`. */
interface Shared {
  readonly entries: Entry[];
  readonly bytesThrough: number[];
}

export class Log {
  readonly base: LogBase;
  readonly lastIndex: LogIndex;
  readonly #shared: Shared;
  readonly #changes: readonly Change[];

  private constructor(base: LogBase, shared: Shared, length: number, changes: readonly Change[]) {
    this.base = base;
    this.lastIndex = base.index + length;
    this.#shared = shared;
    this.#changes = changes;
  }

  /** A log of the entries that follow `base`. */
  static from(base: LogBase, entries: readonly Entry[] = []): Log {
    return new Log(base, { entries: [], bytesThrough: [] }, 0, []).append(entries);
  }

  get firstIndex(): LogIndex {
    return this.base.index + 1;
  }

  get last(): EntryPosition {
    return { index: this.lastIndex, term: this.lastTerm };
  }

  get lastTerm(): Term {
    return this.#at(this.lastIndex)?.term ?? this.base.term;
  }

  /** Cluster time of the last entry (thesis §6.3). */
  get lastTime(): number {
    return this.#at(this.lastIndex)?.time ?? this.base.time;
  }

  /** The size of the entries in memory. */
  get bytes(): number {
    return this.bytesBetween(this.base.index, this.lastIndex);
  }

  /** The latest configuration in the log, committed or not (§6). */
  get configuration(): Configuration {
    return this.configurationAt(this.lastIndex);
  }

  configurationAt(index: LogIndex): Configuration {
    const change = this.#changes.findLast((each) => each.index <= index && each.configuration);
    return change?.configuration ?? this.base.configuration;
  }

  settingsAt(index: LogIndex): SessionSettings {
    const change = this.#changes.findLast((each) => each.index <= index && each.settings);
    return change?.settings ?? this.base.settings;
  }

  /** The entry at `index`, or undefined when it is compacted or not there yet. */
  entryAt(index: LogIndex): Entry | undefined {
    return index > this.lastIndex ? undefined : this.#at(index);
  }

  /** The term at `index`, also at the base; undefined when it is compacted or not there yet. */
  termAt(index: LogIndex): Term | undefined {
    return index === this.base.index ? this.base.term : this.entryAt(index)?.term;
  }

  /** Whether this log holds the entry at that index with that term (§5.3, Log Matching). */
  holds(position: EntryPosition): boolean {
    return this.termAt(position.index) === position.term;
  }

  /** Entries from `from` through `through`, both inclusive. */
  slice(from: LogIndex, through: LogIndex = this.lastIndex): readonly Entry[] {
    invariant(
      from > this.base.index,
      `entry ${from} is compacted; the log begins at ${this.firstIndex}`,
    );
    const end = Math.max(from - 1, Math.min(through, this.lastIndex));
    return this.#shared.entries.slice(this.#offset(from), this.#offset(end) + 1);
  }

  /** The size of the entries after `after` through `through`; what is compacted counts nothing. */
  bytesBetween(after: LogIndex, through: LogIndex): number {
    return this.#bytesThrough(through) - this.#bytesThrough(after);
  }

  /** The greatest index from `from` on that keeps a batch within both bounds; at least `from`. */
  batchThrough(from: LogIndex, entriesMax: number, bytesMax: number): LogIndex {
    let low = from;
    let high = Math.min(this.lastIndex, from + entriesMax - 1);
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.bytesBetween(from - 1, middle) <= bytesMax) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** The least index from which on, through `through`, there are no more bytes than that. */
  tailAfter(through: LogIndex, bytesMax: number): LogIndex {
    let low = this.base.index;
    let high = Math.max(low, through);
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (this.bytesBetween(middle, through) <= bytesMax) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /**
   * The greatest index at most `index` whose term is at most `term`: where a follower's log and a
   * leader's may still agree, whole terms skipped (§5.3, the last paragraphs).
   */
  lastIndexAtMost({ index, term }: EntryPosition): LogIndex {
    let low = this.base.index;
    let high = Math.max(low, Math.min(index, this.lastIndex));
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.termAt(middle) ?? 0) <= term) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** @throws InvariantViolation unless the entries continue the log with terms that never fall. */
  append(entries: readonly Entry[]): Log {
    if (entries.length === 0) return this;
    const length = this.lastIndex - this.base.index;
    const shared = length === this.#shared.entries.length ? this.#shared : this.#copied(0, length);
    const changes: Change[] = [];
    let { index, term } = this.last;
    let bytes = shared.bytesThrough.at(-1) ?? 0;
    for (const entry of entries) {
      if (entry.index !== index + 1 || entry.term < term) refuseEntry(entry, { index, term });
      ({ index, term } = entry);
      bytes += entryBytes(entry);
      shared.entries.push(entry);
      shared.bytesThrough.push(bytes);
      const change = changeBy(entry);
      if (change !== null) changes.push(change);
    }
    const all = changes.length === 0 ? this.#changes : [...this.#changes, ...changes];
    return new Log(this.base, shared, length + entries.length, all);
  }

  /** Without the entries at and above `from` (§5.3: a conflicting suffix is removed). */
  truncateFrom(from: LogIndex): Log {
    if (from > this.lastIndex) return this;
    invariant(from > this.base.index, `entry ${from} is in the snapshot and cannot be truncated`);
    const kept = this.#changes.filter((change) => change.index < from);
    return new Log(this.base, this.#shared, from - this.firstIndex, kept);
  }

  /** Without the entries at and below `through`, which a snapshot holds (§7). */
  compactThrough(through: LogIndex): Log {
    if (through <= this.base.index) return this;
    const entry = this.entryAt(through);
    invariant(
      entry !== undefined,
      `cannot compact through ${through}: the log ends at ${this.lastIndex}`,
    );
    const { index, term, time } = entry;
    const configuration = this.configurationAt(index);
    const base = { index, term, time, configuration, settings: this.settingsAt(index) };
    const length = this.lastIndex - index;
    const start = this.#offset(index + 1);
    const kept = this.#changes.filter((change) => change.index > index);
    return new Log(base, this.#copied(start, length), length, kept);
  }

  /**
   * Below a snapshot received from the leader: what follows it stays only if our entry at its index
   * has its term; else the whole log goes, and its configuration with it (Figure 13, steps 6 and 7).
   */
  installBase(base: LogBase): Log {
    const isContinuation = base.index > this.base.index && this.holds(base);
    return isContinuation ? this.compactThrough(base.index) : Log.from(base);
  }

  /** For inspection only: the whole log as plain data. */
  toJSON(): { base: LogBase; entries: readonly Entry[] } {
    return { base: this.base, entries: this.slice(this.firstIndex) };
  }

  #offset(index: LogIndex): number {
    return index - this.firstIndex;
  }

  #at(index: LogIndex): Entry | undefined {
    return this.#shared.entries[this.#offset(index)];
  }

  #bytesThrough(index: LogIndex): number {
    const clamped = Math.min(index, this.lastIndex);
    return clamped <= this.base.index ? 0 : (this.#shared.bytesThrough[this.#offset(clamped)] ?? 0);
  }

  #copied(start: number, length: number): Shared {
    const entries = this.#shared.entries.slice(start, start + length);
    const before = start === 0 ? 0 : (this.#shared.bytesThrough[start - 1] ?? 0);
    const bytesThrough = this.#shared.bytesThrough
      .slice(start, start + length)
      .map((bytes) => bytes - before);
    return { entries, bytesThrough };
  }
}

/** Said apart from the check: a sentence for every entry would cost more than appending it. */
function refuseEntry(entry: EntryPosition, last: EntryPosition): never {
  const follows = `cannot follow (${last.index}, term ${last.term})`;
  invariant(false, `entry (${entry.index}, term ${entry.term}) ${follows} (§5.3)`);
}

function changeBy({ index, type, bytes }: Entry): Change | null {
  if (type === 'configuration') {
    return { index, configuration: decodeConfiguration(bytes), settings: null };
  }
  if (type === 'settings') return { index, configuration: null, settings: decodeSettings(bytes) };
  return null;
}

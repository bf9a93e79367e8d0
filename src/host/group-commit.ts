/**
 * Writes that wait become one (group commit): at most one is in flight, and what accumulates
 * meanwhile is merged into the next. A batch is whole steps: it begins when the turn has ended.
 */

import type { Persist } from '../../machines/rules/effects.ts';
import { type Entry, entryBytes } from '../../machines/rules/entries.ts';
import type { Clock } from '../ports/clock.ts';
import type { WriteStatus } from '../ports/server.ts';
import type { WriteBatch } from '../ports/storage.ts';

/**
 * A merged write is no larger than this. It takes several times its bytes while it is made, and nothing
 * in it is acknowledged until it is synced: followers would count as silent meanwhile.
 */
export const WRITE_BYTES_MAX = 4 * 1024 * 1024;

/**
 * Two writes in one: the last hard state, the smallest `truncateFrom`, the entries as they stand at
 * the end, the last snapshot and base. What it does to a disk is what both would have done.
 */
export function merged(first: WriteBatch, second: WriteBatch): WriteBatch {
  return {
    writeId: second.writeId,
    term: second.term,
    votedFor: second.votedFor,
    commitIndex: second.commitIndex,
    truncateFrom: smallest(first.truncateFrom, second.truncateFrom),
    entries: remaining(first, second),
    snapshot: second.snapshot ?? first.snapshot,
    base: second.base ?? first.base,
  };
}

function smallest(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.min(a, b);
}

/** The first one's entries as far as the second leaves them, and the second's own. */
function remaining(first: WriteBatch, second: WriteBatch): readonly Entry[] {
  const until = second.truncateFrom ?? Number.POSITIVE_INFINITY;
  const after = second.base?.index ?? 0;
  const isWhole = second.truncateFrom === null && second.base === null;
  const kept = isWhole
    ? first.entries
    : first.entries.filter(({ index }) => index < until && index > after);
  return kept.length === 0 ? second.entries : [...kept, ...second.entries];
}

export interface GroupCommitOptions {
  readonly clock: Clock;
  readonly write: (batch: WriteBatch) => Promise<void>;
  /** Every write up to and with `number` is durable. */
  readonly onDurable: (number: number) => void;
  /** A write has failed; nothing is written after it. */
  readonly onFailed: (error: unknown, number: number) => void;
}

export class GroupCommit {
  readonly #options: GroupCommitOptions;
  #waiting: WriteBatch[] = [];
  #isRunning = false;
  #isClosed = false;
  #idle: Promise<void> = Promise.resolve();
  #written: Omit<WriteStatus, 'underWay'> = { count: 0, entries: 0, totalMs: 0 };
  #underWay: { readonly number: number; readonly startedAt: number } | null = null;

  constructor(options: GroupCommitOptions) {
    this.#options = options;
  }

  get status(): WriteStatus {
    if (this.#underWay === null) return { ...this.#written, underWay: null };
    const { number, startedAt } = this.#underWay;
    return { ...this.#written, underWay: { number, forMs: this.#options.clock.now() - startedAt } };
  }

  add(effect: Persist): void {
    if (this.#isClosed) return;
    this.#waiting.push(batchOf(effect));
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#idle = Promise.resolve().then(() => this.#run());
  }

  /** Resolves when nothing is in flight and nothing waits. */
  async flush(): Promise<void> {
    await this.#idle;
  }

  /** Nothing more is written; what is in flight may finish, unobserved. */
  close(): void {
    this.#isClosed = true;
    this.#waiting = [];
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const count = countWithin(this.#waiting, ({ entries }) => bytesOf(entries));
      const batch = mergedAll(this.#waiting.splice(0, count));
      try {
        await this.#write(batch);
      } catch (error) {
        if (!this.#isClosed) this.#options.onFailed(error, batch.writeId);
        break;
      }
      if (this.#isClosed) break;
      this.#options.onDurable(batch.writeId);
    }
    this.#isRunning = false;
  }

  /** A write that fails stays under way: it is the last one. */
  async #write(batch: WriteBatch): Promise<void> {
    const { clock, write } = this.#options;
    const startedAt = clock.now();
    this.#underWay = { number: batch.writeId, startedAt };
    await write(batch);
    this.#underWay = null;
    const { count, entries, totalMs } = this.#written;
    this.#written = {
      count: count + 1,
      entries: entries + batch.entries.length,
      totalMs: totalMs + clock.now() - startedAt,
    };
  }
}

/** Written out: a copy of all but one of the fields costs many times as much. */
function batchOf(effect: Persist): WriteBatch {
  return {
    writeId: effect.writeId,
    term: effect.term,
    votedFor: effect.votedFor,
    commitIndex: effect.commitIndex,
    truncateFrom: effect.truncateFrom,
    entries: effect.entries,
    snapshot: effect.snapshot,
    base: effect.base,
  };
}

/** How many of them together fit into one write; at least one. */
export function countWithin<Item>(
  items: readonly Item[],
  bytesOfOne: (item: Item) => number,
): number {
  let bytes = 0;
  const first = items.findIndex((item) => {
    bytes += bytesOfOne(item);
    return bytes > WRITE_BYTES_MAX;
  });
  return first === -1 ? items.length : Math.max(1, first);
}

function bytesOf(entries: readonly Entry[]): number {
  let bytes = 0;
  for (const entry of entries) bytes += entryBytes(entry);
  return bytes;
}

/** Entries are gathered once: merging pairwise would copy them again and again. */
function mergedAll(batches: readonly WriteBatch[]): WriteBatch {
  const [first] = batches;
  if (first !== undefined && batches.length === 1) return first;
  const isAppending = batches.every((batch) => batch.truncateFrom === null && batch.base === null);
  if (!isAppending) return batches.reduce(merged);
  const last = batches.at(-1) as WriteBatch;
  const entries = batches.flatMap((batch) => batch.entries);
  const snapshot = batches.findLast((batch) => batch.snapshot !== null)?.snapshot ?? null;
  return { ...last, entries, snapshot };
}

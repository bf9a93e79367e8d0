/** What a simulated disk holds after each write: a value, changed by whole batches only. */

import type { Entry, ServerId, Term } from '../../machines/rules/entries.ts';
import { invariant } from '../../machines/rules/invariant.ts';
import type { LogBase } from '../../machines/rules/log.ts';
import type { SnapshotPointer } from '../../machines/rules/state.ts';
import type { Stored, WriteBatch } from '../ports/storage.ts';

export interface StoredState {
  readonly lastWriteId: number;
  readonly term: Term;
  readonly votedFor: ServerId | null;
  readonly commitIndex: number;
  readonly base: LogBase;
  /** Changed in place, by `applyBatch` only: a copy per write would cost the whole log. */
  readonly entries: Entry[];
  readonly snapshot: SnapshotPointer | null;
}

export function emptyState(base: LogBase): StoredState {
  return {
    lastWriteId: 0,
    term: 0,
    votedFor: null,
    commitIndex: base.index,
    base,
    entries: [],
    snapshot: null,
  };
}

/** The state after one write: truncate, cut, append, and the rest beside it. */
export function applyBatch(state: StoredState, batch: WriteBatch): StoredState {
  const { entries } = state;
  const base = batch.base ?? state.base;
  invariant(batch.writeId > state.lastWriteId, 'writes come in the order of their numbers');
  invariant(base.index >= state.base.index, 'the base of a log never falls (§7)');
  if (batch.truncateFrom !== null) {
    const kept = batch.truncateFrom - 1 - state.base.index;
    invariant(kept >= 0, `entry ${batch.truncateFrom} is below the log and cannot be truncated`);
    entries.length = Math.min(entries.length, kept);
  }
  entries.splice(0, base.index - state.base.index);
  for (const entry of batch.entries) {
    const expected = base.index + entries.length + 1;
    invariant(
      entry.index === expected,
      `a write appends entry ${entry.index} where entry ${expected} belongs`,
    );
    entries.push(copyOf(entry));
  }
  const { writeId: lastWriteId, term, votedFor, commitIndex } = batch;
  const snapshot = batch.snapshot ?? state.snapshot;
  return { lastWriteId, term, votedFor, commitIndex, base, entries, snapshot };
}

/** A disk keeps bytes, not references: what a server does to its objects later changes nothing. */
function copyOf(entry: Entry): Entry {
  return { ...entry, bytes: entry.bytes.slice() };
}

export function storedOf(state: StoredState, storageId: string, warnings: string[]): Stored {
  return { storageId, ...state, entries: state.entries.map(copyOf), warnings };
}

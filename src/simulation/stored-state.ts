/** What a simulated disk holds after each write: a value, changed by whole batches only. */

import {
  applyToEntries,
  type DurableHead,
  emptyHead,
  headAfter,
} from '../../machines/rules/durable-state.ts';
import type { Entry } from '../../machines/rules/entries.ts';
import type { LogBase } from '../../machines/rules/log.ts';
import type { Stored, WriteBatch } from '../ports/storage.ts';

export interface DiskState extends Omit<DurableHead, 'lastIndex'> {
  /** Changed in place, by `applyBatch` only: a copy per write would cost the whole log. */
  readonly entries: Entry[];
}

export function emptyState(base: LogBase): DiskState {
  const { lastIndex: _, ...head } = emptyHead(base);
  return { ...head, entries: [] };
}

export function applyBatch(state: DiskState, batch: WriteBatch): DiskState {
  const { entries } = state;
  const endsAt = state.base.index + entries.length;
  const { lastIndex: _, ...head } = headAfter({ ...state, lastIndex: endsAt }, batch);
  applyToEntries(entries, endsAt, { ...batch, entries: batch.entries.map(copyOf) });
  return { ...head, entries };
}

/** A disk keeps bytes, not references: what a server does to its objects later changes nothing. */
function copyOf(entry: Entry): Entry {
  return { ...entry, bytes: entry.bytes.slice() };
}

export function storedOf(state: DiskState, storageId: string, warnings: string[]): Stored {
  return { storageId, ...state, entries: state.entries.map(copyOf), warnings };
}

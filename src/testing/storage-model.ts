/** What a storage should hold, kept the simplest way: the port's words (§5.1, §7) as plain data. */

import type { Entry, Term } from '../../machines/rules/entries.ts';
import { firstBase, type LogBase } from '../../machines/rules/log.ts';
import type { Stored, WriteBatch } from '../ports/storage.ts';

/** Everything a storage tells, except who it is and what it repaired. */
export type StorageContents = Omit<Stored, 'storageId' | 'warnings'>;

export const CLUSTER_ID = 'a cluster';
export const IDENTITY = { clusterId: CLUSTER_ID, serverId: 'a' };

export const BASE: LogBase = firstBase({
  servers: [
    { id: 'a', peerAddress: 'ws://a', votes: true },
    { id: 'b', peerAddress: 'ws://b', votes: true },
  ],
  next: null,
});

export function emptyContent(base: LogBase = BASE): StorageContents {
  const { index } = base;
  return {
    lastWriteId: 0,
    term: 0,
    votedFor: null,
    commitIndex: index,
    base,
    entries: [],
    snapshot: null,
  };
}

/** Truncate, then begin after the base, then append, then bring the snapshot into force. */
export function contentAfter(content: StorageContents, batch: WriteBatch): StorageContents {
  const base = batch.base ?? content.base;
  const kept = content.entries.filter(
    ({ index }) => index < (batch.truncateFrom ?? Number.POSITIVE_INFINITY) && index > base.index,
  );
  return {
    lastWriteId: batch.writeId,
    term: batch.term,
    votedFor: batch.votedFor,
    commitIndex: batch.commitIndex,
    base,
    entries: [...kept, ...batch.entries],
    snapshot: batch.snapshot ?? content.snapshot,
  };
}

export function storedContentOf({
  storageId: _,
  warnings: __,
  ...content
}: Stored): StorageContents {
  return content;
}

/** The write after `content` that changes only what is given. */
export function batchAfter(content: StorageContents, change: Partial<WriteBatch>): WriteBatch {
  return {
    writeId: content.lastWriteId + 1,
    term: content.term,
    votedFor: content.votedFor,
    commitIndex: content.commitIndex,
    truncateFrom: null,
    entries: [],
    snapshot: null,
    base: null,
    ...change,
  };
}

/** Entries from index `from` on, one for each term, as in `entriesOf(1, '1 1 2')`. */
export function entriesOf(from: number, terms: string, payload = 'x'): readonly Entry[] {
  return terms.split(' ').map((term, position) => entryOf(from + position, Number(term), payload));
}

function entryOf(index: number, term: Term, payload: string): Entry {
  const bytes = new TextEncoder().encode(`${payload}${index}`);
  return { index, term, time: index * 10, type: 'command', bytes };
}

/** The base that a log compacted through the entry would have. */
export function baseAt(entry: Pick<Entry, 'index' | 'term' | 'time'>): LogBase {
  const { index, term, time } = entry;
  return { ...BASE, index, term, time };
}

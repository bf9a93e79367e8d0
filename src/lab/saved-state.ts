/** What the course's door saves: hard state, log and snapshot pointer, as bytes (Figure 2, "State"). */
import { entryFromList, entryToList } from '#formats/entry-format';
import { pack, unpackFresh } from '#formats/msgpack';
import { bootstrapConfiguration } from '#rules/configuration';
import type { Persist } from '#rules/effects';
import type { Entry } from '#rules/entries';
import { firstBase, Log, type LogBase } from '#rules/log';
import type { SnapshotPointer, StoredState } from '#rules/state';

export interface SavedState {
  readonly term: number;
  readonly votedFor: string | null;
  readonly commitIndex: number;
  readonly base: LogBase;
  readonly entries: readonly Entry[];
  readonly snapshot: SnapshotPointer | null;
}

/** A server that was never started: the log begins at 0, and every peer votes. */
export function firstState(servers: number): SavedState {
  const ids = Array.from({ length: servers }, (_, i) => [String(i), '']);
  const configuration = bootstrapConfiguration(Object.fromEntries(ids));
  const base = firstBase(configuration);
  return { term: 0, votedFor: null, commitIndex: 0, base, entries: [], snapshot: null };
}

/** The configuration never changes behind this door, so it is not saved (the course counts bytes). */
export function encodeState(state: SavedState): Uint8Array {
  const { term, votedFor, commitIndex, base, entries, snapshot } = state;
  return pack([
    term,
    votedFor,
    commitIndex,
    [base.index, base.term, base.time],
    entries.map(entryToList),
    snapshot && [snapshot.id, snapshot.index, snapshot.term, snapshot.time, snapshot.sizeBytes],
  ]);
}

export function decodeState(bytes: Uint8Array, servers: number): SavedState {
  const first = firstState(servers);
  if (bytes.byteLength === 0) return first;
  const { configuration, settings } = first.base;
  const [term, votedFor, commitIndex, base, entries, snapshot] = unpackFresh(bytes) as [
    number,
    string | null,
    number,
    [number, number, number],
    unknown[],
    [string, number, number, number, number] | null,
  ];
  return {
    term,
    votedFor,
    commitIndex,
    base: { index: base[0], term: base[1], time: base[2], configuration, settings },
    entries: entries.map(entryFromList),
    snapshot: snapshot && {
      id: snapshot[0],
      index: snapshot[1],
      term: snapshot[2],
      time: snapshot[3],
      sizeBytes: snapshot[4],
      configuration,
      settings,
    },
  };
}

/** The state after one write: truncation first, then the base, then the entries. */
export function afterWrite(state: SavedState, write: Persist): SavedState {
  const { term, votedFor, commitIndex, truncateFrom } = write;
  const base = write.base ?? state.base;
  const until = truncateFrom ?? Number.POSITIVE_INFINITY;
  const kept = state.entries.filter(({ index }) => index < until && index > base.index);
  const entries = [...kept, ...write.entries];
  const snapshot = write.snapshot ?? state.snapshot;
  return { term, votedFor, commitIndex, base, entries, snapshot };
}

export function logOf({ base, entries, ...state }: SavedState): Omit<StoredState, 'base'> {
  return { ...state, log: Log.from(base, entries), writeNumber: 0 };
}

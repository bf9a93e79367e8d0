/**
 * What the course's door saves (Figure 2, "State"), as bytes: the length of the head, the head — hard
 * state, where the log begins, snapshot pointer — and the log's entries.
 */

import { bootstrapConfiguration } from '../../machines/rules/configuration.ts';
import type { Persist } from '../../machines/rules/effects.ts';
import type { Entry } from '../../machines/rules/entries.ts';
import { firstBase, Log, type LogBase } from '../../machines/rules/log.ts';
import type { SnapshotPointer, StoredState } from '../../machines/rules/state.ts';
import { pack, unpackFresh } from '../formats/msgpack.ts';
import { decodeRecords, EntryRecords } from './entry-records.ts';

const LENGTH_BYTES = 4;

interface Head {
  readonly term: number;
  readonly votedFor: string | null;
  readonly commitIndex: number;
  readonly base: LogBase;
  readonly snapshot: SnapshotPointer | null;
}

export class SavedState {
  /** As a server starts from it. */
  readonly stored: Omit<StoredState, 'base'>;
  #head: Head;
  readonly #records: EntryRecords;

  private constructor(head: Head, entries: readonly Entry[]) {
    const { base, ...state } = head;
    this.stored = { ...state, log: Log.from(base, entries), lastWriteId: 0 };
    this.#head = head;
    this.#records = new EntryRecords(base.index + 1, entries);
  }

  /** Without any bytes, a server that was never started: its log begins at 0, every peer votes. */
  static decode(bytes: Uint8Array, servers: number): SavedState {
    const first = firstBaseOf(servers);
    if (bytes.byteLength === 0) {
      const head = { term: 0, votedFor: null, commitIndex: 0, base: first, snapshot: null };
      return new SavedState(head, []);
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const end = LENGTH_BYTES + view.getUint32(0);
    const head = decodeHead(bytes.subarray(LENGTH_BYTES, end), first);
    return new SavedState(head, decodeRecords(bytes.subarray(end)));
  }

  /** The configuration never changes behind this door. */
  get base(): LogBase {
    return this.#head.base;
  }

  /** One write: truncation first, then the base, then the entries. */
  write(write: Persist): void {
    const { term, votedFor, commitIndex, truncateFrom } = write;
    if (truncateFrom !== null) this.#records.truncateFrom(truncateFrom);
    if (write.base !== null) this.#records.dropThrough(write.base.index);
    this.#records.append(write.entries);
    const base = write.base ?? this.#head.base;
    const snapshot = write.snapshot ?? this.#head.snapshot;
    this.#head = { term, votedFor, commitIndex, base, snapshot };
  }

  encode(): Uint8Array {
    const head = encodeHead(this.#head);
    const end = LENGTH_BYTES + head.byteLength;
    const bytes = new Uint8Array(end + this.#records.byteLength);
    new DataView(bytes.buffer).setUint32(0, head.byteLength);
    bytes.set(head, LENGTH_BYTES);
    this.#records.copyTo(bytes, end);
    return bytes;
  }
}

function firstBaseOf(servers: number): LogBase {
  const ids = Array.from({ length: servers }, (_, i) => [String(i), '']);
  return firstBase(bootstrapConfiguration(Object.fromEntries(ids)));
}

/** Without the configuration: the course counts bytes. */
function encodeHead({ term, votedFor, commitIndex, base, snapshot }: Head): Uint8Array {
  return pack([
    term,
    votedFor,
    commitIndex,
    [base.index, base.term, base.time],
    snapshot && [snapshot.id, snapshot.index, snapshot.term, snapshot.time, snapshot.sizeBytes],
  ]);
}

function decodeHead(bytes: Uint8Array, { configuration, settings }: LogBase): Head {
  const [term, votedFor, commitIndex, base, snapshot] = unpackFresh(bytes) as [
    number,
    string | null,
    number,
    [number, number, number],
    [string, number, number, number, number] | null,
  ];
  return {
    term,
    votedFor,
    commitIndex,
    base: { index: base[0], term: base[1], time: base[2], configuration, settings },
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

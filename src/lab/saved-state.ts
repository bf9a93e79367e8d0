/**
 * What a server of the course saves (Figure 2, "State"), as bytes. The course saves the whole log with
 * every change, so each entry is encoded only once; and it counts bytes, so configuration and settings,
 * which never change, are left out.
 */
import { bootstrapConfiguration } from '../../machines/rules/configuration.ts';
import { firstBase, type LogBase } from '../../machines/rules/log.ts';
import { decodeEntry, encodeEntry } from '../formats/entry-format.ts';
import { pack, unpackFresh } from '../formats/msgpack.ts';
import type { Stored, WriteBatch } from '../ports/storage.ts';

type Head = Pick<Stored, 'term' | 'votedFor' | 'commitIndex' | 'base' | 'snapshot'>;

export class SavedState {
  #head: Head;
  /** Every entry after the base, encoded. */
  readonly #records: Uint8Array[];

  private constructor(head: Head, records: Uint8Array[]) {
    this.#head = head;
    this.#records = records;
  }

  /** Without any bytes, a server that was never started: its log begins at 0, every peer votes. */
  static decode(bytes: Uint8Array, servers: number): SavedState {
    const ids = Array.from({ length: servers }, (_, id) => [String(id), '']);
    const first = firstBase(bootstrapConfiguration(Object.fromEntries(ids)));
    if (bytes.byteLength === 0) {
      const head = { term: 0, votedFor: null, commitIndex: 0, base: first, snapshot: null };
      return new SavedState(head, []);
    }
    const { configuration, settings } = first;
    const { base, snapshot, records, ...rest } = unpackFresh(bytes) as Head & {
      readonly records: Uint8Array[];
    };
    const head = {
      ...rest,
      base: { ...base, configuration, settings },
      snapshot: snapshot && { ...snapshot, configuration, settings },
    };
    return new SavedState(head, records);
  }

  /** As a server starts from it. */
  get stored(): Stored {
    const entries = this.#records.map((record) => decodeEntry(record));
    return { ...this.#head, entries, storageId: '', lastWriteId: 0, warnings: [] };
  }

  /** One write: truncation first, then the base, then the entries. */
  write({ term, votedFor, commitIndex, truncateFrom, ...batch }: WriteBatch): void {
    const { base, snapshot } = this.#head;
    if (truncateFrom !== null) this.#records.splice(truncateFrom - base.index - 1);
    if (batch.base !== null) this.#records.splice(0, batch.base.index - base.index);
    for (const entry of batch.entries) this.#records.push(encodeEntry(entry));
    const later = { base: batch.base ?? base, snapshot: batch.snapshot ?? snapshot };
    this.#head = { term, votedFor, commitIndex, ...later };
  }

  encode(): Uint8Array {
    const { base, snapshot, ...rest } = this.#head;
    const records = this.#records;
    return pack({ ...rest, base: short(base), snapshot: snapshot && short(snapshot), records });
  }
}

function short<Part extends Pick<LogBase, 'configuration' | 'settings'>>(part: Part) {
  const { configuration: _, settings: __, ...kept } = part;
  return kept;
}

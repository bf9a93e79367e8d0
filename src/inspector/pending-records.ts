/**
 * Keeps records in order: each has its place from the moment it begins, whatever is handled in
 * between. What is dropped is counted at its place, and adjacent places are joined.
 */
import type { CountedTogether } from './protocol.ts';

export interface PendingRecord<Newcomer> {
  readonly atMs: number;
  /** Its text: a record, or what follows the number in a `transition`. */
  line: string;
  /** The actor that began here, until that is formatted. */
  newcomer: Newcomer | null;
  /** Whether it is a transition. */
  isTransition: boolean;
  /** What was dropped at this place. */
  dropped: DroppedCount | null;
}

export class PendingRecords<Newcomer> {
  #records: PendingRecord<Newcomer>[] = [];

  /** How much is pending. */
  get waiting(): { readonly records: number; readonly characters: number } {
    const characters = this.#records.reduce((sum, { line }) => sum + line.length, 0);
    return { records: this.#records.length, characters };
  }

  place(atMs: number): PendingRecord<Newcomer> {
    const record = { atMs, line: '', newcomer: null, isTransition: false, dropped: null };
    this.#records.push(record);
    return record;
  }

  beganAt(newcomer: Newcomer): PendingRecord<Newcomer> | undefined {
    return this.#records.find((record) => record.newcomer === newcomer);
  }

  drop(record: PendingRecord<Newcomer>, actor: string, kind: string): void {
    const records = this.#records;
    const before = records.at(-2)?.dropped ?? null;
    if (before !== null && records.at(-1) === record) {
      before.add(actor, kind);
      records.pop();
      return;
    }
    record.dropped = new DroppedCount();
    record.dropped.add(actor, kind);
    for (let last = records.length - 1; last > 0; last -= 1) {
      const [one, other] = [records[last - 1]?.dropped ?? null, records[last]?.dropped ?? null];
      if (one === null || other === null) return;
      one.join(other);
      records.pop();
    }
  }

  /** All of them; what was dropped last is left for what follows, unless that is wanted too. */
  take(isDroppedWanted: boolean): readonly PendingRecord<Newcomer>[] {
    const records = this.#records;
    const isLeft = records.at(-1)?.dropped != null && !isDroppedWanted;
    this.#records = isLeft ? records.splice(-1) : [];
    return records;
  }
}

/** Kinds that are counted by name, and how many of the most frequent are recorded. */
export const DROPPED_KINDS_COUNTED = 64;
export const DROPPED_KINDS_TOLD = 8;

/**
 * What was dropped at one place: how much, and what. Counting has to be cheap, so kinds beyond the
 * first few dozen are only in the total.
 */
export class DroppedCount {
  count = 0;
  readonly #actors = new Map<string, Map<string, number>>();
  #kinds = 0;

  add(actor: string, kind: string, count = 1): void {
    this.count += count;
    this.#name(actor, kind, count);
  }

  join(other: DroppedCount): void {
    this.count += other.count;
    for (const { actor, kind, count } of other.#all()) this.#name(actor, kind, count);
  }

  /** The most frequent ones, most first. */
  of(): readonly CountedTogether[] {
    return this.#all()
      .sort((one, other) => other.count - one.count)
      .slice(0, DROPPED_KINDS_TOLD);
  }

  #all(): CountedTogether[] {
    return [...this.#actors].flatMap(([actor, kinds]) =>
      [...kinds].map(([kind, count]) => ({ actor, kind, count })),
    );
  }

  #name(actor: string, kind: string, count: number): void {
    const kinds = this.#actors.get(actor) ?? new Map<string, number>();
    const before = kinds.get(kind);
    if (before === undefined && this.#kinds === DROPPED_KINDS_COUNTED) return;
    if (before === undefined) this.#kinds += 1;
    this.#actors.set(actor, kinds.set(kind, (before ?? 0) + count));
  }
}

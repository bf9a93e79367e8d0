/**
 * The order in which everything is told: each has a place from its beginning on, whatever is handled
 * in between. What is not told is counted at its place, and a row of such places is one.
 */
import { DroppedCount } from './gap.ts';

export interface PendingRecord<Newcomer> {
  readonly atMs: number;
  /** What is told of it: a record, or what belongs into a `transition` behind its number. */
  line: string;
  /** Who began here, until that is told. */
  newcomer: Newcomer | null;
  /** Whether a transition is told at this place. */
  isTransition: boolean;
  /** What is not told at this place. */
  gap: DroppedCount | null;
}

export class PendingRecords<Newcomer> {
  #records: PendingRecord<Newcomer>[] = [];

  /** How much waits to be told. */
  get waiting(): { readonly records: number; readonly characters: number } {
    const characters = this.#records.reduce((sum, { line }) => sum + line.length, 0);
    return { records: this.#records.length, characters };
  }

  place(atMs: number): PendingRecord<Newcomer> {
    const record = { atMs, line: '', newcomer: null, isTransition: false, gap: null };
    this.#records.push(record);
    return record;
  }

  beganAt(newcomer: Newcomer): PendingRecord<Newcomer> | undefined {
    return this.#records.find((record) => record.newcomer === newcomer);
  }

  drop(record: PendingRecord<Newcomer>, actor: string, kind: string): void {
    const records = this.#records;
    const before = records.at(-2)?.gap ?? null;
    if (before !== null && records.at(-1) === record) {
      before.add(actor, kind);
      records.pop();
      return;
    }
    record.gap = new DroppedCount();
    record.gap.add(actor, kind);
    for (let last = records.length - 1; last > 0; last -= 1) {
      const [one, other] = [records[last - 1]?.gap ?? null, records[last]?.gap ?? null];
      if (one === null || other === null) return;
      one.join(other);
      records.pop();
    }
  }

  /** All, in order; without a gap at the end, that may grow, unless it is wanted. */
  take(isGapWanted: boolean): readonly PendingRecord<Newcomer>[] {
    const records = this.#records;
    const isGap = records.at(-1)?.gap != null;
    this.#records = isGap && !isGapWanted ? records.splice(-1) : [];
    return records;
  }
}

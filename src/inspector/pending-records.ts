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
  #slots: PendingRecord<Newcomer>[] = [];

  /** How much waits to be told. */
  get waiting(): { readonly records: number; readonly characters: number } {
    const characters = this.#slots.reduce((sum, { line }) => sum + line.length, 0);
    return { records: this.#slots.length, characters };
  }

  place(atMs: number): PendingRecord<Newcomer> {
    const slot = { atMs, line: '', newcomer: null, isTransition: false, gap: null };
    this.#slots.push(slot);
    return slot;
  }

  beganAt(newcomer: Newcomer): PendingRecord<Newcomer> | undefined {
    return this.#slots.find((slot) => slot.newcomer === newcomer);
  }

  drop(slot: PendingRecord<Newcomer>, actor: string, kind: string): void {
    const slots = this.#slots;
    const before = slots.at(-2)?.gap ?? null;
    if (before !== null && slots.at(-1) === slot) {
      before.add(actor, kind);
      slots.pop();
      return;
    }
    slot.gap = new DroppedCount();
    slot.gap.add(actor, kind);
    for (let last = slots.length - 1; last > 0; last -= 1) {
      const [one, other] = [slots[last - 1]?.gap ?? null, slots[last]?.gap ?? null];
      if (one === null || other === null) return;
      one.join(other);
      slots.pop();
    }
  }

  /** All, in order; without a gap at the end, that may grow, unless it is wanted. */
  take(isGapWanted: boolean): readonly PendingRecord<Newcomer>[] {
    const slots = this.#slots;
    const isGap = slots.at(-1)?.gap != null;
    this.#slots = isGap && !isGapWanted ? slots.splice(-1) : [];
    return slots;
  }
}

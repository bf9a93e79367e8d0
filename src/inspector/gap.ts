/**
 * What happened at one place and is not told: how much it was, and what. Counting may not cost more
 * than a look or two, so kinds beyond the first few dozen are in the whole number only.
 */
import { GAP_KINDS_COUNTED, GAP_KINDS_TOLD } from './limits.ts';
import type { CountedTogether } from './protocol.ts';

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
    for (const [actor, kinds] of other.#actors) {
      for (const [kind, count] of kinds) this.#name(actor, kind, count);
    }
  }

  /** The most frequent ones, most first. */
  of(): readonly CountedTogether[] {
    const all = [...this.#actors].flatMap(([actor, kinds]) =>
      [...kinds].map(([kind, count]) => ({ actor, kind, count })),
    );
    return all.sort((one, other) => other.count - one.count).slice(0, GAP_KINDS_TOLD);
  }

  #name(actor: string, kind: string, count: number): void {
    const kinds = this.#actors.get(actor);
    const before = kinds?.get(kind);
    if (before === undefined) {
      if (this.#kinds === GAP_KINDS_COUNTED) return;
      this.#kinds += 1;
    }
    if (kinds === undefined) this.#actors.set(actor, new Map([[kind, count]]));
    else kinds.set(kind, (before ?? 0) + count);
  }
}

/**
 * Which of a server's moments an event log shows: those of an actor, of a type, holding a text. It
 * keeps up as moments come and go, without looking at any of them twice.
 */
import type { Kept } from './kept.ts';

export interface Wanted {
  /** Null for every actor; what belongs to none of them, as what was dropped, is always listed. */
  readonly actor: string | null;
  /** Null for every type. */
  readonly type: string | null;
  /** Anywhere in the event, in any case; empty for all. */
  readonly text: string;
}

interface Listable {
  readonly actor: string;
  readonly event: { readonly type: string };
}

export class Listing<T extends Listable> {
  readonly #kept: Kept<T>;
  readonly #isWanted: (item: T) => boolean;
  readonly #numbers: number[] = [];
  #seen = 0;

  constructor(kept: Kept<T>, wanted: Wanted) {
    this.#kept = kept;
    this.#isWanted = wants(wanted);
  }

  /** Of what is listed, oldest first. */
  numbers(): readonly number[] {
    this.#catchUp();
    return this.#numbers;
  }

  #catchUp(): void {
    const { first, total } = this.#kept;
    for (let number = Math.max(this.#seen, first); number < total; number += 1) {
      if (this.#isWanted(this.#kept.at(number) as T)) this.#numbers.push(number);
    }
    this.#seen = total;
    const gone = firstAtLeast(this.#numbers, first);
    if (gone > 0) this.#numbers.splice(0, gone);
  }
}

function wants({ actor, type, text }: Wanted): (item: Listable) => boolean {
  const needle = text.trim().toLowerCase();
  return (item) =>
    (actor === null || item.actor === actor || item.actor === '') &&
    (type === null || item.event.type === type) &&
    (needle === '' || JSON.stringify(item.event).toLowerCase().includes(needle));
}

/** Where in ascending numbers the first one stands that is at least `bound`. */
export function firstAtLeast(numbers: readonly number[], bound: number): number {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((numbers[middle] as number) < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * The last so many of what keeps coming, numbered from 0 in the order it came. The oldest go first,
 * and it is known how many are gone. Few of them may last longer, each under its number: a search
 * looks only where nothing is missing.
 */

import { lowestWhere } from '../pages/lowest-where.ts';

/** So many last longer. */
export const LASTING_MAX = 2_000;

export class RingBuffer<T> {
  /** How many are kept; fewer only from the next one on. */
  max: number;
  readonly #isLasting: (item: T) => boolean;
  #items: T[] = [];
  /** The number of the oldest from which on all are kept, and where it stands. */
  #first = 0;
  #start = 0;
  #lasting: { readonly number: number; readonly item: T }[] = [];

  /** @param isLasting - asked once of each, when its turn to go has come */
  constructor(max: number, isLasting: (item: T) => boolean = () => false) {
    this.max = max;
    this.#isLasting = isLasting;
  }

  /** How many have ever come: the number the next one gets. */
  get total(): number {
    return this.#first + this.#items.length - this.#start;
  }

  /** From this number on all are there. */
  get first(): number {
    return this.#first;
  }

  /** Those from before that are still there, oldest first. */
  get lasting(): readonly { readonly number: number; readonly item: T }[] {
    return this.#lasting;
  }

  push(item: T): void {
    this.#items.push(item);
    const tooMany = this.#items.length - this.#start - this.max;
    if (tooMany <= 0) return;
    for (let gone = 0; gone < tooMany; gone += 1) this.#let(this.#items[this.#start + gone] as T);
    this.#start += tooMany;
    if (this.#start < this.max) return;
    this.#items = this.#items.slice(this.#start);
    this.#start = 0;
  }

  #let(item: T): void {
    if (this.#isLasting(item)) this.#lasting.push({ number: this.#first, item });
    if (this.#lasting.length > LASTING_MAX) this.#lasting.shift();
    this.#first += 1;
  }

  at(number: number): T | undefined {
    if (number >= this.#first) return this.#items[number - this.#first + this.#start];
    const place = lowestWhere(0, this.#lasting.length, (at) => this.#lasting[at]!.number >= number);
    const found = this.#lasting[place];
    return found?.number === number ? found.item : undefined;
  }

  get last(): T | undefined {
    return this.at(this.total - 1);
  }

  /** The greatest number at most `from` whose item is wanted, or -1. */
  findLast(isWanted: (item: T) => boolean, from = this.total - 1): number {
    const lasting = from < this.#first ? this.at(from) : undefined;
    if (lasting !== undefined && isWanted(lasting)) return from;
    for (let number = Math.min(from, this.total - 1); number >= this.#first; number -= 1) {
      if (isWanted(this.at(number) as T)) return number;
    }
    return -1;
  }

  /** The least number at least `from` whose item is wanted, or -1. */
  findNext(isWanted: (item: T) => boolean, from: number): number {
    const { total } = this;
    for (let number = Math.max(from, this.#first); number < total; number += 1) {
      if (isWanted(this.at(number) as T)) return number;
    }
    return -1;
  }

  /** The number of the first one for which it does not hold; it must hold for a prefix. */
  endOf(holds: (item: T) => boolean): number {
    return lowestWhere(this.#first, this.total, (number) => !holds(this.at(number) as T));
  }
}

/**
 * The last so many of what keeps coming, numbered from 0 in the order it came. The oldest go first,
 * and it is known how many are gone.
 */
export class Kept<T> {
  /** How many are kept; fewer only from the next one on. */
  max: number;
  #items: T[] = [];
  /** The number of the oldest that is kept, and where it stands. */
  #first = 0;
  #start = 0;

  constructor(max: number) {
    this.max = max;
  }

  /** How many have ever come: the number the next one gets. */
  get total(): number {
    return this.#first + this.#items.length - this.#start;
  }

  /** The number of the oldest that is still there: how many are gone. */
  get first(): number {
    return this.#first;
  }

  push(item: T): void {
    this.#items.push(item);
    const tooMany = this.#items.length - this.#start - this.max;
    if (tooMany <= 0) return;
    this.#start += tooMany;
    this.#first += tooMany;
    if (this.#start < this.max) return;
    this.#items = this.#items.slice(this.#start);
    this.#start = 0;
  }

  at(number: number): T | undefined {
    return number < this.#first ? undefined : this.#items[number - this.#first + this.#start];
  }

  get last(): T | undefined {
    return this.at(this.total - 1);
  }

  /** The greatest number at most `from` whose item is wanted, or -1. */
  findLast(isWanted: (item: T) => boolean, from = this.total - 1): number {
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
    let low = this.#first;
    let high = this.total;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (holds(this.at(middle) as T)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

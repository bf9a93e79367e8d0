/**
 * Which of a server's entries an event log shows: those of an actor, of a type, containing a text. It
 * keeps up as entries come and go, without looking at any of them twice. What was dropped is one row
 * for all of it between two others, unless it is filtered.
 */
import { lowestWhere } from '../pages/lowest-where.ts';
import { together } from './counted-together.ts';
import type { HistoryEntry } from './history-entry.ts';
import type { CountedTogether } from './protocol.ts';
import type { RingBuffer } from './ring-buffer.ts';

export interface EntryFilter {
  /** Null for every actor; what belongs to none of them, as what was dropped, is always listed. */
  readonly actor: string | null;
  /** Null for every type. */
  readonly type: string | null;
  /** Anywhere in the event, in any case; empty for all. */
  readonly text: string;
}

type Listable = Pick<HistoryEntry, 'kind' | 'actor' | 'event' | 'count' | 'atMs' | 'of'>;

/** Moments of what was dropped, with nothing listed between them. */
export interface DroppedRun {
  /** The number of the last one. */
  readonly last: number;
  /** When the first was, and the last. */
  readonly atMs: number;
  readonly untilMs: number;
  /** How many transitions were dropped in all of them. */
  readonly count: number;
  /** What most of them were, if that is known. */
  readonly of: readonly CountedTogether[];
}

export class Listing<T extends Listable> {
  readonly #buffer: RingBuffer<T>;
  readonly #isWanted: (item: T) => boolean;
  /** What is filtered out besides other actors would be missing between them. */
  readonly #joins: boolean;
  readonly #numbers: number[] = [];
  /** By the number of their first entry, which stands for them among the numbers. */
  readonly #runs = new Map<number, DroppedRun>();
  #seen = 0;

  constructor(buffer: RingBuffer<T>, wanted: EntryFilter) {
    this.#buffer = buffer;
    this.#isWanted = wants(wanted);
    this.#joins = wanted.type === null && wanted.text.trim() === '';
  }

  /** Of what is listed, a number for each row, oldest first. */
  numbers(): readonly number[] {
    this.#catchUp();
    return this.#numbers;
  }

  /** What the row of that number stands for, if that is what was dropped. */
  runAt(number: number): DroppedRun | undefined {
    return this.#runs.get(number);
  }

  #catchUp(): void {
    const { first, total, lasting } = this.#buffer;
    for (const { number, item } of lasting) {
      if (number >= this.#seen && this.#isWanted(item)) this.#list(number, item);
    }
    for (let number = Math.max(this.#seen, first); number < total; number += 1) {
      const item = this.#buffer.at(number) as T;
      if (this.#isWanted(item)) this.#list(number, item);
    }
    this.#seen = total;
    this.#forgetBefore(first);
  }

  #list(number: number, { kind, atMs, count, of }: T): void {
    if (kind !== 'dropped') {
      this.#numbers.push(number);
      return;
    }
    const before = this.#numbers.at(-1) ?? -1;
    const run = this.#joins ? this.#runs.get(before) : undefined;
    if (run === undefined) {
      this.#numbers.push(number);
      this.#runs.set(number, { last: number, atMs, untilMs: atMs, count, of });
    } else {
      const sum = { count: run.count + count, of: together(run.of, of) };
      this.#runs.set(before, { ...run, last: number, untilMs: atMs, ...sum });
    }
  }

  /** A run stays whole for as long as the last of it is kept. */
  #forgetBefore(first: number): void {
    let gone = firstAtLeast(this.#numbers, first);
    const run = this.#runs.get(this.#numbers[gone - 1] ?? -1);
    if (run !== undefined && run.last >= first) gone -= 1;
    const before = this.#numbers.slice(0, gone);
    const lasting = before.filter((number) => this.#buffer.at(number) !== undefined);
    if (lasting.length === gone) return;
    for (const number of before) this.#runs.delete(number);
    this.#numbers.splice(0, gone, ...lasting);
  }
}

function wants({ actor, type, text }: EntryFilter): (item: Listable) => boolean {
  const needle = text.trim().toLowerCase();
  return (item) =>
    (actor === null || item.actor === actor || item.actor === '') &&
    (type === null || item.event.type === type) &&
    (needle === '' || JSON.stringify(item.event).toLowerCase().includes(needle));
}

/** Where in ascending numbers the first one stands that is at least `bound`. */
export function firstAtLeast(numbers: readonly number[], bound: number): number {
  return lowestWhere(0, numbers.length, (at) => numbers[at]! >= bound);
}

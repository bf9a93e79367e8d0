/**
 * The operations that have no place in the order yet: calls and returns as they happened, in a list
 * that an operation leaves when it is placed and enters again when the search goes back.
 *
 * What never returned is not in the list: it may be placed whenever its call is past, or never.
 */
import type { Operation } from './model.ts';

/** A call or a return. Ranks are places in the order in which all of them happened. */
interface Mark {
  readonly operation: number;
  readonly isCall: boolean;
  rank: number;
  before: Mark | null;
  after: Mark | null;
}

export class UnplacedOperations {
  readonly #head = markOf(-1, true);
  readonly #calls: readonly Mark[];
  readonly #returns: readonly (Mark | null)[];
  readonly #isPlaced: Uint8Array;
  /** Those that never returned, by their calls. */
  readonly pending: number[] = [];

  constructor(operations: readonly Operation<unknown, unknown>[]) {
    this.#isPlaced = new Uint8Array(operations.length);
    this.#calls = operations.map((_, at) => markOf(at, true));
    this.#returns = operations.map(({ returnedAt }, at) =>
      returnedAt === null ? null : markOf(at, false),
    );
    const timeOf = ({ operation, isCall }: Mark): number =>
      (isCall ? operations[operation]?.calledAt : operations[operation]?.returnedAt) ?? 0;
    const marks = [...this.#calls, ...this.#returns.filter((mark) => mark !== null)];
    // At one instant calls come first: what touches at an instant may go either way.
    marks.sort((a, b) => timeOf(a) - timeOf(b) || Number(b.isCall) - Number(a.isCall));
    let last = this.#head;
    for (const [rank, mark] of marks.entries()) {
      mark.rank = rank;
      if (this.isPending(mark.operation)) this.pending.push(mark.operation);
      else {
        mark.before = last;
        last.after = mark;
        last = mark;
      }
    }
  }

  /** Nothing that returned is without a place. */
  get isEmpty(): boolean {
    return this.#head.after === null;
  }

  isPlaced(operation: number): boolean {
    return this.#isPlaced[operation] === 1;
  }

  calledAt(operation: number): number {
    return this.#calls[operation]!.rank;
  }

  /** Infinity when it never did. */
  returnedAt(operation: number): number {
    return this.#returns[operation]?.rank ?? Infinity;
  }

  isPending(operation: number): boolean {
    return this.#returns[operation] === null;
  }

  /** Those called before the first return: one of them, or a pending one, is the next. */
  candidates(): { readonly operations: number[]; readonly firstReturn: number } {
    const operations: number[] = [];
    let mark = this.#head.after;
    for (; mark?.isCall; mark = mark.after) operations.push(mark.operation);
    return { operations, firstReturn: mark?.rank ?? Infinity };
  }

  /** The first of them by their returns. */
  *byReturn(count: number): Generator<number> {
    let left = count;
    for (let mark = this.#head.after; mark !== null && left > 0; mark = mark.after) {
      if (mark.isCall) continue;
      left -= 1;
      yield mark.operation;
    }
  }

  /** Those called before the first return of an operation of that kind. */
  *calledBeforeReturn(isOfKind: (operation: number) => boolean): Generator<number> {
    for (let mark = this.#head.after; mark !== null; mark = mark.after) {
      if (mark.isCall) yield mark.operation;
      else if (isOfKind(mark.operation)) return;
    }
  }

  place(operation: number): void {
    this.#isPlaced[operation] = 1;
    for (const mark of [this.#calls[operation]!, this.#returns[operation]]) {
      if (mark?.before) mark.before.after = mark.after;
      if (mark?.after) mark.after.before = mark.before;
    }
  }

  /** The last one placed goes first. */
  takeBack(operation: number): void {
    this.#isPlaced[operation] = 0;
    for (const mark of [this.#returns[operation], this.#calls[operation]!]) {
      if (mark?.before) mark.before.after = mark;
      if (mark?.after) mark.after.before = mark;
    }
  }
}

function markOf(operation: number, isCall: boolean): Mark {
  return { operation, isCall, rank: -1, before: null, after: null };
}

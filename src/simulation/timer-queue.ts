/** Timers in the order in which they fall due: a binary heap by (deadline, insertion). */

export interface Timer {
  readonly deadline: number;
  /** Breaks ties: what was set first fires first. */
  readonly order: number;
  /** Null once it has fired or was cleared. */
  callback: (() => void) | null;
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.deadline < b.deadline || (a.deadline === b.deadline && a.order < b.order);
}

/** Cleared timers stay in the heap until they surface: clearing is the commonest thing done. */
export class TimerQueue {
  readonly #heap: Timer[] = [];

  add(timer: Timer): void {
    const heap = this.#heap;
    let place = heap.length;
    heap.push(timer);
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = heap[above]!;
      if (!isBefore(timer, parent)) break;
      heap[place] = parent;
      place = above;
    }
    heap[place] = timer;
  }

  /** The timer that is due first, if any. */
  peek(): Timer | undefined {
    let first = this.#heap[0];
    while (first !== undefined && first.callback === null) {
      this.#removeFirst();
      first = this.#heap[0];
    }
    return first;
  }

  /** Takes the timer that is due first, if any. */
  take(): Timer | undefined {
    const first = this.peek();
    if (first !== undefined) this.#removeFirst();
    return first;
  }

  #removeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    const length = heap.length;
    if (length === 0) return;
    let place = 0;
    for (;;) {
      let below = 2 * place + 1;
      if (below >= length) break;
      if (below + 1 < length && isBefore(heap[below + 1]!, heap[below]!)) below += 1;
      const child = heap[below]!;
      if (!isBefore(child, last)) break;
      heap[place] = child;
      place = below;
    }
    heap[place] = last;
  }
}

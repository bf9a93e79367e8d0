/**
 * Virtual time: one queue of timers drives everything in a simulation.
 *
 * It jumps from deadline to deadline and stops at each, so that a timer which renews itself fires
 * as often as it should.
 */
import { invariant } from '../../machines/rules/invariant.ts';
import type { Clock } from '../ports/clock.ts';

export interface Timer {
  readonly deadline: number;
  /** Breaks ties: what was set first fires first. */
  readonly order: number;
  /** Null once it has fired or was cleared. */
  callback: (() => void) | null;
}

/** Whole microseconds, so that sums of delays stay short enough to print. */
function toMicroseconds(timeMs: number): number {
  return Math.round(timeMs * 1000) / 1000;
}

/** Time that passes only when the simulation lets it, in milliseconds; it stops at each timer. */
export class VirtualClock implements Clock {
  readonly #timers = new TimerQueue();
  #now = 0;
  #order = 0;
  #isFiring = false;

  /** Milliseconds of virtual time; it begins at 0. */
  now(): number {
    return this.#now;
  }

  /** Calls back when time has passed the delay, in milliseconds. */
  setTimeout(callback: () => void, delayMs = 0): Timer {
    this.#order += 1;
    const timer: Timer = { deadline: this.deadlineAfter(delayMs), order: this.#order, callback };
    this.#timers.add(timer);
    return timer;
  }

  /** When a timer of that delay falls due that is set now. */
  deadlineAfter(delayMs: number): number {
    return toMicroseconds(this.#now + Math.max(delayMs || 0, 0));
  }

  /** Takes back a timer; one that has fired is no error. */
  clearTimeout(timer: Timer | undefined | null): void {
    if (timer) timer.callback = null;
  }

  /** When the next timer is due; Infinity when none is set. */
  get nextDeadline(): number {
    return this.#timers.peek()?.deadline ?? Number.POSITIVE_INFINITY;
  }

  /** Jumps to the next deadline and fires its timer, unless that lies after `through`. */
  fireNext(through = Number.POSITIVE_INFINITY): boolean {
    invariant(!this.#isFiring, 'virtual time never advances inside a callback of its own');
    if (this.nextDeadline > through) return false;
    const timer = this.#timers.take();
    if (timer === undefined) return false;
    const { callback } = timer;
    timer.callback = null;
    this.#now = timer.deadline;
    this.#isFiring = true;
    try {
      callback?.();
    } finally {
      this.#isFiring = false;
    }
    return true;
  }

  /** Lets time pass up to `time`, which no timer precedes. */
  advanceTo(time: number): void {
    invariant(!this.#isFiring, 'virtual time never advances inside a callback of its own');
    invariant(time >= this.#now, `time never goes back: ${time} is before ${this.#now}`);
    invariant(time <= this.nextDeadline, 'time never jumps over a deadline');
    this.#now = time;
  }
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.deadline < b.deadline || (a.deadline === b.deadline && a.order < b.order);
}

/**
 * A binary heap by deadline, then by the order of setting. Cleared timers stay in it until they
 * surface: clearing is the commonest thing done.
 */
class TimerQueue {
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

/**
 * Virtual time: one queue of timers drives everything in a simulation.
 *
 * It jumps from deadline to deadline and stops at each, so that a timer which renews itself fires
 * as often as it should. It is XState's clock and RxJS's scheduler at once.
 */
import { type SchedulerAction, type SchedulerLike, Subscription } from 'rxjs';
import { invariant } from '../../machines/rules/invariant.ts';
import type { Clock } from '../ports/clock.ts';
import { type Timer, TimerQueue } from './timer-queue.ts';

/** Whole microseconds, so that sums of delays stay short enough to print. */
function toMicroseconds(timeMs: number): number {
  return Math.round(timeMs * 1000) / 1000;
}

/** Time that passes only when the simulation lets it, in milliseconds; it stops at each timer. */
export class VirtualClock implements Clock, SchedulerLike {
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

  /** The same for RxJS, whose scheduler it is. */
  schedule<State>(
    work: (this: SchedulerAction<State>, state: State) => void,
    delayMs = 0,
    state?: State,
  ): Subscription {
    return new ScheduledWork(this, work).schedule(state, delayMs);
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

/** One piece of work of RxJS, which may ask to be done again. */
class ScheduledWork<State> extends Subscription implements SchedulerAction<State> {
  readonly #clock: VirtualClock;
  readonly #work: (this: SchedulerAction<State>, state: State) => void;
  #timer: Timer | null = null;

  constructor(clock: VirtualClock, work: (this: SchedulerAction<State>, state: State) => void) {
    super(() => clock.clearTimeout(this.#timer));
    this.#clock = clock;
    this.#work = work;
  }

  schedule(state?: State, delayMs = 0): Subscription {
    if (this.closed) return this;
    this.#clock.clearTimeout(this.#timer);
    this.#timer = this.#clock.setTimeout(() => {
      const armed = this.#timer;
      this.#work.call(this, state as State);
      if (this.#timer === armed) this.unsubscribe();
    }, delayMs);
    return this;
  }
}

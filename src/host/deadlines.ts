/**
 * By when calls have to be settled: one timer for all of them, set for the earliest. Calls with the
 * same timeout fall due in the order they came, so only the first of each timeout is looked at.
 */
import type { Clock } from '#ports/clock';

/** What a timer can be set for; a later deadline is looked at again then. */
const TIMER_MAX_MS = 24 * 60 * 60 * 1000;
/** Timers fire a little before their time: no reason to set another one. */
const TOLERANCE_MS = 1;

export interface Due {
  readonly timeoutMs: number;
}

export class Deadlines<Call extends Due> {
  readonly #clock: Clock;
  readonly #onMissed: (call: Call) => void;
  /** By timeout; each holds its calls' deadlines, in the order of both. */
  readonly #calls = new Map<number, Map<Call, number>>();
  #timer: unknown = null;
  #timerDue = Number.POSITIVE_INFINITY;

  constructor(clock: Clock, onMissed: (call: Call) => void) {
    this.#clock = clock;
    this.#onMissed = onMissed;
  }

  add(call: Call): void {
    const { timeoutMs } = call;
    const deadline = this.#clock.now() + timeoutMs;
    const calls = this.#calls.get(timeoutMs);
    if (calls === undefined) this.#calls.set(timeoutMs, new Map([[call, deadline]]));
    else calls.set(call, deadline);
    if (deadline < this.#timerDue) this.#setTimer(deadline);
  }

  /** The timer stays: setting one for every call would cost more than a look in vain. */
  remove(call: Call): void {
    this.#calls.get(call.timeoutMs)?.delete(call);
  }

  #setTimer(deadline: number): void {
    this.#clock.clearTimeout(this.#timer);
    this.#timerDue = deadline;
    const delayMs = Math.min(Math.max(deadline - this.#clock.now(), 0), TIMER_MAX_MS);
    this.#timer = this.#clock.setTimeout(() => this.#look(), delayMs);
  }

  #look(): void {
    const now = this.#clock.now();
    let earliest = Number.POSITIVE_INFINITY;
    for (const [timeoutMs, calls] of this.#calls) {
      earliest = Math.min(earliest, this.#expire(calls, now));
      if (calls.size === 0) this.#calls.delete(timeoutMs);
    }
    this.#timerDue = Number.POSITIVE_INFINITY;
    if (earliest < Number.POSITIVE_INFINITY) this.#setTimer(earliest);
  }

  /** Gives the first deadline that is still ahead. */
  #expire(calls: Map<Call, number>, now: number): number {
    for (const [call, deadline] of calls) {
      if (deadline > now + TOLERANCE_MS) return deadline;
      calls.delete(call);
      this.#onMissed(call);
    }
    return Number.POSITIVE_INFINITY;
  }
}

/** By when calls have to be settled: one timer for all of them, set for the earliest. */
import type { Clock } from '../ports/clock.ts';

/** What a timer can be set for; a later deadline is looked at again then. */
const TIMER_MAX_MS = 24 * 60 * 60 * 1000;
/** Timers fire a little before their time: no reason to set another one. */
const TOLERANCE_MS = 1;

export interface Due {
  /** On the clock's own scale. */
  readonly deadline: number;
  readonly isSettled: boolean;
}

export class Deadlines<Call extends Due> {
  readonly #clock: Clock;
  readonly #pending: () => Iterable<Call>;
  readonly #onMissed: (call: Call) => void;
  #timer: unknown = null;
  #earliest = Number.POSITIVE_INFINITY;

  constructor(clock: Clock, pending: () => Iterable<Call>, onMissed: (call: Call) => void) {
    this.#clock = clock;
    this.#pending = pending;
    this.#onMissed = onMissed;
  }

  /** The deadline of a new call. Its timer outlives it: a look in vain is cheaper than a timer each. */
  after(timeoutMs: number): number {
    const deadline = this.#clock.now() + timeoutMs;
    if (deadline < this.#earliest) this.#lookAt(deadline);
    return deadline;
  }

  #lookAt(deadline: number): void {
    this.#clock.clearTimeout(this.#timer);
    this.#earliest = deadline;
    const delayMs = Math.min(Math.max(deadline - this.#clock.now(), 0), TIMER_MAX_MS);
    this.#timer = this.#clock.setTimeout(() => this.#look(), delayMs);
  }

  #look(): void {
    const due = this.#clock.now() + TOLERANCE_MS;
    let earliest = Number.POSITIVE_INFINITY;
    for (const call of this.#pending()) {
      if (call.isSettled) continue;
      if (call.deadline <= due) this.#onMissed(call);
      else earliest = Math.min(earliest, call.deadline);
    }
    this.#earliest = Number.POSITIVE_INFINITY;
    if (earliest < Number.POSITIVE_INFINITY) this.#lookAt(earliest);
  }
}

/** The one timer of a connection: what it waits for next takes the place of what it waited for. */
import type { Clock } from '../ports/clock.ts';

const DEADLINE_SLICES = 4;

export class ConnectionTimer {
  readonly #clock: Clock;
  #timer: unknown;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * In slices: when our own process was held up, what has arrived meanwhile is read before anybody
   * is called late.
   */
  setDeadline(deadlineMs: number, callback: () => void, slicesLeft = DEADLINE_SLICES): void {
    this.wait(deadlineMs / DEADLINE_SLICES, () => {
      if (slicesLeft > 1) this.setDeadline(deadlineMs, callback, slicesLeft - 1);
      else callback();
    });
  }

  wait(delayMs: number, callback: () => void): void {
    this.clear();
    this.#timer = this.#clock.setTimeout(callback, delayMs);
  }

  clear(): void {
    this.#clock.clearTimeout(this.#timer);
  }
}

/** The timers of one server on a clock that it shares with others. */
import type { Clock } from '../ports/clock.ts';

/**
 * A clock whose timers can all be cancelled at once: an actor system that has failed leaves its timers
 * running.
 */
export class ScopedClock implements Clock {
  readonly #clock: Clock;
  readonly #active = new Set<unknown>();
  #isDropped = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  setTimeout(callback: () => void, delayMs: number): unknown {
    if (this.#isDropped) return null;
    const id = this.#clock.setTimeout(() => {
      this.#active.delete(id);
      callback();
    }, delayMs);
    this.#active.add(id);
    return id;
  }

  clearTimeout(id: unknown): void {
    if (this.#active.delete(id)) this.#clock.clearTimeout(id);
  }

  drop(): void {
    this.#isDropped = true;
    for (const id of this.#active) this.#clock.clearTimeout(id);
    this.#active.clear();
  }
}

/** Reaches for one peer again and again, with growing waits and jitter, while there is no connection. */
import type { Clock } from '../ports/clock.ts';
import type { Random } from '../ports/random.ts';
import type { TransportLimits } from './transport-limits.ts';

export interface DiallerOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly limits: TransportLimits;
  isConnected(): boolean;
  /** Begins an attempt, and tells when whatever came of it has ended. */
  dial(ended: () => void): void;
}

export class PeerDialler {
  readonly #options: DiallerOptions;
  #timer: unknown = null;
  #isDialling = false;
  #isStopped = false;
  #waitMs: number;

  constructor(options: DiallerOptions) {
    this.#options = options;
    this.#waitMs = options.limits.dialWaitMinMs;
  }

  /** There may be no connection: reaches for one, at once or after the wait that is due. */
  wake(isUrgent = false): void {
    const { clock, random, limits, isConnected } = this.#options;
    if (this.#isStopped || this.#isDialling || this.#timer !== null || isConnected()) return;
    const delayMs = isUrgent ? 0 : this.#waitMs * (0.5 + random.next() / 2);
    this.#timer = clock.setTimeout(() => this.#dial(), delayMs);
    this.#waitMs = Math.min(limits.dialWaitMaxMs, 2 * this.#waitMs);
  }

  /** There was one: the next wait is short again. */
  succeeded(): void {
    this.#waitMs = this.#options.limits.dialWaitMinMs;
  }

  stop(): void {
    this.#isStopped = true;
    if (this.#timer !== null) this.#options.clock.clearTimeout(this.#timer);
  }

  #dial(): void {
    this.#timer = null;
    if (this.#isStopped || this.#options.isConnected()) return;
    this.#isDialling = true;
    this.#options.dial(() => {
      this.#isDialling = false;
      this.wake();
    });
  }
}

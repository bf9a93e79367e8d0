/**
 * Where commands wait for a session and for a place in its window (§8).
 *
 * The session is opened with the first command, and anew with the first one after it has expired:
 * never for a command that was sent under the old one, since nobody knows what became of that.
 */

import type { Clock } from '../ports/clock.ts';
import { SessionWindow } from './session-window.ts';

/** A command's place: its sequence in a session. */
export interface Place {
  readonly window: SessionWindow;
  readonly sequence: number;
}

/** How a session is opened, and what is told to a command that gets no place: it was never sent. */
export interface SessionOpener<Refusal> {
  /**
   * Opens one by then; null when it was not open by then, and those who may wait for longer have it
   * tried again. A refusal is for all of them. Opened twice is harmless: a session that nobody uses
   * expires.
   */
  open(deadlineMs: number): Promise<{ readonly session: number } | Refusal | null>;
  /** Its time is up; opening, if that is what it waited for, has not come to an end. */
  expired(isOpening: boolean): Refusal;
  cancelled(): Refusal;
}

interface Waiter<Refusal> {
  readonly deadlineMs: number;
  readonly settle: (place: Place | Refusal) => void;
  readonly expire: () => void;
  readonly fail: (thrown: unknown) => void;
}

export class SessionGate<Refusal extends object> {
  readonly #opener: SessionOpener<Refusal>;
  readonly #clock: Clock;
  readonly #waiting = new Set<Waiter<Refusal>>();
  #window: SessionWindow | null = null;
  #isOpening = false;

  constructor(opener: SessionOpener<Refusal>, clock: Clock) {
    this.#opener = opener;
    this.#clock = clock;
  }

  /** The open session, if there is one. */
  get session(): number | null {
    return this.#window?.session ?? null;
  }

  /**
   * At once when there is room, else when there is, or at the deadline without one. Who was given a
   * place looks whether it was given up meanwhile. Rejects with what opening the session throws.
   */
  enter(deadlineMs: number, signal?: AbortSignal): Place | Promise<Place | Refusal> {
    if (this.#window !== null && !this.#window.isFull && this.#waiting.size === 0) {
      return { window: this.#window, sequence: this.#window.begin() };
    }
    return new Promise((resolve, reject) => {
      const expire = () => waiter.settle(this.#opener.expired(this.#isOpening));
      const cancel = () => waiter.settle(this.#opener.cancelled());
      const timer = this.#clock.setTimeout(expire, Math.max(deadlineMs - this.#clock.now(), 0));
      signal?.addEventListener('abort', cancel);
      const end = () => {
        this.#clock.clearTimeout(timer);
        signal?.removeEventListener('abort', cancel);
        this.#waiting.delete(waiter);
      };
      const waiter: Waiter<Refusal> = {
        deadlineMs,
        settle: (place) => {
          end();
          resolve(place);
        },
        expire,
        fail: (thrown) => {
          end();
          reject(thrown);
        },
      };
      this.#waiting.add(waiter);
      this.#admit();
    });
  }

  /** The command was answered or given up. */
  leave({ window, sequence }: Place, isExpired: boolean): void {
    window.end(sequence);
    if (isExpired && this.#window === window) this.#window = null;
    this.#admit();
  }

  /** Nobody who waits gets in any more. */
  close(): void {
    this.#refuseAll(this.#opener.cancelled());
  }

  #admit(): void {
    if (this.#waiting.size === 0) return;
    if (this.#window === null) {
      if (!this.#isOpening) void this.#open();
      return;
    }
    for (const waiter of this.#waiting) {
      if (this.#window.isFull) return;
      waiter.settle({ window: this.#window, sequence: this.#window.begin() });
    }
  }

  /** For as long as anybody waits. */
  async #open(): Promise<void> {
    this.#isOpening = true;
    try {
      while (this.#window === null && this.#waiting.size > 0) {
        const deadlineMs = Math.max(...[...this.#waiting].map((waiter) => waiter.deadlineMs));
        const opened = await this.#opener.open(deadlineMs);
        if (opened === null) this.#expireThrough(deadlineMs);
        else if ('session' in opened) this.#window = new SessionWindow(opened.session);
        else this.#refuseAll(opened);
      }
    } catch (thrown) {
      for (const waiter of this.#waiting) waiter.fail(thrown);
    } finally {
      this.#isOpening = false;
    }
    this.#admit();
  }

  /** Timers fire a little early, or in another order than they were set. */
  #expireThrough(deadlineMs: number): void {
    for (const waiter of this.#waiting) if (waiter.deadlineMs <= deadlineMs) waiter.expire();
  }

  #refuseAll(refusal: Refusal): void {
    for (const waiter of this.#waiting) waiter.settle(refusal);
  }
}

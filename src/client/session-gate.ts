/**
 * Where commands wait for a session and for a place in its window (§8).
 *
 * The session is opened with the first command, and anew with the first one after it has expired:
 * never for a command that was sent under the old one, since nobody knows what became of that.
 */

import type { SetbackReason } from '../../machines/rules/server-answers.ts';
import type { Clock } from '../ports/clock.ts';
import { jsonOf } from './answers.ts';
import type { Call, Caller } from './caller.ts';
import type { HttpAnswer } from './http-port.ts';
import type { Line } from './line.ts';
import { SessionWindow } from './session-window.ts';

/** A command's place: its sequence in a session. */
export interface Place {
  readonly window: SessionWindow;
  readonly sequence: number;
}

/** It never got one, so its command was never sent. */
export interface NoPlace {
  readonly reason: SetbackReason | 'cancelled';
  /** What the servers said when they would not open a session. */
  readonly answer: HttpAnswer | null;
  /** What is to be said instead of the reason's own sentence. */
  readonly note?: string | null;
}

interface Waiter {
  readonly deadlineMs: number;
  readonly settle: (place: Place | NoPlace) => void;
}

export class SessionGate {
  readonly #caller: Caller;
  readonly #clock: Clock;
  readonly #waiting = new Set<Waiter>();
  #window: SessionWindow | null = null;
  /** Set while a session is being opened. */
  #opening: Line | null = null;

  constructor(caller: Caller, clock: Clock) {
    this.#caller = caller;
    this.#clock = clock;
  }

  /** The open session, if there is one. */
  get session(): number | null {
    return this.#window?.session ?? null;
  }

  /** At once when there is room, else when there is, or at the deadline without one. */
  enter(deadlineMs: number, signal?: AbortSignal): Place | Promise<Place | NoPlace> {
    if (this.#window !== null && !this.#window.isFull && this.#waiting.size === 0) {
      return { window: this.#window, sequence: this.#window.begin() };
    }
    return new Promise((resolve) => {
      const expire = () =>
        waiter.settle({
          reason: this.#opening?.setback ?? 'overloaded',
          answer: null,
          note: this.#opening?.note ?? null,
        });
      const cancel = () => waiter.settle({ reason: 'cancelled', answer: null });
      const timer = this.#clock.setTimeout(expire, Math.max(deadlineMs - this.#clock.now(), 0));
      signal?.addEventListener('abort', cancel);
      const waiter: Waiter = {
        deadlineMs,
        settle: (place) => {
          this.#clock.clearTimeout(timer);
          signal?.removeEventListener('abort', cancel);
          this.#waiting.delete(waiter);
          resolve(place);
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
    this.#refuseAll({ reason: 'cancelled', answer: null });
  }

  #admit(): void {
    if (this.#waiting.size === 0) return;
    if (this.#window === null) {
      if (this.#opening === null) void this.#open();
      return;
    }
    for (const waiter of this.#waiting) {
      if (this.#window.isFull) return;
      waiter.settle({ window: this.#window, sequence: this.#window.begin() });
    }
  }

  /** For as long as anybody waits. Opened twice is harmless: a session nobody uses expires. */
  async #open(): Promise<void> {
    while (this.#window === null && this.#waiting.size > 0) {
      this.#opening = this.#caller.newLine();
      const call: Call = {
        kind: 'openSession',
        deadlineMs: Math.max(...[...this.#waiting].map((waiter) => waiter.deadlineMs)),
        exchange: () => ({ method: 'POST', path: '/v1/sessions', headers: {}, body: null }),
      };
      const { verdict, answer, note } = await this.#caller.call(call, this.#opening);
      if (verdict.outcome === 'refused' && note !== null) {
        this.#refuseAll({ reason: verdict.reason, answer: null, note });
      }
      if (verdict.outcome !== 'answered' || answer === null) continue;
      const { session } = jsonOf(answer);
      if (answer.status === 201 && typeof session === 'number') {
        this.#window = new SessionWindow(session);
      } else {
        // They will not have it, and asking again would not change that.
        this.#refuseAll({ reason: 'unreachable', answer });
      }
    }
    this.#opening = null;
    this.#admit();
  }

  #refuseAll(refusal: NoPlace): void {
    for (const waiter of this.#waiting) waiter.settle(refusal);
  }
}

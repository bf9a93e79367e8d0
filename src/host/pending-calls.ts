/**
 * What commands and queries under way have in common: each settles once, by its deadline at the
 * latest, and before that when its caller's signal aborts.
 */
import type { Clock } from '../ports/clock.ts';

/** The longest that a timer can be set for; a later deadline is looked at again then. */
const TIMER_MAX_MS = 24 * 60 * 60 * 1000;
/** Timers fire a little before their time: no reason to set another one. */
const TOLERANCE_MS = 1;

export interface PendingCall {
  /** On the clock's own scale. */
  readonly deadline: number;
  /** Takes its listener off the caller's signal. */
  ignoreSignal: (() => void) | null;
  isSettled: boolean;
}

export class PendingCalls<Call extends PendingCall> {
  readonly #clock: Clock;
  readonly #pending: () => Iterable<Call>;
  readonly #giveUp: (call: Call) => void;
  #timer: unknown = null;
  #earliest = Number.POSITIVE_INFINITY;

  /** @param giveUp - settles a call that is aborted or too late */
  constructor(clock: Clock, pending: () => Iterable<Call>, giveUp: (call: Call) => void) {
    this.#clock = clock;
    this.#pending = pending;
    this.#giveUp = giveUp;
  }

  /** The deadline of a new call. One timer serves all calls, and may fire when its own has settled. */
  deadlineAfter(timeoutMs: number): number {
    const deadline = this.#clock.now() + timeoutMs;
    if (deadline < this.#earliest) this.#lookAt(deadline);
    return deadline;
  }

  /** Gives the call up when its caller's signal aborts; at once, if it has. */
  listenForAbort(call: Call, signal: AbortSignal | undefined): void {
    if (signal === undefined) return;
    const giveUp = () => this.#giveUp(call);
    if (signal.aborted) giveUp();
    else {
      signal.addEventListener('abort', giveUp);
      call.ignoreSignal = () => signal.removeEventListener('abort', giveUp);
    }
  }

  /** False when the call had settled before. */
  settle(call: Call): boolean {
    if (call.isSettled) return false;
    call.isSettled = true;
    call.ignoreSignal?.();
    return true;
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
      if (call.deadline <= due) this.#giveUp(call);
      else earliest = Math.min(earliest, call.deadline);
    }
    this.#earliest = Number.POSITIVE_INFINITY;
    if (earliest < Number.POSITIVE_INFINITY) this.#lookAt(earliest);
  }
}

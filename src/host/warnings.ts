/** The latest warnings of a server: reported at once, and kept for its status, up to a bound. */
import type { ServerId } from '../../machines/rules/entries.ts';
import type { Clock } from '../ports/clock.ts';
import type { Warning } from '../ports/server.ts';

const KEPT_MAX = 16;

interface Kept extends Omit<Warning, 'agoMs'> {
  readonly at: number;
}

export class Warnings {
  readonly #clock: Clock;
  readonly #report: (message: string) => void;
  #ofServers: readonly Kept[] = [];
  /** Kept apart, so that unauthenticated connections cannot push out warnings about servers. */
  #ofUnauthenticated: readonly Kept[] = [];

  constructor(clock: Clock, report: (message: string) => void) {
    this.#clock = clock;
    this.#report = report;
  }

  note(from: Warning['from'], message: string, peer: ServerId | null = null): void {
    const warning = { from, peer, message, times: 1, at: this.#clock.now() };
    if (from === 'transport' && peer === null) {
      this.#ofUnauthenticated = withLatest(this.#ofUnauthenticated, warning);
    } else {
      this.#ofServers = withLatest(this.#ofServers, warning);
    }
    this.#report(message);
  }

  /** In the order of time. */
  get latest(): readonly Warning[] {
    const now = this.#clock.now();
    return [...this.#ofServers, ...this.#ofUnauthenticated]
      .sort((one, other) => one.at - other.at)
      .map(({ at, ...warning }) => ({ ...warning, agoMs: now - at }));
  }
}

/** A repeated warning replaces the one before. */
function withLatest(kept: readonly Kept[], warning: Kept): readonly Kept[] {
  const isSame = ({ from, peer, message }: Kept) =>
    from === warning.from && peer === warning.peer && message === warning.message;
  const times = (kept.find(isSame)?.times ?? 0) + 1;
  const others = kept.filter((other) => !isSame(other));
  return [...others, { ...warning, times }].slice(-KEPT_MAX);
}

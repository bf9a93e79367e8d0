/** What a server was warned of lately, told at once and kept a while: bounded, whoever is refused. */
import type { ServerId } from '../../machines/rules/entries.ts';
import type { Clock } from '../ports/clock.ts';
import type { Warning } from '../ports/server.ts';

const KEPT_MAX = 16;

interface Kept extends Omit<Warning, 'agoMs'> {
  readonly at: number;
}

export class Warnings {
  readonly #clock: Clock;
  readonly #tell: (message: string) => void;
  #ofServers: readonly Kept[] = [];
  /** Of their own, so that strangers cannot push out what is known of servers. */
  #ofStrangers: readonly Kept[] = [];

  constructor(clock: Clock, tell: (message: string) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  note(from: Warning['from'], message: string, peer: ServerId | null = null): void {
    const warning = { from, peer, message, times: 1, at: this.#clock.now() };
    if (from === 'transport' && peer === null) {
      this.#ofStrangers = withLatest(this.#ofStrangers, warning);
    } else {
      this.#ofServers = withLatest(this.#ofServers, warning);
    }
    this.#tell(message);
  }

  /** The last one last. */
  get latest(): readonly Warning[] {
    const now = this.#clock.now();
    return [...this.#ofServers, ...this.#ofStrangers]
      .sort((one, other) => one.at - other.at)
      .map(({ at, ...warning }) => ({ ...warning, agoMs: now - at }));
  }
}

/** What is said again takes its own place. */
function withLatest(kept: readonly Kept[], warning: Kept): readonly Kept[] {
  const isSame = ({ from, peer, message }: Kept) =>
    from === warning.from && peer === warning.peer && message === warning.message;
  const times = (kept.find(isSame)?.times ?? 0) + 1;
  const others = kept.filter((other) => !isSame(other));
  return [...others, { ...warning, times }].slice(-KEPT_MAX);
}

/**
 * Compacts a log at rest. Under load a snapshot is taken when enough was applied since the last one;
 * once nothing more comes, what is in the log would stay in memory until somebody writes again.
 */
import type { LogIndex } from '../../machines/rules/entries.ts';
import type { ServerState } from '../../machines/rules/state.ts';
import type { Clock } from '../ports/clock.ts';

/** How long nothing was applied. */
const REST_MS = 2_000;

export interface LogAtRestOptions {
  readonly clock: Clock;
  readonly state: () => ServerState;
  readonly wantSnapshot: () => void;
}

export class LogAtRest {
  readonly #options: LogAtRestOptions;
  #isWaiting = false;

  constructor(options: LogAtRestOptions) {
    this.#options = options;
  }

  /** The state reflects everything through that index. */
  noteApplied(index: LogIndex): void {
    if (this.#isWaiting || !this.#isWorthIt(index)) return;
    this.#isWaiting = true;
    this.#options.clock.setTimeout(() => {
      this.#isWaiting = false;
      const { lastApplied, isTakingSnapshot } = this.#options.state();
      if (lastApplied === index && !isTakingSnapshot) this.#options.wantSnapshot();
      else this.noteApplied(lastApplied);
    }, REST_MS);
  }

  /** Compared with what is kept behind a snapshot anyway, and with what the snapshot has to write. */
  #isWorthIt(index: LogIndex): boolean {
    const { log, snapshot, parameters } = this.#options.state();
    const bytes = log.bytesBetween(snapshot?.index ?? 0, index);
    return bytes > Math.max(parameters.trailingBytes, snapshot?.sizeBytes ?? 0) / 4;
  }
}

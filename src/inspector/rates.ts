/** How many things a second happen at each server, and when it says too few of them. */

const SECONDS = 3;
/** What a sparkline shows. */
const RATE_SECONDS = 30;

export class Rates {
  readonly #counts = new Map<string, Map<number, number>>();

  note(server: string, count: number, nowMs: number): void {
    if (count === 0) return;
    const second = Math.floor(nowMs / 1000);
    const counts = this.#counts.get(server) ?? new Map<number, number>();
    this.#counts.set(server, counts);
    counts.set(second, (counts.get(second) ?? 0) + count);
    for (const oldest of counts.keys()) {
      if (oldest >= second - RATE_SECONDS) break;
      counts.delete(oldest);
    }
  }

  /** Whole seconds only: the present one is not over. */
  perSecond(server: string, nowMs: number): number {
    const recent = this.history(server, nowMs).slice(-SECONDS);
    return Math.round(recent.reduce((sum, count) => sum + count, 0) / SECONDS);
  }

  /** Each of the last seconds, oldest first. */
  history(server: string, nowMs: number): readonly number[] {
    const second = Math.floor(nowMs / 1000);
    const counts = this.#counts.get(server);
    return Array.from(
      { length: RATE_SECONDS },
      (_, index) => counts?.get(second - RATE_SECONDS + index) ?? 0,
    );
  }
}

/** Of a server that is heard often; a busy one tells whole runs, a second apart. */
const BUSY_SILENCE_MS = 1_500;
/** Whoever has nothing to tell still answers the page's ping, each two seconds. */
const IDLE_SILENCE_MS = 3_000;
/** So many records are missing before a silence of a server means anything. */
const MISSING = 8;

/** @param history - records of each of the last seconds, oldest first; a silence ends it */
export function silenceMaxMs(source: 'server' | 'actors', history: readonly number[]): number {
  const spoken = history.filter((count) => count > 0).sort((one, other) => one - other);
  // One's own actors may do much, and then nothing for long.
  if (source === 'actors' || spoken.length === 0) return IDLE_SILENCE_MS;
  const usual = spoken[spoken.length >> 1] as number;
  return Math.min(IDLE_SILENCE_MS, Math.max(BUSY_SILENCE_MS, (MISSING / usual) * 1_000));
}

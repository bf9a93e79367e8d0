/** How many things a second happen at each server, over the last few seconds. */

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

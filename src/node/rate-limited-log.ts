/**
 * What is said again and again is said once a minute: a peer that is refused keeps on trying, and a
 * stranger may send what it likes as often as it likes.
 */
const SILENCE_MS = 60_000;
const REMEMBERED_MAX = 100;

export class RateLimitedLog {
  readonly #now: () => number;
  readonly #saidAt = new Map<string, number>();
  /** When the last of those for whom there was no room was heard of. */
  #othersAt = Number.NEGATIVE_INFINITY;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /**
   * Whether something about that subject is to be said now; it counts as said then. Subjects beyond
   * the first hundred of a minute share one line.
   */
  isNews(subject: string): boolean {
    const now = this.#now();
    for (const [known, at] of this.#saidAt) {
      if (now - at < SILENCE_MS) break;
      this.#saidAt.delete(known);
    }
    if (this.#saidAt.has(subject)) return false;
    if (this.#saidAt.size < REMEMBERED_MAX) {
      this.#saidAt.set(subject, now);
      return true;
    }
    if (now - this.#othersAt < SILENCE_MS) return false;
    this.#othersAt = now;
    return true;
  }
}

/**
 * The log without its repeats: what was said within the last minute is not said again. For whatever
 * a peer, a stranger or a disk may bring up as often as it likes.
 *
 * @param now - monotonic milliseconds. Default: of this process.
 * @example
 * startServer({ …, observer: { onWarning: rateLimited((message) => console.error(message)) } });
 */
export function rateLimited(
  log: (message: string) => void,
  now?: () => number,
): (message: string) => void {
  const limit = new RateLimitedLog(now);
  return (message) => {
    if (limit.isNews(message)) log(message);
  };
}

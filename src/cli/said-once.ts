/** What is said again and again is said once a minute: a peer that is refused keeps on trying. */

const SILENCE_MS = 60_000;
const REMEMBERED_MAX = 100;

export class SaidOnce {
  readonly #now: () => number;
  readonly #saidAt = new Map<string, number>();

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Whether the sentence is to be said now; it counts as said then. */
  isNews(sentence: string): boolean {
    const saidAt = this.#saidAt.get(sentence);
    const now = this.#now();
    if (saidAt !== undefined && now - saidAt < SILENCE_MS) return false;
    if (this.#saidAt.size >= REMEMBERED_MAX) this.#saidAt.clear();
    this.#saidAt.set(sentence, now);
    return true;
  }
}

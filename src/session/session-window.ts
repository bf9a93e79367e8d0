/**
 * The commands of one session that have no answer yet (§8, thesis §6.3).
 *
 * Sequences are given out in order, 1, 2, 3 …, and a server keeps at most 64 answers, so nobody runs
 * more than 64 ahead of the first unanswered one. A sequence that is answered, or given up, is taken
 * out; with the next command the server learns that everything below the first that is left may be
 * forgotten, and late copies of what was given up find no place any more.
 */
import { UNANSWERED_MAX } from '../../machines/rules/sessions.ts';
import type { SessionCommand } from '../ports/outcome.ts';

export class SessionWindow {
  readonly session: number;
  /** In ascending order: a set keeps the order in which sequences were added. */
  readonly #unanswered = new Set<number>();
  #next = 1;

  constructor(session: number) {
    this.session = session;
  }

  get firstUnanswered(): number {
    for (const sequence of this.#unanswered) return sequence;
    return this.#next;
  }

  get isFull(): boolean {
    return this.#next - this.firstUnanswered >= UNANSWERED_MAX;
  }

  /** The sequence of the next command; only when the window is not full. */
  begin(): number {
    const sequence = this.#next;
    this.#next += 1;
    this.#unanswered.add(sequence);
    return sequence;
  }

  /** Answered or given up: either way it is not asked again. */
  end(sequence: number): void {
    this.#unanswered.delete(sequence);
  }

  /** What the command of that sequence says of its session; of each copy, since it changes. */
  placeOf(sequence: number): SessionCommand {
    const place = { session: this.session, sequence };
    return this.#unanswered.size > 1 ? { ...place, firstUnanswered: this.firstUnanswered } : place;
  }
}

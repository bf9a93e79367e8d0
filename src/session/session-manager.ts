/**
 * The session of one client (§8; thesis §6.3): opens it, numbers its commands, and lets at most as
 * many be unanswered as a server keeps answers.
 *
 * The session is opened with the first command, and anew with the first one after it has expired:
 * never for a command that was sent in the old one, since nobody knows what became of that.
 */
import { UNANSWERED_MAX } from '../../machines/rules/sessions.ts';
import type { Clock } from '../ports/clock.ts';
import type { SessionCommand } from '../ports/outcome.ts';

/**
 * The commands of one session that have no answer yet. A sequence that is answered, or given up, is
 * taken out; with the next command the server learns that everything below the first that is left
 * may be forgotten, and late copies of what was given up are not applied any more.
 */
class SessionWindow {
  readonly session: number;
  /** In ascending order: a set keeps the order in which sequences were added. */
  readonly #unanswered = new Set<number>();
  #next = 1;

  constructor(session: number) {
    this.session = session;
  }

  get #firstUnanswered(): number {
    for (const sequence of this.#unanswered) return sequence;
    return this.#next;
  }

  get isFull(): boolean {
    return this.#next - this.#firstUnanswered >= UNANSWERED_MAX;
  }

  /** Only when the window is not full. */
  begin(): SequenceSlot {
    const sequence = this.#next;
    this.#next += 1;
    this.#unanswered.add(sequence);
    return { window: this, sequence };
  }

  /** Answered or given up: either way it is not asked again. */
  end(sequence: number): void {
    this.#unanswered.delete(sequence);
  }

  /** What an attempt says of its session; each anew, since the first unanswered changes. */
  commandOf(sequence: number): SessionCommand {
    const command = { session: this.session, sequence };
    if (this.#unanswered.size <= 1) return command;
    return { ...command, firstUnanswered: this.#firstUnanswered };
  }
}

/** Where a command stands: its sequence in a session. */
interface SequenceSlot {
  readonly window: SessionWindow;
  readonly sequence: number;
}

/** Why a command got no sequence, and was never sent. `not-open`: its time was up before. */
export type SlotUnavailable = 'not-open' | 'full' | 'cancelled';

/** How a session is opened, and what a command is told that was never sent. */
export interface SessionOpener<Refusal> {
  /**
   * Opens one by then; null when it was not open by then: it is tried again for those that may wait
   * for longer. A refusal is for all that wait. Opening twice is harmless: a session that nobody uses
   * expires.
   */
  open(deadlineMs: number): Promise<number | Refusal | null>;
  refusalOf(why: SlotUnavailable): Refusal;
}

interface Waiter<Refusal> {
  readonly deadlineMs: number;
  settle(slot: SequenceSlot | Refusal | Promise<never>): void;
}

export class SessionManager<Refusal extends object> {
  readonly #opener: SessionOpener<Refusal>;
  readonly #clock: Clock;
  readonly #waiting = new Set<Waiter<Refusal>>();
  #window: SessionWindow | null = null;
  #isOpening = false;
  #isClosed = false;

  constructor(opener: SessionOpener<Refusal>, clock: Clock) {
    this.#opener = opener;
    this.#clock = clock;
  }

  /**
   * Sends a command in the session: at once if there is room, else as soon as there is. Without room
   * by the deadline it is refused. Rejects with what opening the session throws.
   * @param send - is given what each attempt says of the session, and what to call when the session
   *   has expired, so that the next command opens another one
   */
  async run<Value>(
    deadlineMs: number,
    signal: AbortSignal | undefined,
    send: (command: () => SessionCommand, expire: () => void) => Promise<Value>,
  ): Promise<Value | Refusal> {
    const slot = await this.#slot(deadlineMs, signal);
    if (!('window' in slot)) return slot;
    const { window, sequence } = slot;
    const expire = () => {
      if (this.#window === window) this.#window = null;
    };
    try {
      // Given up meanwhile: nothing was sent.
      if (signal?.aborted || this.#isClosed) return this.#opener.refusalOf('cancelled');
      return await send(() => window.commandOf(sequence), expire);
    } finally {
      window.end(sequence);
      this.#admit();
    }
  }

  /** Refuses every command that waits. Returns the session that is open, if there is one. */
  close(): number | null {
    this.#isClosed = true;
    this.#settleAll(this.#opener.refusalOf('cancelled'));
    return this.#window?.session ?? null;
  }

  #slot(deadlineMs: number, signal?: AbortSignal): Promise<SequenceSlot | Refusal> {
    return new Promise((resolve) => {
      const cancel = () => waiter.settle(this.#opener.refusalOf('cancelled'));
      const leftMs = Math.max(deadlineMs - this.#clock.now(), 0);
      const timer = this.#clock.setTimeout(() => this.#expire(waiter), leftMs);
      signal?.addEventListener('abort', cancel);
      const waiter: Waiter<Refusal> = {
        deadlineMs,
        settle: (slot) => {
          this.#clock.clearTimeout(timer);
          signal?.removeEventListener('abort', cancel);
          this.#waiting.delete(waiter);
          resolve(slot);
        },
      };
      this.#waiting.add(waiter);
      this.#admit();
    });
  }

  #expire(waiter: Waiter<Refusal>): void {
    waiter.settle(this.#opener.refusalOf(this.#isOpening ? 'not-open' : 'full'));
  }

  #settleAll(slot: Refusal): void {
    for (const waiter of this.#waiting) waiter.settle(slot);
  }

  /** Gives a slot to those that wait, in order, while there is room. */
  #admit(): void {
    if (this.#window === null && this.#waiting.size > 0 && !this.#isOpening) void this.#open();
    for (const waiter of this.#waiting) {
      if (this.#window === null || this.#window.isFull) return;
      waiter.settle(this.#window.begin());
    }
  }

  /** For as long as anybody waits. */
  async #open(): Promise<void> {
    this.#isOpening = true;
    while (this.#window === null && this.#waiting.size > 0) {
      const deadlineMs = Math.max(...[...this.#waiting].map((waiter) => waiter.deadlineMs));
      try {
        const opened = await this.#opener.open(deadlineMs);
        if (typeof opened === 'number') this.#window = new SessionWindow(opened);
        else if (opened !== null) this.#settleAll(opened);
        // Timers fire a little early, or in another order than they were set.
        else
          for (const waiter of this.#waiting)
            if (waiter.deadlineMs <= deadlineMs) this.#expire(waiter);
      } catch (thrown) {
        for (const waiter of this.#waiting) waiter.settle(Promise.reject(thrown));
      }
    }
    this.#isOpening = false;
    this.#admit();
  }
}

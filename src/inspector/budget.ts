/** How much may be recorded, so that recording does not slow down the actors. */

export const DEFAULT_BUDGET = {
  windowMs: 100,
  /** What a window adds, and what there can be at most: how much may come at once. */
  recordsPerWindow: 40,
  recordsMax: 120,
  /** After a window in which it was not enough, nothing is added for so many windows. */
  windowsWhenShort: 10,
  /** What is added then. A busy server needs its time itself. */
  recordsWhenShort: 40,
  charactersPerWindow: 40_000,
  charactersMax: 120_000,
  /** Records that are reserved for what is not a repeat: repeats are dropped first. */
  recordsForOrdinary: 40,
};

export type BudgetLimits = Readonly<typeof DEFAULT_BUDGET>;

/**
 * For what is not a landmark. It is filled a little at the beginning of every window of time, and not
 * in between: so of a busy server whole runs of events are recorded, with gaps between them, and not
 * every tenth event. Once it was not enough, it is filled less often, and then with enough for a run
 * that a reader can follow.
 */
export class RecordBudget {
  readonly #limits: BudgetLimits;
  /** The window in which it was last filled. */
  #window = Number.NaN;
  #records: number;
  #characters: number;
  #wasShort = false;

  constructor(limits: BudgetLimits = DEFAULT_BUDGET) {
    this.#limits = limits;
    this.#records = limits.recordsMax;
    this.#characters = limits.charactersMax;
  }

  /** Whether one more may be recorded now; the last ones are for what is not a repeat. */
  admits(nowMs: number, isRepeat: boolean): boolean {
    const { windowMs, recordsForOrdinary } = this.#limits;
    this.#fill(Math.floor(nowMs / windowMs));
    const isEnough = this.#records > (isRepeat ? recordsForOrdinary : 0) && this.#characters > 0;
    this.#wasShort ||= !isEnough;
    return isEnough;
  }

  /** One was recorded, and it was that long. */
  spend(characters: number): void {
    this.#records -= 1;
    this.#characters -= characters;
  }

  #fill(window: number): void {
    const { recordsPerWindow, recordsMax, windowsWhenShort, recordsWhenShort } = this.#limits;
    const { charactersPerWindow, charactersMax } = this.#limits;
    const passed = windowsSince(this.#window, window);
    if (passed === 0 || (this.#wasShort && window > this.#window && passed < windowsWhenShort)) {
      return;
    }
    const records = this.#wasShort
      ? recordsWhenShort + Math.max(0, passed - windowsWhenShort) * recordsPerWindow
      : passed * recordsPerWindow;
    this.#window = window;
    this.#wasShort = false;
    this.#records = Math.min(recordsMax, this.#records + records);
    this.#characters = Math.min(charactersMax, this.#characters + passed * charactersPerWindow);
  }
}

/** A clock that was set back begins a new window, too. */
function windowsSince(before: number, window: number): number {
  return Number.isNaN(before) || window < before ? 1 : window - before;
}

export const LANDMARK_LIMITS = {
  /** Records of one kind at once: an election of many servers is recorded whole. */
  recordsAtOnce: 32,
  /** Records that a second adds to a kind: what comes more often is a repeat. */
  recordsPerSecond: 8,
  /** Kinds with an allowance of their own; more than that share one. */
  kindsMax: 64,
};

/** Shared by all kinds that found no room. */
const OTHERS = '';

/**
 * For landmarks, which the budget never drops: each kind has an allowance of its own, so an election
 * is recorded whole, and a thousand refusals a second cost no more than a few.
 */
export class LandmarkAllowances {
  readonly #limits: Readonly<typeof LANDMARK_LIMITS>;
  /** What is left of each, and the second in which it was last filled. */
  readonly #kinds = new Map<string, { records: number; second: number }>();

  constructor(limits: Readonly<typeof LANDMARK_LIMITS> = LANDMARK_LIMITS) {
    this.#limits = limits;
  }

  /** Whether one more of the kind may be recorded now; it then counts as recorded. */
  admits(kind: string, nowMs: number): boolean {
    const second = Math.floor(nowMs / 1_000);
    const { recordsAtOnce, kindsMax } = this.#limits;
    if (!this.#kinds.has(kind) && this.#kinds.size >= kindsMax) this.#forgetFull(second);
    const name = this.#kinds.has(kind) || this.#kinds.size < kindsMax ? kind : OTHERS;
    const { records, second: before } = this.#kinds.get(name) ?? { records: recordsAtOnce, second };
    const filled = this.#filled(records, before, second);
    this.#kinds.set(name, { records: Math.max(0, filled - 1), second });
    return filled > 0;
  }

  #filled(records: number, before: number, second: number): number {
    const { recordsAtOnce, recordsPerSecond } = this.#limits;
    return Math.min(recordsAtOnce, records + windowsSince(before, second) * recordsPerSecond);
  }

  /** Kinds that have not occurred for long make room: their allowances would be full again. */
  #forgetFull(now: number): void {
    for (const [kind, { records, second }] of this.#kinds) {
      const isFull = this.#filled(records, second, now) === this.#limits.recordsAtOnce;
      if (isFull) this.#kinds.delete(kind);
    }
  }
}

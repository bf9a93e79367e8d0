/**
 * How much may be told, so that telling does not slow down what is told of. A purse is filled a little
 * at the beginning of every window of time, and not in between: so what is told of a busy server comes
 * in whole runs, with gaps between them, and not as every tenth event. Once it was not enough, it is
 * filled seldom, and then with so much that what is told can be followed.
 */
export interface BudgetLimits {
  readonly windowMs: number;
  /** What a window adds, and what there can be at most: how much may come at once. */
  readonly recordsPerWindow: number;
  /** After a window in which it was not enough, so many windows later: until then nothing is added. */
  readonly windowsWhenShort: number;
  /** What is added then. A busy server needs its time itself. */
  readonly recordsWhenShort: number;
  readonly recordsMax: number;
  readonly charactersPerWindow: number;
  readonly charactersMax: number;
  /** Records that are kept for transitions into another state. */
  readonly recordsForChanges: number;
}

export const DEFAULT_BUDGET: BudgetLimits = {
  windowMs: 100,
  recordsPerWindow: 40,
  windowsWhenShort: 10,
  recordsWhenShort: 40,
  recordsMax: 120,
  charactersPerWindow: 40_000,
  charactersMax: 120_000,
  recordsForChanges: 30,
};

export class Budget {
  readonly #limits: BudgetLimits;
  /** The one in which it was last filled. */
  #window = Number.NaN;
  #records: number;
  #characters: number;
  #wasShort = false;

  constructor(limits: BudgetLimits = DEFAULT_BUDGET) {
    this.#limits = limits;
    this.#records = limits.recordsMax;
    this.#characters = limits.charactersMax;
  }

  /** Whether one more may be told now; the last ones are for changes of state. */
  admits(nowMs: number, isChange: boolean): boolean {
    const window = Math.floor(nowMs / this.#limits.windowMs);
    if (window !== this.#window) this.#fill(window);
    const kept = isChange ? 0 : this.#limits.recordsForChanges;
    const isEnough = this.#records > kept && this.#characters > 0;
    this.#wasShort ||= !isEnough;
    return isEnough;
  }

  /** One was told, and it was that long. */
  spend(characters: number): void {
    this.#records -= 1;
    this.#characters -= characters;
  }

  /** A clock that was set back has begun a new window, too. */
  #fill(window: number): void {
    const { recordsMax, charactersPerWindow, charactersMax } = this.#limits;
    const { recordsPerWindow, recordsWhenShort, windowsWhenShort } = this.#limits;
    const passed = Number.isNaN(this.#window) || window < this.#window ? 1 : window - this.#window;
    if (this.#wasShort && window > this.#window && passed < windowsWhenShort) return;
    const records = this.#wasShort
      ? recordsWhenShort + Math.max(0, passed - windowsWhenShort) * recordsPerWindow
      : passed * recordsPerWindow;
    this.#window = window;
    this.#wasShort = false;
    this.#records = Math.min(recordsMax, this.#records + records);
    this.#characters = Math.min(charactersMax, this.#characters + passed * charactersPerWindow);
  }
}

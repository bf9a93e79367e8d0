/**
 * How much may be told, so that telling does not slow down what is told of. A purse is filled a little
 * at the beginning of every window of time, and not in between: so what is told of a busy server comes
 * in whole runs, with gaps between them, and not as every tenth event. Once it was not enough, it is
 * filled seldom, and then with so much that what is told can be followed.
 */
import { type BudgetLimits, DEFAULT_BUDGET } from './limits.ts';

export class RecordBudget {
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

  /** Whether one more may be told now; the last ones are for what is no repeat. */
  admits(nowMs: number, isRepeat: boolean): boolean {
    const window = Math.floor(nowMs / this.#limits.windowMs);
    if (window !== this.#window) this.#fill(window);
    const kept = isRepeat ? this.#limits.recordsForOrdinary : 0;
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

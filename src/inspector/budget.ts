/**
 * How much may be told, so that telling does not slow down what is told of. Time is cut into windows;
 * each begins with a full purse. So what is told of a busy server comes in whole runs, with gaps
 * between them, and not as every tenth event.
 */
export interface BudgetLimits {
  readonly windowMs: number;
  /** Ordinary transitions in a window, and those that change the state a machine is in. */
  readonly recordsMax: number;
  readonly changesMax: number;
  /** Characters of all records in a window. */
  readonly charactersMax: number;
}

export const DEFAULT_BUDGET: BudgetLimits = {
  windowMs: 100,
  recordsMax: 60,
  changesMax: 120,
  charactersMax: 100_000,
};

export class Budget {
  readonly #limits: BudgetLimits;
  #startedAt = Number.NEGATIVE_INFINITY;
  #records = 0;
  #characters = 0;

  constructor(limits: BudgetLimits = DEFAULT_BUDGET) {
    this.#limits = limits;
  }

  /** Whether one more may be told; a change of state has its share when the rest is used up. */
  admits(now: number, isChange: boolean): boolean {
    const { windowMs, recordsMax, changesMax, charactersMax } = this.#limits;
    if (now - this.#startedAt >= windowMs) {
      this.#startedAt = now;
      this.#records = 0;
      this.#characters = 0;
    }
    return this.#records < (isChange ? changesMax : recordsMax) && this.#characters < charactersMax;
  }

  /** One was told, this long. */
  spend(characters: number): void {
    this.#records += 1;
    this.#characters += characters;
  }
}

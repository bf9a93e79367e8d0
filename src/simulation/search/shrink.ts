/**
 * Shrinks a plan that breaks something to one that still breaks the same and has little left in it:
 * steps go in ever smaller pieces (delta debugging), then the settings become the default ones, as long
 * as anything can go.
 */
import type { Plan } from './plan.ts';
import type { RunReport, Violation } from './run.ts';
import { DEFAULT_SETTINGS, leavesMajority, unusualOf } from './settings.ts';

const RUNS_MAX = 3_000;
/** Nobody needs it shorter than this. */
const LINES_ENOUGH = 3;
/** A run whose chance falls otherwise may break the same: so many more are tried when nothing else goes. */
const MORE_SEEDS = [0, 2, 8] as const;

export interface ShrinkOptions {
  readonly runsMax?: number;
  /** Then it ends with what it has. */
  readonly signal?: AbortSignal | undefined;
}

/** The same plan and violation give the same result. */
export class Shrinker<Call> {
  /** The shortest that was found so far. */
  plan: Plan<Call>;
  violation: Violation;
  #runs = 0;
  #moreSeeds = 0;
  readonly #run: (plan: Plan<Call>) => Promise<RunReport | Violation>;
  readonly #runsMax: number;
  readonly #signal: AbortSignal | undefined;

  constructor(
    plan: Plan<Call>,
    violation: Violation,
    run: (plan: Plan<Call>) => Promise<RunReport | Violation>,
    { runsMax = RUNS_MAX, signal }: ShrinkOptions,
  ) {
    this.plan = plan;
    this.violation = violation;
    this.#run = run;
    this.#runsMax = runsMax;
    this.#signal = signal;
  }

  async shrink(): Promise<void> {
    await this.#dropWhatFollows();
    for (const more of MORE_SEEDS) {
      this.#moreSeeds = more;
      for (let before = -1; before !== this.#size && this.#size > LINES_ENOUGH; ) {
        before = this.#size;
        await this.#dropSteps();
        await this.#simplifySettings();
      }
    }
  }

  get #size(): number {
    return this.plan.steps.length + unusualOf(this.plan.settings).length;
  }

  /** What comes after the violation has nothing to do with it. */
  async #dropWhatFollows(): Promise<void> {
    const { atMs } = this.violation;
    const steps = this.plan.steps.filter(({ at }) => at <= atMs);
    if (steps.length < this.plan.steps.length) await this.#adoptIfBroken({ ...this.plan, steps });
  }

  async #dropSteps(): Promise<void> {
    for (let size = this.plan.steps.length; size >= 1; size = Math.floor(size / 2)) {
      for (let from = this.plan.steps.length - size; from > -size; from -= size) {
        const { settings, steps } = this.plan;
        const left = steps.filter((_, at) => at < from || at >= from + size);
        if (left.length < steps.length) await this.#adoptIfBroken({ settings, steps: left });
      }
    }
  }

  async #simplifySettings(): Promise<void> {
    for (const name of unusualOf(this.plan.settings)) {
      if (name === 'seed') continue;
      const settings = { ...this.plan.settings, [name]: DEFAULT_SETTINGS[name] };
      await this.#adoptIfBroken({ ...this.plan, settings });
    }
  }

  /** Tries it, with some other seeds too; keeps it when the same falls. */
  async #adoptIfBroken(plan: Plan<Call>): Promise<void> {
    if (!leavesMajority(plan.settings)) return;
    for (let more = 0; more <= this.#moreSeeds; more += 1) {
      if (this.#runs >= this.#runsMax || this.#signal?.aborted) return;
      this.#runs += 1;
      const tried = { ...plan, settings: { ...plan.settings, seed: plan.settings.seed + more } };
      const result = await this.#run(tried);
      if (result.kind !== 'violation' || result.name !== this.violation.name) continue;
      this.plan = tried;
      this.violation = result;
      return;
    }
  }
}

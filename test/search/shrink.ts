/**
 * Shrinks a plan that breaks something to one that still breaks the same and has little left in it:
 * steps go in ever smaller pieces (delta debugging), then the world becomes a plainer one, as long
 * as anything can go.
 */
import type { ServerMachine } from '../../machines/server.ts';
import { DEFAULT_WORLD, leavesMajority, type Plan, type World } from './plan.ts';
import { run, type Violation } from './run.ts';

const RUNS_MAX = 3_000;
/** Nobody needs it shorter than this. */
const LINES_ENOUGH = 3;
/** A run whose chance falls otherwise may break the same: so many more are tried when nothing else goes. */
const MORE_SEEDS = [0, 2, 8] as const;

export interface Shrunk {
  readonly plan: Plan;
  readonly violation: Violation;
  readonly runs: number;
}

export interface ShrinkOptions {
  readonly machine?: ServerMachine;
  readonly runsMax?: number;
}

/** The same plan and violation give the same result. */
export async function shrink(
  plan: Plan,
  violation: Violation,
  { machine, runsMax = RUNS_MAX }: ShrinkOptions = {},
): Promise<Shrunk> {
  const shrinker = new Shrinker(plan, violation, machine, runsMax);
  await shrinker.shrink();
  return { plan: shrinker.plan, violation: shrinker.violation, runs: shrinker.runs };
}

class Shrinker {
  plan: Plan;
  violation: Violation;
  runs = 0;
  #moreSeeds = 0;
  readonly #machine: ServerMachine | undefined;
  readonly #runsMax: number;

  constructor(
    plan: Plan,
    violation: Violation,
    machine: ServerMachine | undefined,
    runsMax: number,
  ) {
    this.plan = plan;
    this.violation = violation;
    this.#machine = machine;
    this.#runsMax = runsMax;
  }

  async shrink(): Promise<void> {
    await this.#dropWhatFollows();
    for (const more of MORE_SEEDS) {
      this.#moreSeeds = more;
      for (let before = -1; before !== this.#size && this.#size > LINES_ENOUGH; ) {
        before = this.#size;
        await this.#dropSteps();
        await this.#simplifyWorld();
      }
    }
  }

  get #size(): number {
    const { world, steps } = this.plan;
    const unusual = settings.filter((name) => world[name] !== DEFAULT_WORLD[name]);
    return steps.length + unusual.length;
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
        const { world, steps } = this.plan;
        const left = steps.filter((_, at) => at < from || at >= from + size);
        if (left.length < steps.length) await this.#adoptIfBroken({ world, steps: left });
      }
    }
  }

  async #simplifyWorld(): Promise<void> {
    for (const name of settings) {
      const { world, steps } = this.plan;
      if (name === 'seed' || world[name] === DEFAULT_WORLD[name]) continue;
      await this.#adoptIfBroken({ world: { ...world, [name]: DEFAULT_WORLD[name] }, steps });
    }
  }

  /** Tries it, with some other seeds too; keeps it when the same falls. */
  async #adoptIfBroken(plan: Plan): Promise<boolean> {
    if (!leavesMajority(plan.world)) return false;
    for (let more = 0; more <= this.#moreSeeds; more += 1) {
      if (this.runs >= this.#runsMax) return false;
      this.runs += 1;
      const tried = { ...plan, world: { ...plan.world, seed: plan.world.seed + more } };
      const result = await run(tried, this.#machine);
      if (result.kind !== 'violation' || result.name !== this.violation.name) continue;
      this.plan = tried;
      this.violation = result;
      return true;
    }
    return false;
  }
}

const settings = Object.keys(DEFAULT_WORLD) as (keyof World)[];

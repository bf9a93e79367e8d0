/** What a search finds: seeds that break a promise, with the shortest script that still does. */
import { drawPlan } from './draw.ts';
import type { Plan } from './plan.ts';
import { type RunReport, runPlan, type Violation } from './run.ts';
import { printPlan } from './script.ts';
import { Shrinker, type ShrinkOptions } from './shrink.ts';
import type { Subject } from './subject.ts';

/** A seed that breaks a promise. */
export interface Failure {
  readonly seed: number;
  /** The name of the invariant or promise that was broken. */
  readonly violation: string;
  /** Equal for failures that are probably the same: what was broken, and the faults it takes. */
  readonly signature: string;
  /** The shortest that was found: a line for each setting and each step, to be kept and replayed. */
  readonly script: string;
  /** With seed and script, the last lines of the trace and the state table: all there is to tell. */
  readonly message: string;
}

/** Finds of one signature: the first of them, and how many there were. */
export interface FailureKind extends Failure {
  readonly count: number;
}

/** How a failure is shrunk. */
export interface SeedSearchOptions extends ShrinkOptions {
  /** Called with each failure before it is shrunk. */
  readonly onFailure?: (failure: Failure) => void;
}

/** Shrinking takes as long as hundreds of seeds, so failures beyond these are only counted. */
const SHRUNK_MAX = 10;

/** Tries seeds, and shrinks what it finds: the first so many times that the same falls. */
export class SeedSearch<C, R, Q, A, Call> {
  readonly #subject: Subject<C, R, Q, A, Call>;
  readonly #options: SeedSearchOptions;
  /** How often each promise fell. */
  readonly #fallen = new Map<string, number>();

  constructor(subject: Subject<C, R, Q, A, Call>, options: SeedSearchOptions = {}) {
    this.#subject = subject;
    this.#options = options;
  }

  async search(seed: number): Promise<RunReport | Failure> {
    const plan = drawPlan(seed, this.#subject);
    const result = await runPlan(plan, this.#subject);
    if (result.kind === 'report') return result;
    const before = this.#fallen.get(result.name) ?? 0;
    this.#fallen.set(result.name, before + 1);
    if (before >= SHRUNK_MAX) {
      return this.#failure(seed, plan, result, ['not shrunk any more'], NOT_SHRUNK);
    }
    const again = await runPlan(plan, this.#subject);
    if (again.kind !== 'violation' || again.name !== result.name) {
      return this.#failure(seed, plan, result, ['does not repeat'], NOT_REPEATABLE);
    }
    this.#options.onFailure?.(
      this.#failure(seed, plan, result, ['not shrunk yet'], NOT_SHRUNK_YET),
    );
    const run = (tried: Plan<Call>) => runPlan(tried, this.#subject);
    const shrunk = new Shrinker(plan, result, run, this.#options);
    await shrunk.shrink();
    return this.#failure(seed, shrunk.plan, shrunk.violation, partsOf(shrunk.plan));
  }

  #failure(
    seed: number,
    plan: Plan<Call>,
    { name, message }: Violation,
    parts: readonly string[],
    hint = SHRUNK,
  ): Failure {
    const script = printPlan(plan, this.#subject.clients);
    return {
      seed,
      violation: name,
      signature: [name, ...parts].join(' · '),
      script,
      message:
        `seed ${seed} of the search breaks a promise: ${name}\n\n` +
        `${hint}:\n${script}\n${message}`,
    };
  }
}

const SHRUNK = 'the shortest script that still does';
const NOT_SHRUNK = 'its script, not shrunk, since this promise was broken often';
const NOT_SHRUNK_YET = 'its script, which there was no time to shrink';
const NOT_REPEATABLE =
  'The same script ended otherwise when it was run again: the state machine or its workload keeps ' +
  'something from run to run, or depends on a clock or chance of its own. The script';

/** The kinds of faults that are left, in a fixed order. */
function partsOf<Call>({ steps }: Plan<Call>): readonly string[] {
  return [...new Set(steps.map((step) => step.do))].filter((kind) => kind !== 'call').sort();
}

export function isFailure(result: RunReport | Failure): result is Failure {
  return 'violation' in result;
}

/** All failures of a search, by their signatures. */
export class Failures {
  readonly #kinds = new Map<string, FailureKind>();

  /** The kinds, the most frequent first. */
  get kinds(): readonly FailureKind[] {
    return [...this.#kinds.values()].sort((a, b) => b.count - a.count || a.seed - b.seed);
  }

  /** @returns whether it is the first of its kind */
  add(failure: Failure): boolean {
    const known = this.#kinds.get(failure.signature);
    const isEarlier = known === undefined || failure.seed < known.seed;
    this.#kinds.set(failure.signature, {
      ...(isEarlier ? failure : known),
      count: 1 + (known?.count ?? 0),
    });
    return known === undefined;
  }
}

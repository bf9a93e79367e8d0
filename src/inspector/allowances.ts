/**
 * What keeps landmarks rare. No budget leaves them out, so each kind of them has an allowance of its
 * own: an election is told whole, and a thousand refusals a second cost no more than a few.
 */
import { LANDMARK_LIMITS, type LandmarkLimits } from './limits.ts';

interface Allowance {
  records: number;
  /** The second in which it was last filled. */
  second: number;
}

/** Of all kinds that found no room. */
const OTHERS = '';

export class Allowances {
  readonly #limits: LandmarkLimits;
  readonly #kinds = new Map<string, Allowance>();

  constructor(limits: LandmarkLimits = LANDMARK_LIMITS) {
    this.#limits = limits;
  }

  /** Whether one more of the kind may be told now; then it counts as told. */
  admits(kind: string, nowMs: number): boolean {
    const second = Math.floor(nowMs / 1_000);
    const allowance = this.#kinds.get(kind) ?? this.#enter(kind, second);
    if (second !== allowance.second) {
      allowance.records = this.#filled(allowance, second);
      allowance.second = second;
    }
    if (allowance.records <= 0) return false;
    allowance.records -= 1;
    return true;
  }

  /** A clock that was set back has begun a new second, too. */
  #filled({ records, second: before }: Allowance, second: number): number {
    const { recordsAtOnce, recordsPerSecond } = this.#limits;
    const passed = second < before ? 1 : second - before;
    return Math.min(recordsAtOnce, records + passed * recordsPerSecond);
  }

  /** Kinds that have not come for long make room: theirs would be full again. */
  #enter(kind: string, second: number): Allowance {
    const { recordsAtOnce, kindsMax } = this.#limits;
    if (this.#kinds.size >= kindsMax) {
      for (const [known, allowance] of this.#kinds) {
        if (this.#filled(allowance, second) === recordsAtOnce) this.#kinds.delete(known);
      }
    }
    const name = this.#kinds.size >= kindsMax ? OTHERS : kind;
    let allowance = this.#kinds.get(name);
    if (allowance === undefined) {
      allowance = { records: recordsAtOnce, second };
      this.#kinds.set(name, allowance);
    }
    return allowance;
  }
}

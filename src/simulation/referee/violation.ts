/** The invariants a referee knows, by the names it prints, and what it throws when one falls. */

/** Figure 3's properties by their names there; the others by what they say. */
export const INVARIANTS = {
  'Election Safety': 1,
  'Leader Holds Its Term': 2,
  'Leader Append-Only': 3,
  'Log Matching': 4,
  'Leader Completeness': 5,
  'State Machine Safety': 6,
  'Quorum Log': 7,
  'More Up-To-Date': 8,
  'Committed Is Durable': 9,
  'Commit Rule': 10,
  'Term Never Falls': 11,
  'One Vote Per Term': 12,
  'Indexes Never Fall': 13,
  'Log Shape': 14,
  'Match Index': 15,
  'Next Index': 15,
  'Committed Is Never Truncated': 16,
  'Persist Before Send': 17,
  'Distinct Votes': 18,
  'One Role': 19,
  'Snapshot Equals State': 20,
  Determinism: 26,
} as const;

/** The name of what a referee watches, such as `Election Safety` (Figure 3). */
export type InvariantName = keyof typeof INVARIANTS;

/** Reports a violation: its name, and a sentence with the numbers. */
export type Violate = (invariant: InvariantName, sentence: string) => void;

/** Where it happened: what is needed to find the cause. */
export interface ViolationContext {
  readonly seed: string;
  readonly nowMs: number;
  readonly trace: string;
  readonly states: string;
}

/**
 * Thrown by the referee when an invariant is broken: it names it, the seed, the time and the
 * states.
 */
export class PropertyViolation extends Error {
  override readonly name = 'PropertyViolation';
  readonly invariant: InvariantName;
  /** What was violated, with the numbers; the message also has the context. */
  readonly sentence: string;

  constructor(invariant: InvariantName, sentence: string, where: ViolationContext) {
    super(
      `${invariant} (invariant ${INVARIANTS[invariant]}) is violated: ${sentence}\n` +
        `seed ${where.seed}, at ${where.nowMs} ms of virtual time\n\n` +
        `${where.states}\n\nthe last lines of the trace:\n${where.trace}`,
    );
    this.invariant = invariant;
    this.sentence = sentence;
  }
}

/**
 * How much a state machine may hold. The leader checks it before a command is appended, never on apply:
 * servers with different quotas apply the same entries. What is under way counts, whichever server has
 * accepted it, so that a burst does not pass the bound.
 */
import type { LogIndex } from '../../machines/rules/entries.ts';
import type { Outcome, SessionCommand } from '../ports/outcome.ts';
import type { QuotaStatus } from '../ports/server.ts';
import type { StateMachine } from '../ports/state-machine.ts';

export interface QuotaOptions {
  /** Null for none. */
  readonly storedBytesMax: number | null;
  readonly stateMachine: StateMachine;
  /** Of entries in the log that are not applied yet. */
  readonly unappliedBytes: () => number;
  /** Whether that command of the session has been answered: a repeat only reads the answer. */
  readonly isAnswered: (session: LogIndex, sequence: number) => boolean;
}

export class Quota {
  readonly #options: QuotaOptions;
  /** What commands that are not settled may add. */
  #underWay = 0;

  /** @throws TypeError for a quota that is not a number of bytes, or a state machine without a size */
  constructor(options: QuotaOptions) {
    const { storedBytesMax, stateMachine } = options;
    if (storedBytesMax !== null) {
      if (!Number.isSafeInteger(storedBytesMax) || storedBytesMax < 1) {
        throw new TypeError(`storedBytesMax is a whole number of bytes, not ${storedBytesMax}`);
      }
      if (stateMachine.size === undefined) {
        throw new TypeError('storedBytesMax needs a state machine that reports its size');
      }
    }
    this.#options = options;
  }

  get status(): QuotaStatus {
    const { storedBytesMax, stateMachine } = this.#options;
    return { storedBytes: stateMachine.size?.storedBytes() ?? null, storedBytesMax };
  }

  /**
   * What a command may add; 0 for one that makes it smaller, and without a quota.
   * @param command - is called only if it matters
   */
  growthOf(command: () => unknown): number {
    const { storedBytesMax, stateMachine } = this.#options;
    if (storedBytesMax === null || stateMachine.size === undefined) return 0;
    return Math.max(0, stateMachine.size.growthOf(command()));
  }

  /** Why a command that may add so much is refused; null when it is not. */
  refusal(growth: number, session: SessionCommand | undefined): string | null {
    const { storedBytesMax, stateMachine, unappliedBytes, isAnswered } = this.#options;
    if (growth <= 0 || storedBytesMax === null || stateMachine.size === undefined) return null;
    const underWay = Math.max(this.#underWay, unappliedBytes());
    const stored = stateMachine.size.storedBytes() + underWay;
    if (stored + growth <= storedBytesMax) return null;
    if (session !== undefined && isAnswered(session.session, session.sequence)) return null;
    return quotaMessage(stored, growth, storedBytesMax);
  }

  /** What the command may add counts until the function that is returned is called, which settles it. */
  until<T>(growth: number, settle: (outcome: Outcome<T>) => void): (outcome: Outcome<T>) => void {
    if (growth === 0) return settle;
    this.#underWay += growth;
    return (outcome) => {
      this.#underWay -= growth;
      settle(outcome);
    };
  }
}

export function quotaMessage(stored: number, growth: number, storedBytesMax: number): string {
  return (
    `${stored} bytes are stored or under way, and ${growth} more would exceed the quota of ` +
    `${storedBytesMax}: delete something, or start the servers with a larger quota`
  );
}

/**
 * Clients' commands under way (§8): every accepted call settles, with one of three outcomes.
 *
 * Calls of one turn go to the machine as one batch. One that was appended is followed by its index
 * until an entry is applied there: of the same term, it is the answer; of another, the command was
 * overwritten and never will take effect.
 */

import type { Clock } from '#ports/clock';
import type { Outcome, RefusalReason, UnknownReason } from '#ports/outcome';
import type { Refuse, Track } from '#rules/effects';
import type { LogIndex, Proposal, ServerId, Term } from '#rules/entries';

interface Call {
  readonly proposal: Proposal;
  readonly settle: (outcome: Outcome<unknown>) => void;
  term: Term;
  isSettled: boolean;
}

/** What became of an entry where it was applied. */
export type AppliedOutcome =
  | {
      readonly outcome: 'applied';
      readonly result: unknown;
      readonly index: LogIndex;
      readonly term: Term;
    }
  | { readonly outcome: 'refused'; readonly reason: RefusalReason };

export interface CallsOptions {
  readonly clock: Clock;
  /** Runs the callback at the end of this turn of the event loop. */
  readonly defer: (callback: () => void) => void;
  readonly propose: (batch: number, proposals: readonly Proposal[]) => void;
  /** How long a call that lost its leader waits to learn what became of it. */
  readonly graceMs: number;
}

const RETRYABLE: ReadonlySet<RefusalReason> = new Set([
  'not-leader',
  'not-ready',
  'overloaded',
  'overwritten',
  'stopped',
]);

export function refusal(reason: RefusalReason, leader: ServerId | null): Outcome<never> {
  return { outcome: 'refused', reason, leader, retry: RETRYABLE.has(reason) };
}

export class Calls {
  readonly #options: CallsOptions;
  readonly #tracked = new Map<LogIndex, Call[]>();
  readonly #batches = new Map<number, readonly Call[]>();
  #gathering: Call[] = [];
  #batch = 0;
  #pending = 0;
  #onIdle: (() => void)[] = [];

  constructor(options: CallsOptions) {
    this.#options = options;
  }

  /** Accepted and not settled. */
  get pending(): number {
    return this.#pending;
  }

  add(proposal: Proposal, timeoutMs: number, signal?: AbortSignal): Promise<Outcome<unknown>> {
    return new Promise((resolve) => {
      const { clock } = this.#options;
      const giveUp = () => this.#settle(call, { outcome: 'unknown', reason: 'timed-out' });
      const deadline = clock.setTimeout(giveUp, timeoutMs);
      const settle = (outcome: Outcome<unknown>) => {
        clock.clearTimeout(deadline);
        signal?.removeEventListener('abort', giveUp);
        resolve(outcome);
      };
      const call: Call = { proposal, settle, term: 0, isSettled: false };
      signal?.addEventListener('abort', giveUp);
      this.#pending += 1;
      this.#gather(call);
    });
  }

  #gather(call: Call): void {
    this.#gathering.push(call);
    if (this.#gathering.length > 1) return;
    this.#options.defer(() => {
      const calls = this.#gathering.filter(({ isSettled }) => !isSettled);
      this.#gathering = [];
      if (calls.length === 0) return;
      this.#batch += 1;
      this.#batches.set(this.#batch, calls);
      this.#options.propose(
        this.#batch,
        calls.map(({ proposal }) => proposal),
      );
      this.#batches.delete(this.#batch);
    });
  }

  /** The first `count` of the batch were appended from `index` on. */
  track({ batch, count, index, term }: Track): void {
    this.#batches
      .get(batch)
      ?.slice(0, count)
      .forEach((call, i) => {
        call.term = term;
        const others = this.#tracked.get(index + i);
        if (others === undefined) this.#tracked.set(index + i, [call]);
        else others.push(call);
      });
  }

  /** The batch's calls from position `from` on were not appended. */
  refuse({ batch, from, reason, leader }: Refuse): void {
    for (const call of this.#batches.get(batch)?.slice(from) ?? []) {
      this.#settle(call, refusal(reason, leader));
    }
  }

  /** Whether anybody waits for what is applied at `index`. */
  isAwaited(index: LogIndex): boolean {
    return this.#tracked.has(index);
  }

  /** The entry at `index`, of `term`, was applied with this outcome. */
  applied(index: LogIndex, term: Term, outcome: AppliedOutcome, leader: ServerId | null): void {
    const calls = this.#tracked.get(index);
    if (calls === undefined) return;
    this.#tracked.delete(index);
    for (const call of calls) {
      if (call.term !== term) this.#settle(call, refusal('overwritten', leader));
      else if (outcome.outcome === 'applied') this.#settle(call, outcome);
      else this.#settle(call, refusal(outcome.reason, leader));
    }
  }

  /** Applied by a snapshot: what became of each entry in it cannot be told any more. */
  passedBySnapshot(through: LogIndex): void {
    for (const [index, calls] of this.#tracked) {
      if (index > through) continue;
      this.#tracked.delete(index);
      for (const call of calls)
        this.#settle(call, { outcome: 'unknown', reason: 'leadership-lost' });
    }
  }

  /** This server no longer leads: the next leader decides, and usually tells soon. */
  leadershipLost(term: Term): void {
    const orphans = [...this.#tracked.values()].flat().filter((call) => call.term <= term);
    if (orphans.length === 0) return;
    this.#options.clock.setTimeout(() => {
      for (const call of orphans)
        this.#settle(call, { outcome: 'unknown', reason: 'leadership-lost' });
    }, this.#options.graceMs);
  }

  /** Nothing more comes of anything: what was appended may be applied elsewhere. */
  stop(reason: UnknownReason): void {
    for (const call of this.#gathering.splice(0)) this.#settle(call, refusal('stopped', null));
    const calls = [...this.#tracked.values(), ...this.#batches.values()].flat();
    this.#tracked.clear();
    for (const call of calls) this.#settle(call, { outcome: 'unknown', reason });
  }

  /** Resolves when every call has settled. */
  async settled(): Promise<void> {
    if (this.#pending === 0) return;
    await new Promise<void>((resolve) => this.#onIdle.push(resolve));
  }

  #settle(call: Call, outcome: Outcome<unknown>): void {
    if (call.isSettled) return;
    call.isSettled = true;
    this.#pending -= 1;
    call.settle(outcome);
    if (this.#pending > 0) return;
    for (const resolve of this.#onIdle.splice(0)) resolve();
  }
}

/**
 * Clients' commands under way (§8): every accepted call settles with one of three outcomes.
 *
 * Calls of one turn go to the machine as one batch. A call that was appended waits until an entry is
 * applied at its index: if it has the same term, it is the answer; otherwise the command was
 * overwritten and will never take effect.
 */

import type { ProposalsAppended, RejectProposals } from '../../machines/rules/effects.ts';
import {
  type EntryPosition,
  entryBytes,
  type LogIndex,
  type Proposal,
  type ServerId,
  type Term,
} from '../../machines/rules/entries.ts';
import type { Clock } from '../ports/clock.ts';
import type { Outcome, RefusalReason } from '../ports/outcome.ts';
import { countWithin } from './group-commit.ts';
import { type PendingCall, PendingCalls } from './pending-calls.ts';

interface Call extends PendingCall {
  readonly proposal: Proposal;
  readonly resolve: (outcome: Outcome<unknown>) => void;
  isAppended: boolean;
}

/** Calls that were appended together: one entry each, from `index` on. */
interface AppendedBatch {
  readonly index: LogIndex;
  readonly term: Term;
  readonly calls: readonly Call[];
}

/** The outcome of an entry that was applied. */
export type AppliedOutcome =
  | {
      readonly outcome: 'applied';
      readonly result: unknown;
      readonly index: LogIndex;
      readonly term: Term;
    }
  | {
      readonly outcome: 'refused';
      readonly reason: RefusalReason;
      readonly message?: string;
    };

export interface CallsOptions {
  readonly clock: Clock;
  /** Runs the callback at the end of this turn of the event loop. */
  readonly defer: (callback: () => void) => void;
  readonly propose: (batch: number, proposals: readonly Proposal[]) => void;
  /** How long a call that lost its leader waits to learn what became of it. */
  readonly outcomeWaitMs: number;
}

const RETRYABLE: ReadonlySet<RefusalReason> = new Set([
  'not-leader',
  'not-ready',
  'overloaded',
  'overwritten',
  'stopped',
]);

const LEADERSHIP_LOST = { outcome: 'unknown', reason: 'leadership-lost' } as const;
const TIMED_OUT = { outcome: 'unknown', reason: 'timed-out' } as const;

export function refusal(
  reason: RefusalReason,
  leader: ServerId | null,
  message?: string,
): Outcome<never> {
  const refused = { outcome: 'refused', reason, leader, retry: RETRYABLE.has(reason) } as const;
  return message === undefined ? refused : { ...refused, message };
}

export class Calls {
  readonly #options: CallsOptions;
  readonly #pendingCalls: PendingCalls<Call>;
  /**
   * Of the present leadership, in the order of their indexes. A list, since hundreds of thousands come
   * and go: V8's maps, once old, keep alive what they held until the next full collection.
   */
  #appendedBatches: AppendedBatch[] = [];
  /** Of leaderships that are over: the next leader decides what becomes of them. */
  #uncertainBatches: AppendedBatch[] = [];
  #gathering: Call[] = [];
  /** What is being proposed to the machine, which answers within the same turn. */
  #proposed: readonly Call[] = [];
  #batch = 0;
  /** How many are accepted and not settled. */
  #unsettled = 0;
  #onIdle: (() => void)[] = [];

  constructor(options: CallsOptions) {
    this.#options = options;
    const pending = () => [...this.#allAppended(), ...this.#gathering];
    this.#pendingCalls = new PendingCalls(options.clock, pending, (call) => this.#giveUp(call));
  }

  /** @param resolve - is called once, in the middle of whatever settles the call */
  start(
    proposal: Proposal,
    timeoutMs: number,
    resolve: (outcome: Outcome<unknown>) => void,
    signal?: AbortSignal,
  ): void {
    const call: Call = {
      proposal,
      deadline: this.#pendingCalls.deadlineAfter(timeoutMs),
      resolve,
      ignoreSignal: null,
      isAppended: false,
      isSettled: false,
    };
    this.#unsettled += 1;
    this.#pendingCalls.listenForAbort(call, signal);
    if (!call.isSettled) this.#gather(call);
  }

  #gather(call: Call): void {
    if (this.#gathering.push(call) === 1) this.#options.defer(() => this.#propose());
  }

  /** What a turn has gathered, in steps that are one write each. */
  #propose(): void {
    this.#gathering = this.#gathering.filter(({ isSettled }) => !isSettled);
    while (this.#gathering.length > 0) {
      const count = countWithin(this.#gathering, ({ proposal }) => entryBytes(proposal));
      this.#proposeTogether(this.#gathering.splice(0, count));
    }
  }

  #proposeTogether(calls: readonly Call[]): void {
    this.#batch += 1;
    this.#proposed = calls;
    this.#options.propose(
      this.#batch,
      calls.map(({ proposal }) => proposal),
    );
    this.#proposed = [];
  }

  /** The first `count` of the batch were appended from `index` on. */
  track({ batch, count, index, term }: ProposalsAppended): void {
    if (batch !== this.#batch) return;
    const calls = this.#proposed.slice(0, count);
    for (const call of calls) call.isAppended = true;
    this.#appendedBatches.push({ index, term, calls });
  }

  /** The batch's calls from position `from` on were not appended. */
  refuse({ batch, from, reason, leader }: RejectProposals): void {
    if (batch !== this.#batch) return;
    const outcome = refusal(reason, leader);
    for (const call of this.#proposed.slice(from)) this.#settle(call, outcome);
  }

  /** Whether a call waits for what is applied at `index`. */
  isAwaited(index: LogIndex): boolean {
    const [next] = this.#appendedBatches;
    return (next !== undefined && next.index <= index) || this.#uncertainBatches.length > 0;
  }

  /** That entry was applied, with this outcome. */
  applied(entry: EntryPosition, outcome: AppliedOutcome, leader: ServerId | null): void {
    const [next] = this.#appendedBatches;
    if (next !== undefined) this.#settleAt(next, entry, outcome, leader);
    for (const appended of this.#uncertainBatches) this.#settleAt(appended, entry, outcome, leader);
    if (next !== undefined && lastIndex(next) <= entry.index) this.#appendedBatches.shift();
  }

  #settleAt(
    appended: AppendedBatch,
    { index, term }: EntryPosition,
    outcome: AppliedOutcome,
    leader: ServerId | null,
  ): void {
    const call = appended.calls[index - appended.index];
    if (call === undefined) return;
    if (appended.term !== term) this.#settle(call, refusal('overwritten', leader));
    else if (outcome.outcome === 'applied') this.#settle(call, outcome);
    else this.#settle(call, refusal(outcome.reason, leader, outcome.message));
  }

  /** A snapshot has taken the place of these entries: their outcomes cannot be known any more. */
  passedBySnapshot(through: LogIndex): void {
    for (const { index, calls } of [...this.#appendedBatches, ...this.#uncertainBatches]) {
      for (const call of calls.slice(0, Math.max(0, through + 1 - index))) {
        this.#settle(call, LEADERSHIP_LOST);
      }
    }
    this.#appendedBatches = this.#appendedBatches.filter(
      (appended) => lastIndex(appended) > through,
    );
  }

  /** This server no longer leads: the next leader decides, and this server usually learns it soon. */
  leadershipLost(): void {
    const lost = this.#appendedBatches;
    if (lost.length === 0) return;
    this.#appendedBatches = [];
    this.#uncertainBatches = [...this.#uncertainBatches, ...lost];
    this.#options.clock.setTimeout(() => {
      for (const { calls } of lost) {
        for (const call of calls) this.#settle(call, LEADERSHIP_LOST);
      }
      const settled = new Set(lost);
      this.#uncertainBatches = this.#uncertainBatches.filter((appended) => !settled.has(appended));
    }, this.#options.outcomeWaitMs);
  }

  /** What was appended may still be applied elsewhere. */
  stop(): void {
    for (const call of this.#gathering.splice(0)) this.#settle(call, refusal('stopped', null));
    const calls = [...this.#allAppended(), ...this.#proposed];
    this.#appendedBatches = [];
    this.#uncertainBatches = [];
    for (const call of calls) this.#settle(call, { outcome: 'unknown', reason: 'stopped' });
  }

  /** Resolves when every call has settled. */
  async settled(): Promise<void> {
    if (this.#unsettled === 0) return;
    await new Promise<void>((resolve) => this.#onIdle.push(resolve));
  }

  #allAppended(): Call[] {
    return [...this.#uncertainBatches, ...this.#appendedBatches].flatMap(({ calls }) => calls);
  }

  /** Aborted or too late. What was not appended yet never will be. */
  #giveUp(call: Call): void {
    const mayBeAppended = call.isAppended || this.#proposed.includes(call);
    this.#settle(call, mayBeAppended ? TIMED_OUT : refusal('not-ready', null));
  }

  #settle(call: Call, outcome: Outcome<unknown>): void {
    if (!this.#pendingCalls.settle(call)) return;
    this.#unsettled -= 1;
    call.resolve(outcome);
    if (this.#unsettled > 0) return;
    for (const resolve of this.#onIdle.splice(0)) resolve();
  }
}

function lastIndex({ index, calls }: AppendedBatch): LogIndex {
  return index + calls.length - 1;
}

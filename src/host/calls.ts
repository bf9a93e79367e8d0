/**
 * Clients' commands under way (§8): every accepted call settles, with one of three outcomes.
 *
 * Calls of one turn go to the machine as one batch. One that was appended is followed by its index
 * until an entry is applied there: of the same term, it is the answer; of another, the command was
 * overwritten and never will take effect.
 */

import type { Clock } from '#ports/clock';
import type { Outcome, RefusalReason } from '#ports/outcome';
import type { Refuse, Track } from '#rules/effects';
import type { LogIndex, Proposal, ServerId, Term } from '#rules/entries';
import { Deadlines } from './deadlines.ts';

interface Call {
  readonly proposal: Proposal;
  readonly timeoutMs: number;
  readonly resolve: (outcome: Outcome<unknown>) => void;
  /** Takes its listener off the caller's signal. */
  readonly ignoreSignal: (() => void) | null;
  /** The term it was appended in; 0 while it waits for its turn. */
  term: Term;
  isSettled: boolean;
  /** Another call that was appended at the same index, in another term. */
  rival: Call | null;
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

const LEADERSHIP_LOST = { outcome: 'unknown', reason: 'leadership-lost' } as const;
const TIMED_OUT = { outcome: 'unknown', reason: 'timed-out' } as const;

export function refusal(reason: RefusalReason, leader: ServerId | null): Outcome<never> {
  return { outcome: 'refused', reason, leader, retry: RETRYABLE.has(reason) };
}

export class Calls {
  readonly #options: CallsOptions;
  readonly #deadlines: Deadlines<Call>;
  readonly #tracked = new Map<LogIndex, Call>();
  #gathering: Call[] = [];
  /** What the machine is being asked just now; it answers within the same turn. */
  #proposed: readonly Call[] = [];
  #batch = 0;
  #pending = 0;
  #onIdle: (() => void)[] = [];

  constructor(options: CallsOptions) {
    this.#options = options;
    this.#deadlines = new Deadlines(options.clock, (call) => this.#giveUp(call));
  }

  /** Accepted and not settled. */
  get pending(): number {
    return this.#pending;
  }

  add(proposal: Proposal, timeoutMs: number, signal?: AbortSignal): Promise<Outcome<unknown>> {
    return new Promise((resolve) => {
      const ignoreSignal = signal === undefined ? null : this.#heed(signal, () => call);
      const call: Call = {
        proposal,
        timeoutMs,
        resolve,
        ignoreSignal,
        term: 0,
        isSettled: false,
        rival: null,
      };
      this.#pending += 1;
      this.#deadlines.add(call);
      if (signal?.aborted === true) this.#giveUp(call);
      else this.#gather(call);
    });
  }

  #heed(signal: AbortSignal, call: () => Call): () => void {
    const giveUp = () => this.#giveUp(call());
    signal.addEventListener('abort', giveUp);
    return () => signal.removeEventListener('abort', giveUp);
  }

  #gather(call: Call): void {
    if (this.#gathering.push(call) === 1) this.#options.defer(() => this.#propose());
  }

  #propose(): void {
    const calls = this.#gathering.filter(({ isSettled }) => !isSettled);
    this.#gathering = [];
    if (calls.length === 0) return;
    this.#batch += 1;
    this.#proposed = calls;
    this.#options.propose(
      this.#batch,
      calls.map(({ proposal }) => proposal),
    );
    this.#proposed = [];
  }

  /** The first `count` of the batch were appended from `index` on. */
  track({ batch, count, index, term }: Track): void {
    if (batch !== this.#batch) return;
    for (let i = 0; i < count; i += 1) {
      const call = this.#proposed[i];
      if (call === undefined) return;
      call.term = term;
      call.rival = this.#tracked.get(index + i) ?? null;
      this.#tracked.set(index + i, call);
    }
  }

  /** The batch's calls from position `from` on were not appended. */
  refuse({ batch, from, reason, leader }: Refuse): void {
    if (batch !== this.#batch) return;
    const outcome = refusal(reason, leader);
    for (const call of this.#proposed.slice(from)) this.#settle(call, outcome);
  }

  /** Whether anybody waits for what is applied at `index`. */
  isAwaited(index: LogIndex): boolean {
    return this.#tracked.size > 0 && this.#tracked.has(index);
  }

  /** The entry at `index`, of `term`, was applied with this outcome. */
  applied(index: LogIndex, term: Term, outcome: AppliedOutcome, leader: ServerId | null): void {
    let call = this.#tracked.get(index) ?? null;
    this.#tracked.delete(index);
    for (; call !== null; call = call.rival) {
      if (call.term !== term) this.#settle(call, refusal('overwritten', leader));
      else if (outcome.outcome === 'applied') this.#settle(call, outcome);
      else this.#settle(call, refusal(outcome.reason, leader));
    }
  }

  /** Applied by a snapshot: what became of each entry in it cannot be told any more. */
  passedBySnapshot(through: LogIndex): void {
    for (const [index, latest] of this.#tracked) {
      if (index > through) continue;
      this.#tracked.delete(index);
      for (const call of rivals(latest)) this.#settle(call, LEADERSHIP_LOST);
    }
  }

  /** This server no longer leads: the next leader decides, and usually tells soon. */
  leadershipLost(term: Term): void {
    const orphans = this.#allTracked().filter((call) => call.term <= term);
    if (orphans.length === 0) return;
    this.#options.clock.setTimeout(() => {
      for (const call of orphans) this.#settle(call, LEADERSHIP_LOST);
    }, this.#options.graceMs);
  }

  /** Nothing more comes of anything: what was appended may be applied elsewhere. */
  stop(): void {
    for (const call of this.#gathering.splice(0)) this.#settle(call, refusal('stopped', null));
    const calls = [...this.#allTracked(), ...this.#proposed];
    this.#tracked.clear();
    for (const call of calls) this.#settle(call, { outcome: 'unknown', reason: 'stopped' });
  }

  /** Resolves when every call has settled. */
  async settled(): Promise<void> {
    if (this.#pending === 0) return;
    await new Promise<void>((resolve) => this.#onIdle.push(resolve));
  }

  #allTracked(): Call[] {
    return [...this.#tracked.values()].flatMap(rivals);
  }

  /** Aborted or too late. Before it was appended, it is certain that it never will be. */
  #giveUp(call: Call): void {
    const isAppended = call.term > 0 || this.#proposed.includes(call);
    this.#settle(call, isAppended ? TIMED_OUT : refusal('not-ready', null));
  }

  #settle(call: Call, outcome: Outcome<unknown>): void {
    if (call.isSettled) return;
    call.isSettled = true;
    this.#pending -= 1;
    this.#deadlines.remove(call);
    call.ignoreSignal?.();
    call.resolve(outcome);
    if (this.#pending > 0) return;
    for (const resolve of this.#onIdle.splice(0)) resolve();
  }
}

/** The call appended last at an index, and those appended there before it. */
function rivals(latest: Call): Call[] {
  const calls: Call[] = [];
  for (let call: Call | null = latest; call !== null; call = call.rival) calls.push(call);
  return calls;
}

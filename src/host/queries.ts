/**
 * Queries under way (§8). Linearizable ones of one turn are one read of the machine's; when it is
 * confirmed, they are answered from applied state that reflects its index. Stale ones ask nobody,
 * and wait only for a snapshot that is being restored.
 */

import type { AnswerReads, RejectReads } from '../../machines/rules/effects.ts';
import type { LogIndex } from '../../machines/rules/entries.ts';
import type { Clock } from '../ports/clock.ts';
import type { Outcome } from '../ports/outcome.ts';
import { refusal } from './calls.ts';
import { type PendingCall, PendingCalls } from './pending-calls.ts';

interface Query extends PendingCall {
  /** Runs once, at the moment the answer is known to be current. */
  readonly evaluate: () => Outcome<unknown>;
  readonly resolve: (outcome: Outcome<unknown>) => void;
  readonly reject: (error: unknown) => void;
}

/** The linearizable queries of one turn. */
interface Read {
  readonly number: number;
  readonly queries: Query[];
}

export interface QueryLimits {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface QueriesOptions {
  readonly clock: Clock;
  readonly defer: (callback: () => void) => void;
  readonly ask: (read: number) => void;
  /** Runs the callback as soon as applied state reflects `index`. */
  readonly whenApplied: (index: LogIndex, callback: () => void) => void;
}

export class Queries {
  readonly #options: QueriesOptions;
  readonly #pendingCalls: PendingCalls<Query>;
  #reads: Read[] = [];
  #stale: Query[] = [];
  #gathering: Read | null = null;
  #number = 0;

  constructor(options: QueriesOptions) {
    this.#options = options;
    this.#pendingCalls = new PendingCalls(
      options.clock,
      () => this.#pending(),
      (query) => this.#giveUp(query),
    );
  }

  linearizable<T>(evaluate: () => Outcome<T>, limits: QueryLimits): Promise<Outcome<T>> {
    return this.#promised(evaluate, 'linearizable', limits);
  }

  stale<T>(evaluate: () => Outcome<T>, limits: QueryLimits): Promise<Outcome<T>> {
    return this.#promised(evaluate, 'stale', limits);
  }

  #promised<T>(
    evaluate: () => Outcome<T>,
    consistency: 'linearizable' | 'stale',
    limits: QueryLimits,
  ): Promise<Outcome<T>> {
    return new Promise((resolve, reject) => {
      const settled = resolve as (outcome: Outcome<unknown>) => void;
      this.start(evaluate, consistency, limits, settled, reject);
    });
  }

  /**
   * @param resolve - is called once, in the middle of whatever settles the query; or else `reject`,
   *   with what the state machine throws
   */
  start(
    evaluate: () => Outcome<unknown>,
    consistency: 'linearizable' | 'stale',
    { timeoutMs, signal }: QueryLimits,
    resolve: (outcome: Outcome<unknown>) => void,
    reject: (error: unknown) => void,
  ): void {
    const query: Query = {
      deadline: this.#pendingCalls.deadlineAfter(timeoutMs),
      evaluate,
      resolve,
      reject,
      ignoreSignal: null,
      isSettled: false,
    };
    this.#pendingCalls.listenForAbort(query, signal);
    if (query.isSettled) return;
    if (consistency === 'linearizable') this.#gather().queries.push(query);
    else this.#startStale(query);
  }

  #startStale(query: Query): void {
    this.#options.whenApplied(0, () => this.#answer(query));
    if (!query.isSettled) this.#stale.push(query);
  }

  #gather(): Read {
    if (this.#gathering !== null) return this.#gathering;
    this.#number += 1;
    const read: Read = { number: this.#number, queries: [] };
    this.#gathering = read;
    this.#reads.push(read);
    this.#options.defer(() => {
      this.#gathering = null;
      if (read.queries.some(({ isSettled }) => !isSettled)) this.#options.ask(read.number);
      else this.#taken([read.number]);
    });
    return read;
  }

  answer({ reads, index }: AnswerReads): void {
    this.#options.whenApplied(index, () => {
      for (const query of this.#taken(reads)) this.#answer(query);
    });
  }

  refuse({ reads, reason, leader }: RejectReads): void {
    for (const query of this.#taken(reads)) this.#settle(query, refusal(reason, leader));
  }

  stop(): void {
    for (const query of this.#pending()) this.#settle(query, refusal('stopped', null));
  }

  #pending(): readonly Query[] {
    return [...this.#reads.flatMap(({ queries }) => queries), ...this.#stale];
  }

  #taken(numbers: readonly number[]): Query[] {
    const taken = this.#reads.filter(({ number }) => numbers.includes(number));
    this.#reads = this.#reads.filter((read) => !taken.includes(read));
    return taken.flatMap(({ queries }) => queries);
  }

  /** What the state machine throws at is the caller's misuse. */
  #answer(query: Query): void {
    if (query.isSettled) return;
    let outcome: Outcome<unknown>;
    try {
      outcome = query.evaluate();
    } catch (error) {
      if (this.#ends(query)) query.reject(error);
      return;
    }
    this.#settle(query, outcome);
  }

  /** A read that was not answered has no effect: it is refused, never unknown. */
  #giveUp(query: Query): void {
    this.#settle(query, refusal('not-ready', null));
  }

  #settle(query: Query, outcome: Outcome<unknown>): void {
    if (this.#ends(query)) query.resolve(outcome);
  }

  /** False when it had settled before. */
  #ends(query: Query): boolean {
    if (!this.#pendingCalls.settle(query)) return false;
    if (this.#stale.length > 0) this.#stale = this.#stale.filter((stale) => stale !== query);
    return true;
  }
}

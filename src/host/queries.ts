/**
 * Linearizable queries under way (§8): those of one turn are one read of the machine's; when it is
 * confirmed, they are answered from applied state that reflects its index.
 */
import type { Clock } from '#ports/clock';
import type { Outcome } from '#ports/outcome';
import type { AnswerReads, RefuseReads } from '#rules/effects';
import type { LogIndex } from '#rules/entries';
import { refusal } from './calls.ts';

interface Query {
  readonly answer: () => void;
  readonly settle: (outcome: Outcome<never>) => void;
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
  readonly #waiting = new Map<number, Set<Query>>();
  #gathering: Set<Query> | null = null;
  #read = 0;

  constructor(options: QueriesOptions) {
    this.#options = options;
  }

  /** `evaluate` runs once, at the moment the answer is known to be current. */
  add<Answer>(
    evaluate: () => Outcome<Answer>,
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<Outcome<Answer>> {
    return new Promise((resolve, reject) => {
      const { clock } = this.#options;
      // A read that was not answered has no effect: it is refused, never unknown.
      const giveUp = () => query.settle(refusal('not-ready', null));
      const deadline = clock.setTimeout(giveUp, timeoutMs);
      const done = () => {
        clock.clearTimeout(deadline);
        signal?.removeEventListener('abort', giveUp);
        reads.delete(query);
      };
      const query: Query = {
        answer: () => {
          done();
          try {
            resolve(evaluate());
          } catch (error) {
            reject(error);
          }
        },
        settle: (outcome) => {
          done();
          resolve(outcome);
        },
      };
      signal?.addEventListener('abort', giveUp);
      const reads = this.#gather();
      reads.add(query);
    });
  }

  #gather(): Set<Query> {
    if (this.#gathering !== null) return this.#gathering;
    const queries = new Set<Query>();
    this.#gathering = queries;
    this.#read += 1;
    const read = this.#read;
    this.#waiting.set(read, queries);
    this.#options.defer(() => {
      this.#gathering = null;
      if (queries.size === 0) this.#waiting.delete(read);
      else this.#options.ask(read);
    });
    return queries;
  }

  answer({ reads, index }: AnswerReads): void {
    this.#options.whenApplied(index, () => {
      for (const query of this.#taken(reads)) query.answer();
    });
  }

  refuse({ reads, reason, leader }: RefuseReads): void {
    for (const query of this.#taken(reads)) query.settle(refusal(reason, leader));
  }

  stop(): void {
    for (const query of this.#taken([...this.#waiting.keys()]))
      query.settle(refusal('stopped', null));
  }

  #taken(reads: readonly number[]): Query[] {
    return reads.flatMap((read) => {
      const queries = [...(this.#waiting.get(read) ?? [])];
      this.#waiting.delete(read);
      return queries;
    });
  }
}

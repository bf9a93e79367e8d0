/** What a cluster promises its clients, and what is thrown when it does not keep that. */
import { checkLinearizable, type Operation } from '../../checker/linearizability.ts';
import type { Counter } from './counter.ts';

/** A promise of the cluster that it did not keep, found otherwise than by the referee. */
export class BrokenGuarantee extends Error {
  /** What was promised, in a word or two. */
  readonly guarantee: string;

  constructor(promise: string, message: string) {
    super(message);
    this.guarantee = promise;
  }
}

/** As many as take a second or two. */
const OPERATIONS_TRIED_MAX = 2_000_000;

/**
 * What clients were answered has to be linearizable (§8), as far as that can be decided. A history that
 * is not decided by then breaks no promise and keeps none: it is counted.
 */
export function requireLinearizable<State, Input, Output>(
  history: readonly Operation<Input, Output>[],
  model: Parameters<typeof checkLinearizable<State, Input, Output>>[1],
  counter: Counter,
  stepsMax = OPERATIONS_TRIED_MAX,
): void {
  const { verdict, text } = checkLinearizable(history, model, { stepsMax });
  if (verdict === 'violation') throw new BrokenGuarantee('Linearizability', text);
  if (verdict === 'not finished') counter.add('undecided');
}

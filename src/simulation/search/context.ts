/** What the parts of a searched history share while it runs. */
import type { SimulatedCluster } from '../cluster.ts';
import type { Counter } from './counter.ts';

export interface RunContext<C, R, Q, A> {
  readonly cluster: SimulatedCluster<C, R, Q, A>;
  readonly counter: Counter;
  /** Whether the faults still go on. */
  readonly isFaulty: () => boolean;
}

/** Of state machines of any kind. */
export type AnyRunContext = RunContext<unknown, unknown, unknown, unknown>;

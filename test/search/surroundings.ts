/** What the parts of a searched history share while it runs. */
import type {
  KeyValueAnswer,
  KeyValueCommand,
  KeyValueQuery,
  KeyValueResult,
} from '../../src/kv/vocabulary.ts';
import type { SimulatedCluster } from '../../src/simulation/index.ts';
import type { Counter } from './counts.ts';

export type Cluster = SimulatedCluster<
  KeyValueCommand,
  KeyValueResult,
  KeyValueQuery,
  KeyValueAnswer
>;

export type Server = Cluster['servers'][number];

export interface Surroundings {
  readonly cluster: Cluster;
  readonly counter: Counter;
  /** Whether the faults still go on. */
  readonly isFaulty: () => boolean;
}

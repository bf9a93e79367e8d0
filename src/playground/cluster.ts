/** The kind of cluster that a playground runs. */
import type {
  KeyValueAnswer,
  KeyValueCommand,
  KeyValueQuery,
  KeyValueResult,
} from '../kv/index.ts';
import type { SimulatedCluster, SimulatedServer } from '../simulation/index.ts';

export type Cluster = SimulatedCluster<
  KeyValueCommand,
  KeyValueResult,
  KeyValueQuery,
  KeyValueAnswer
>;

export type ClusterServer = SimulatedServer<
  KeyValueCommand,
  KeyValueResult,
  KeyValueQuery,
  KeyValueAnswer
>;

/** The door `statecraft/simulation`: whole clusters in virtual time, on the same machines. */

export {
  checkLinearizable,
  type LinearizabilityReport,
  type Model,
  type Operation,
  type Reachability,
  type SearchBudget as Budget,
  type Specification,
} from '../checker/linearizability.ts';
export { type RunLimit, type SimulatedCluster, simulate } from './cluster.ts';
export type { Cuts } from './connectivity.ts';
export { type DiskFaults, type FailedWrite, SimulatedDisk } from './disk.ts';
export { DiskHandle } from './disk-handle.ts';
export { NotReached, ServerFailed } from './failed-run.ts';
export {
  blockOneWay,
  type Direction,
  type DurationRange,
  delay,
  drop,
  duplicate,
  type FaultContext,
  type Groups,
  partition,
  reorder,
} from './faults.ts';
export type { DeliveryOutcome, Flight } from './flights.ts';
export type { Link } from './network.ts';
export type { PreparedDisk, SimulationObserver, SimulationOptions } from './options.ts';
export { type Seed, SeededRandom } from './random.ts';
export type { RefereeCounts } from './referee/history.ts';
export { INVARIANTS, type InvariantName, PropertyViolation } from './referee/violation.ts';
export { checkRepeatable } from './repeatable.ts';
export type { Counts } from './search/counter.ts';
export type { ModelOf } from './search/direct-clients.ts';
export type { Failure, FailureKind } from './search/failure.ts';
export type { FaultKind } from './search/plan.ts';
export type { RunSettings } from './search/settings.ts';
export type { CommandOrQuery, Workload } from './search/workload.ts';
export {
  replay,
  type SearchOptions,
  type SearchProgress,
  type SearchReport,
  type SearchSubject,
  search,
} from './search.ts';
export type { SimulatedServer } from './simulated-server.ts';
export type { RunningTimer } from './timers.ts';
export { VirtualClock } from './virtual-clock.ts';

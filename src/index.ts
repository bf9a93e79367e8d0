/** The door of the library: one server of a cluster, and the types of what it says. */

export { InvariantViolation } from '../machines/rules/invariant.ts';
export {
  DEFAULT_PARAMETERS,
  DEFAULT_TIMING,
  type Parameters,
  type Timing,
} from '../machines/rules/parameters.ts';
export { CommandError } from './host/command-error.ts';
export { StartError, StorageError } from './host/errors.ts';
export type { HostObserver } from './host/host.ts';
export { type HttpAnswer, httpAnswer } from './host/http-answer.ts';
export {
  type MadeStateMachine,
  type StateMachineParts,
  stateMachine,
} from './host/state-machine.ts';
export { type StartServerOptions, startServer } from './node/start-server.ts';
export type { Clock } from './ports/clock.ts';
export type { Metric, Readiness, ReadinessCheck } from './ports/metrics.ts';
export type {
  Applied,
  Outcome,
  RefusalReason,
  Refused,
  ServerApplied,
  ServerRefused,
  SessionCommand,
  Unknown,
  UnknownReason,
} from './ports/outcome.ts';
export type { Random } from './ports/random.ts';
export type {
  CallOptions,
  FollowerStatus,
  MemberStatus,
  OpenedSession,
  ProposeOptions,
  QueryOptions,
  Server,
  ServerOf,
  ServerRole,
  Session,
  SessionOptions,
  StateDivergence,
  Status,
  Warning,
} from './ports/server.ts';
export type { AppliedEntry, Codec, StateMachine } from './ports/state-machine.ts';
export type { Identity, SnapshotReader, Storage, Stored, WriteBatch } from './ports/storage.ts';
export type {
  ConnectionChange,
  ServerIdentity,
  StateDigests,
  Transport,
  TransportNotice,
} from './ports/transport.ts';
export type { AnsweredWith, Call, ResultOf } from './ports/typed-calls.ts';

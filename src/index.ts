/** The door of the library: one server of a cluster, and the types of what it says. */
export { StartError, StorageError } from '#host/errors';
export type { HostObserver } from '#host/host';
export { type StartServerOptions, startServer } from '#node/start-server';
export type { Clock } from '#ports/clock';
export type {
  Applied,
  Outcome,
  RefusalReason,
  Refused,
  SessionCommand,
  Unknown,
  UnknownReason,
} from '#ports/outcome';
export type { Random } from '#ports/random';
export type {
  CallOptions,
  FollowerStatus,
  MemberStatus,
  OpenedSession,
  ProposeOptions,
  QueryOptions,
  Role,
  Server,
  Status,
} from '#ports/server';
export type { AppliedEntry, Codec, StateMachine } from '#ports/state-machine';
export type { Identity, SnapshotReader, Storage, Stored, WriteBatch } from '#ports/storage';
export type { ConnectionChange, Introduction, Transport } from '#ports/transport';
export { InvariantViolation } from '#rules/invariant';
export {
  DEFAULT_PARAMETERS,
  DEFAULT_TIMING,
  type Parameters,
  type Timing,
} from '#rules/parameters';

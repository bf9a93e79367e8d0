/** The door `statecraft/client`. Runs in browsers too. */
export {
  type CallOptions,
  type Client,
  type ConnectOptions,
  connect,
  type ReadOptions,
  type WriteOptions,
} from './connect.ts';
export { fetchPort } from './fetch-port.ts';
export type { HttpAnswer, HttpEnding, HttpPort, HttpRequest } from './http-port.ts';
export type {
  ConditionOptions,
  Consistency,
  ListItem,
  ListOptions,
  ListPage,
  Value,
} from './operations.ts';
export type { Applied, ClientOutcome, RefusalReason, Refused, Unknown } from './outcome.ts';
export type { EndpointStatus } from './status.ts';
export type { TokenSource } from './token-port.ts';

/** The door `statecraft/client`. Runs in browsers too. */
export type { FailureReason } from '../../machines/rules/request.ts';
export type { Condition, ListItem } from '../kv/vocabulary.ts';
export type { ExchangeResult, HttpPort, HttpRequest, HttpResponse } from '../ports/http.ts';
export type {
  Applied,
  ClientOutcome,
  ClientRefusalReason,
  ClientRefused,
  Unknown,
} from '../ports/outcome.ts';
export type { CallOptions } from '../ports/server.ts';
export type { OpenStream, StreamRequest, StreamSocket } from '../ports/stream.ts';
export {
  type Client,
  type ConnectOptions,
  connect,
  type ReadOptions,
  type WriteOptions,
} from './connect.ts';
export { fetchPort } from './fetch-port.ts';
export type { Consistency, ListOptions, ListPage, Value } from './operations.ts';
export type { EndpointStatus } from './servers.ts';
export type { TokenSource } from './token-source.ts';

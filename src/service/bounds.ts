/** What all clients together, and one address of theirs, may take of a server at a time. */
import { type Limit, limitOf } from './budget.ts';

export interface ServiceBounds {
  readonly connections: Limit;
  /** Requests that are not answered yet. */
  readonly requests: Limit;
  /** Of request bodies that are being received, or held until they are answered. */
  readonly bodyBytes: Limit;
  /** Of values and lists that are being read or sent. */
  readonly answerBytes: Limit;
}

const MEBIBYTE = 1024 * 1024;

export const DEFAULT_BOUNDS: ServiceBounds = {
  connections: limitOf(8_192, 1_024),
  requests: limitOf(16_384),
  bodyBytes: limitOf(64 * MEBIBYTE),
  answerBytes: limitOf(256 * MEBIBYTE),
};

/** Of one connection, side by side; more of them wait. */
export const REQUESTS_PER_CONNECTION_MAX = 64;

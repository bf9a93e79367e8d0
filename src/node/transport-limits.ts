/** What a peer, and a connection that has not proved who it is, may cost. */
import { WATCH_INTERVAL_MS } from './watched-files.ts';

/** Bounds and durations of the transport. */
export interface TransportLimits extends Readonly<typeof DEFAULT_LIMITS> {}

export const DEFAULT_LIMITS = {
  /** From the connection to the proof of who it is; also for the end of a closing connection. */
  handshakeDeadlineMs: 2_000,
  /** Between two keepalives to a peer. */
  keepaliveIntervalMs: 1_000,
  /** A connection is dead when nothing came for that many of these intervals. */
  missedKeepalivesMax: 3,
  /** Bytes for one peer that the operating system has not taken yet; beyond it messages are dropped. */
  queueBytesMax: 16 * 1024 * 1024,
  queueMessagesMax: 1_024,
  /** Connections that have not proved who they are; beyond it, the oldest of them is closed. */
  unauthenticatedConnectionsMax: 64,
  /** Of one address. */
  unauthenticatedPerAddressMax: 16,
  /** Bytes that one may send before it has proved who it is. */
  unauthenticatedBytesMax: 64 * 1024,
  /** Between two attempts to reach a peer: doubled from … to, with jitter. */
  dialWaitMinMs: 50,
  dialWaitMaxMs: 1_000,
  /** Between two times that the peers' write numbers are saved. */
  peerMemoryIntervalMs: 10_000,
  /** Between two checks whether key or certificates were replaced. */
  renewalIntervalMs: WATCH_INTERVAL_MS,
  /** A connection proved by a dropped key is closed after that long, unless it was replaced. */
  renewalDeadlineMs: 15_000,
};

/** What a peer, and a connection that has not proved who it is, may cost. */
import { WATCH_INTERVAL_MS } from './watched-files.ts';

/** Bounds and durations of the transport. */
export interface TransportLimits {
  /** From the connection to the proof of who it is; also for the end of a closing connection. */
  readonly handshakeDeadlineMs: number;
  /** Between two keepalives to a peer. */
  readonly keepaliveIntervalMs: number;
  /** A connection is dead when nothing came for that many of these intervals. */
  readonly missedKeepalivesMax: number;
  /** Bytes for one peer that the operating system has not taken yet; beyond it messages are dropped. */
  readonly queueBytesMax: number;
  readonly queueMessagesMax: number;
  /** Connections that have not proved who they are; beyond it, the oldest of them is closed. */
  readonly unauthenticatedConnectionsMax: number;
  /** Of one address. */
  readonly unauthenticatedPerAddressMax: number;
  /** Bytes that one may send before it has proved who it is. */
  readonly unauthenticatedBytesMax: number;
  /** Between two attempts to reach a peer: doubled from … to, with jitter. */
  readonly dialWaitMinMs: number;
  readonly dialWaitMaxMs: number;
  /** Between two times that the peers' write numbers are saved. */
  readonly peerMemoryIntervalMs: number;
  /** Between two checks whether key or certificates were replaced. */
  readonly renewalIntervalMs: number;
  /** A connection proved by a dropped key is closed after that long, unless it was replaced. */
  readonly renewalDeadlineMs: number;
}

export const DEFAULT_LIMITS: TransportLimits = {
  handshakeDeadlineMs: 2_000,
  keepaliveIntervalMs: 1_000,
  missedKeepalivesMax: 3,
  queueBytesMax: 16 * 1024 * 1024,
  queueMessagesMax: 1_024,
  unauthenticatedConnectionsMax: 64,
  unauthenticatedPerAddressMax: 16,
  unauthenticatedBytesMax: 64 * 1024,
  dialWaitMinMs: 50,
  dialWaitMaxMs: 1_000,
  peerMemoryIntervalMs: 10_000,
  renewalIntervalMs: WATCH_INTERVAL_MS,
  renewalDeadlineMs: 15_000,
};

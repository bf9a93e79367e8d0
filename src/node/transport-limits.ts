/** What a peer, or a stranger, may cost. */
import { RENEWAL_INTERVAL_MS } from './renewed-files.ts';

/** Bounds and durations of the transport. */
export interface TransportLimits {
  /** From the connection to the proof of who it is; also for the end of a closing connection. */
  readonly handshakeDeadlineMs: number;
  /** Between two pulses to a peer. */
  readonly pulseIntervalMs: number;
  /** A connection is dead when nothing came for that many of our own pulses. */
  readonly silentPulsesMax: number;
  /** Not yet taken by the operating system, for one peer; past it messages are dropped. */
  readonly queueBytesMax: number;
  readonly queueMessagesMax: number;
  /** Connections that have not proved who they are: past it, the oldest of them goes. */
  readonly strangersMax: number;
  /** Of one address. */
  readonly strangersPerAddressMax: number;
  /** What they may say before they have, in bytes. */
  readonly strangerBytesMax: number;
  /** Between two attempts to reach a peer: doubled from … to, with jitter. */
  readonly dialWaitMinMs: number;
  readonly dialWaitMaxMs: number;
  /** Between two times that claimed write numbers are kept. */
  readonly memoryIntervalMs: number;
  /** Between two looks whether key or certificates were replaced. */
  readonly renewalIntervalMs: number;
  /** A connection proved by a key that was dropped may be replaced that long, then it is closed. */
  readonly droppedKeyGraceMs: number;
}

export const DEFAULT_LIMITS: TransportLimits = {
  handshakeDeadlineMs: 2_000,
  pulseIntervalMs: 1_000,
  silentPulsesMax: 3,
  queueBytesMax: 16 * 1024 * 1024,
  queueMessagesMax: 1_024,
  strangersMax: 64,
  strangersPerAddressMax: 16,
  strangerBytesMax: 64 * 1024,
  dialWaitMinMs: 50,
  dialWaitMaxMs: 1_000,
  memoryIntervalMs: 10_000,
  renewalIntervalMs: RENEWAL_INTERVAL_MS,
  droppedKeyGraceMs: 15_000,
};

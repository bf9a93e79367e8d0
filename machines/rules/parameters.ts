/** A server's own parameters: timing and bounds. They need not be equal on all servers. */
import { ENVELOPE_BYTES } from './entries.ts';

/** Durations in milliseconds. */
export interface Timing {
  /** How often a leader says that it is there when there is nothing else to say (§5.2). */
  readonly heartbeatIntervalMs: number;
  /** The shortest election timeout, and how long word of a leader counts as recent (§5.2). */
  readonly electionTimeoutMinMs: number;
  /** The longest election timeout; each is drawn between the two at random. */
  readonly electionTimeoutMaxMs: number;
  /** The longest wait before a pre-vote once the connection to the leader is lost. */
  readonly lostLeaderWaitMaxMs: number;
  /**
   * How long a leader goes on without an answer from a majority before it steps down (thesis §6.2);
   * unless it is set, the shortest election timeout. More is for networks that lose or delay much.
   */
  readonly quorumCheckIntervalMs?: number;
}

/**
 * What a server may be set to: timing, and bounds in bytes and numbers. Servers need not agree on
 * them.
 */
export interface Parameters {
  readonly timing: Timing;
  /** Of one AppendEntries. */
  readonly entriesPerAppendMax: number;
  /** Of the entries in one AppendEntries; a single larger entry goes alone. */
  readonly bytesPerAppendMax: number;
  /** Sent to one follower and not yet answered. */
  readonly messagesInFlightMax: number;
  /** The same in bytes of entries. */
  readonly bytesInFlightMax: number;
  /** The largest command, encoded; a larger one is refused as `too-large`. */
  readonly commandBytesMax: number;
  /** In the leader's log and not yet committed, or not on its disk; more is refused as overloaded. */
  readonly uncommittedBytesMax: number;
  /** Committed and not yet applied; proposals past it are refused as overloaded. */
  readonly unappliedBytesMax: number;
  /** Of the log in memory, should no snapshot come about; proposals past it are refused. */
  readonly logBytesMax: number;
  /**
   * A snapshot is taken when what was applied since the last one is this many times its size (thesis
   * §5.1.3): snapshots then cost a fixed share of what the log costs, however large the state is.
   */
  readonly snapshotAfterTimes: number;
  /** But not before this many bytes: the log is soon many times as large as a tiny state. */
  readonly snapshotAfterBytesMin: number;
  /**
   * And at the latest after this many, even if that is below the least: the log is never many times as
   * large as a huge state.
   */
  readonly snapshotAfterBytes: number;
  /** The same in entries, which take memory however small they are. */
  readonly snapshotAfterEntries: number;
  /** Kept in the log below a snapshot, for followers that are a little behind: no more than either. */
  readonly trailingEntries: number;
  /** The same in bytes. */
  readonly trailingBytes: number;
  /** Of a snapshot, in one InstallSnapshot. */
  readonly chunkBytes: number;
  /** Whether a new leader appends an empty entry (§8). Off only behind the course's door. */
  readonly appendsEmptyEntry: boolean;
}

const MEBIBYTE = 1024 * 1024;

/**
 * Heartbeats each 50 ms, elections after 300 to 600 ms: for servers with milliseconds between them.
 */
export const DEFAULT_TIMING: Timing = {
  heartbeatIntervalMs: 50,
  electionTimeoutMinMs: 300,
  electionTimeoutMaxMs: 600,
  lostLeaderWaitMaxMs: 40,
};

/**
 * What holds unless it is set otherwise; `bytes…` and `…Bytes` are bytes, `…Entries` are entries.
 */
export const DEFAULT_PARAMETERS: Parameters = {
  timing: DEFAULT_TIMING,
  entriesPerAppendMax: 1024,
  bytesPerAppendMax: MEBIBYTE,
  messagesInFlightMax: 64,
  bytesInFlightMax: 4 * MEBIBYTE,
  commandBytesMax: MEBIBYTE,
  uncommittedBytesMax: 64 * MEBIBYTE,
  unappliedBytesMax: 64 * MEBIBYTE,
  logBytesMax: 512 * MEBIBYTE,
  snapshotAfterTimes: 2,
  snapshotAfterBytesMin: 4 * MEBIBYTE,
  snapshotAfterBytes: 64 * MEBIBYTE,
  snapshotAfterEntries: 250_000,
  trailingEntries: 1_000,
  trailingBytes: 8 * MEBIBYTE,
  chunkBytes: 256 * 1024,
  appendsEmptyEntry: true,
};

/**
 * How long a leader goes on without an answer from a majority, in milliseconds. Nothing that is safe
 * rests on it: what a leader commits, and the reads it answers, a majority has confirmed.
 */
export function quorumCheckIntervalMs(timing: Timing): number {
  return timing.quorumCheckIntervalMs ?? timing.electionTimeoutMinMs;
}

/** @throws TypeError that names the value when the timing cannot work (§5.6: broadcast ≪ election). */
export function assertTiming(timing: Timing): void {
  const { heartbeatIntervalMs, electionTimeoutMinMs, electionTimeoutMaxMs } = timing;
  for (const [name, value] of Object.entries(timing)) {
    if (!Number.isFinite(value) || value <= 0) {
      throw new TypeError(`timing.${name} must be a positive number of milliseconds, not ${value}`);
    }
  }
  if (electionTimeoutMinMs < 3 * heartbeatIntervalMs) {
    throw new TypeError(
      `timing.electionTimeoutMinMs (${electionTimeoutMinMs}) must be at least three heartbeat ` +
        `intervals (3 × ${heartbeatIntervalMs} = ${3 * heartbeatIntervalMs}), or healthy leaders are deposed`,
    );
  }
  if (electionTimeoutMaxMs < electionTimeoutMinMs) {
    throw new TypeError(
      `timing.electionTimeoutMaxMs (${electionTimeoutMaxMs}) must not be below ` +
        `timing.electionTimeoutMinMs (${electionTimeoutMinMs})`,
    );
  }
  if (quorumCheckIntervalMs(timing) < electionTimeoutMinMs) {
    throw new TypeError(
      `timing.quorumCheckIntervalMs (${timing.quorumCheckIntervalMs}) must not be below ` +
        `timing.electionTimeoutMinMs (${electionTimeoutMinMs}), or leaders are deposed that no follower doubts`,
    );
  }
}

/**
 * @param payloadBytesMax - of entries or of a snapshot, in one message of the transport
 * @throws TypeError that names the values when they cannot work together: an entry that is larger
 * than the window, or than a message, would never be sent.
 */
export function assertParameters(
  parameters: Parameters,
  payloadBytesMax = Number.POSITIVE_INFINITY,
): void {
  assertTiming(parameters.timing);
  const { bytesInFlightMax, bytesPerAppendMax, commandBytesMax } = parameters;
  const { messagesInFlightMax, chunkBytes, uncommittedBytesMax } = parameters;
  const largest = commandBytesMax + ENVELOPE_BYTES;
  if (bytesInFlightMax < largest) {
    throw new TypeError(
      `parameters.bytesInFlightMax (${bytesInFlightMax}) must not be below the largest entry ` +
        `(commandBytesMax + ${ENVELOPE_BYTES} = ${largest}), or that entry is never sent`,
    );
  }
  if (!(uncommittedBytesMax >= largest)) {
    throw new TypeError(
      `parameters.uncommittedBytesMax (${uncommittedBytesMax}) must not be below the largest entry ` +
        `(commandBytesMax + ${ENVELOPE_BYTES} = ${largest}), or that entry is always refused as overloaded`,
    );
  }
  const { snapshotAfterBytes, snapshotAfterEntries } = parameters;
  const atLeastOne = { messagesInFlightMax, chunkBytes, snapshotAfterBytes, snapshotAfterEntries };
  for (const [name, value] of Object.entries(atLeastOne)) {
    if (!(value >= 1)) throw new TypeError(`parameters.${name} must be at least 1, not ${value}`);
  }
  const { snapshotAfterTimes, snapshotAfterBytesMin, trailingEntries, trailingBytes } = parameters;
  const notNegative = { snapshotAfterTimes, snapshotAfterBytesMin, trailingEntries, trailingBytes };
  for (const [name, value] of Object.entries(notNegative)) {
    if (!(value >= 0)) throw new TypeError(`parameters.${name} must not be below 0, nor ${value}`);
  }
  for (const [name, value] of Object.entries({ commandBytesMax, bytesPerAppendMax, chunkBytes })) {
    if (value > payloadBytesMax) {
      throw new TypeError(
        `parameters.${name} (${value}) must not be above what one message of this transport ` +
          `carries (${payloadBytesMax} bytes), or what is larger is never sent`,
      );
    }
  }
}

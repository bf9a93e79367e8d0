/** Options for the protocol's timing and for snapshots. */
import {
  assertTiming,
  DEFAULT_PARAMETERS,
  DEFAULT_TIMING,
} from '../../machines/rules/parameters.ts';
import { duration, type OptionsOf, type OptionTable } from './command-table.ts';
import { usageError } from './exit-codes.ts';
import { durationText, parseBytes, parseCount, sizeText } from './option-values.ts';

const { heartbeatIntervalMs, electionTimeoutMinMs, electionTimeoutMaxMs } = DEFAULT_TIMING;
/** From the shortest election timeout to the longest: far enough to tell servers apart. */
const SPREAD = electionTimeoutMaxMs / electionTimeoutMinMs;
/** The log in memory refuses proposals at its bound: a snapshot has to come well before. */
const SNAPSHOT_BYTES_MAX = DEFAULT_PARAMETERS.logBytesMax / 2;

export const PROTOCOL_OPTIONS = {
  '--heartbeat-interval <duration>': {
    what: 'how often a leader sends heartbeats; the same for all servers',
    ...duration(heartbeatIntervalMs),
  },
  '--election-timeout <duration>': {
    what:
      'how long a follower waits to hear from its leader, drawn at random up to ' +
      `${SPREAD} times as long: at least three heartbeat intervals; the same for all servers`,
    ...duration(electionTimeoutMinMs),
  },
  '--snapshot-after-entries <number>': {
    what:
      'take a snapshot when this many entries have been applied since the last one, at the latest; ' +
      `it is taken sooner when they have ${DEFAULT_PARAMETERS.snapshotAfterTimes} times the bytes of that ` +
      `snapshot, and ${sizeText(DEFAULT_PARAMETERS.snapshotAfterBytesMin)} or more`,
    parse: parseCount,
    byDefault: DEFAULT_PARAMETERS.snapshotAfterEntries,
  },
  '--snapshot-after-bytes <size>': {
    what: `or when these have this many bytes, at the latest; at most ${sizeText(SNAPSHOT_BYTES_MAX)}`,
    parse: parseBytes,
    byDefault: DEFAULT_PARAMETERS.snapshotAfterBytes,
    shown: sizeText(DEFAULT_PARAMETERS.snapshotAfterBytes),
  },
} as const satisfies OptionTable;

export type ProtocolOptions = OptionsOf<typeof PROTOCOL_OPTIONS>;

/** For `startServer`. @throws CommandError for values that cannot work together */
export function protocolOf(options: ProtocolOptions) {
  const { heartbeatInterval, electionTimeout, snapshotAfterEntries, snapshotAfterBytes } = options;
  const timing = {
    ...DEFAULT_TIMING,
    heartbeatIntervalMs: heartbeatInterval,
    electionTimeoutMinMs: electionTimeout,
    electionTimeoutMaxMs: electionTimeout * SPREAD,
  };
  try {
    assertTiming(timing);
  } catch {
    throw usageError(
      `--election-timeout ${durationText(electionTimeout)} must be at least three times ` +
        `--heartbeat-interval ${durationText(heartbeatInterval)}, or healthy leaders are deposed`,
    );
  }
  if (snapshotAfterBytes > SNAPSHOT_BYTES_MAX) {
    throw usageError(
      `--snapshot-after-bytes ${sizeText(snapshotAfterBytes)} must be at most ` +
        `${sizeText(SNAPSHOT_BYTES_MAX)}, or the log in memory is full before a snapshot empties it`,
    );
  }
  return { timing, parameters: { snapshotAfterEntries, snapshotAfterBytes } };
}

/** Flags for the protocol's timing and for snapshots, of one server and of a whole cluster alike. */
import {
  assertTiming,
  DEFAULT_PARAMETERS,
  DEFAULT_TIMING,
  type Parameters,
  type Timing,
} from '../../machines/rules/parameters.ts';
import type { Command } from '../vendor/commander.ts';
import { usageError } from './exit-codes.ts';
import { durationOption, sizeOption } from './value-options.ts';
import { durationText, parseCount, sizeText } from './values.ts';

export interface ProtocolOptions {
  readonly heartbeatInterval: number;
  readonly electionTimeout: number;
  readonly snapshotAfterEntries: number;
  readonly snapshotAfterBytes: number;
}

const { logBytesMax, snapshotAfterEntries, snapshotAfterBytes } = DEFAULT_PARAMETERS;
const { heartbeatIntervalMs, electionTimeoutMinMs } = DEFAULT_TIMING;
/** The longest timeout is drawn up to that many times the shortest: far enough to tell servers apart. */
const SPREAD = DEFAULT_TIMING.electionTimeoutMaxMs / electionTimeoutMinMs;
/** The log in memory is full at its bound, and proposals are refused: a snapshot comes well before. */
const SNAPSHOT_BYTES_MAX = logBytesMax / 2;

export function addProtocolOptions(command: Command): Command {
  return command
    .addOption(
      durationOption(
        '--heartbeat-interval <duration>',
        'how often a leader makes itself heard; the same for all servers',
        heartbeatIntervalMs,
      ),
    )
    .addOption(
      durationOption(
        '--election-timeout <duration>',
        `how long a follower waits for word of its leader, by chance up to ${SPREAD} times as long: at ` +
          'least three heartbeat intervals; the same for all servers',
        electionTimeoutMinMs,
      ),
    )
    .option(
      '--snapshot-after-entries <number>',
      'take a snapshot when so many entries were applied since the last one',
      parseCount,
      snapshotAfterEntries,
    )
    .addOption(
      sizeOption(
        '--snapshot-after-bytes <size>',
        `or when they had so many bytes, whichever comes first; at most ${sizeText(SNAPSHOT_BYTES_MAX)}`,
        snapshotAfterBytes,
      ),
    );
}

/** The same flags for a server of a cluster. */
export function protocolFlags(options: ProtocolOptions): readonly string[] {
  return [
    ...['--heartbeat-interval', durationText(options.heartbeatInterval)],
    ...['--election-timeout', durationText(options.electionTimeout)],
    ...['--snapshot-after-entries', `${options.snapshotAfterEntries}`],
    ...['--snapshot-after-bytes', `${options.snapshotAfterBytes}`],
  ];
}

/** For `startServer`. @throws CommandError for values that cannot work together */
export function protocolOf(options: ProtocolOptions): {
  readonly timing: Timing;
  readonly parameters: Pick<Parameters, 'snapshotAfterEntries' | 'snapshotAfterBytes'>;
} {
  assertProtocol(options);
  return {
    timing: timingOf(options),
    parameters: {
      snapshotAfterEntries: options.snapshotAfterEntries,
      snapshotAfterBytes: options.snapshotAfterBytes,
    },
  };
}

/** @throws CommandError that names the flags */
export function assertProtocol(options: ProtocolOptions): void {
  const { heartbeatInterval, electionTimeout } = options;
  try {
    assertTiming(timingOf(options));
  } catch {
    throw usageError(
      `--election-timeout ${durationText(electionTimeout)} must be at least three times ` +
        `--heartbeat-interval ${durationText(heartbeatInterval)}, or healthy leaders are deposed`,
    );
  }
  if (options.snapshotAfterBytes <= SNAPSHOT_BYTES_MAX) return;
  throw usageError(
    `--snapshot-after-bytes ${sizeText(options.snapshotAfterBytes)} must be at most ` +
      `${sizeText(SNAPSHOT_BYTES_MAX)}, or the log in memory is full before a snapshot empties it`,
  );
}

function timingOf({ heartbeatInterval, electionTimeout }: ProtocolOptions): Timing {
  return {
    ...DEFAULT_TIMING,
    heartbeatIntervalMs: heartbeatInterval,
    electionTimeoutMinMs: electionTimeout,
    electionTimeoutMaxMs: electionTimeout * SPREAD,
  };
}

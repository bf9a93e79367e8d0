/** Timing that can work (§5.6: broadcast time ≪ election timeout), and the defaults. */
import { describe, expect, test } from 'vitest';
import {
  assertParameters,
  assertTiming,
  DEFAULT_PARAMETERS,
  DEFAULT_TIMING,
  quorumCheckIntervalMs,
} from '../../machines/rules/parameters.ts';

describe('timing', () => {
  test.each([
    ['the defaults', {}],
    ['exactly three heartbeats', { heartbeatIntervalMs: 100, electionTimeoutMinMs: 300 }],
    [
      'no chance in the timeout at all',
      { electionTimeoutMaxMs: DEFAULT_TIMING.electionTimeoutMinMs },
    ],
  ])('%s will do', (_, some) => {
    expect(() => assertTiming({ ...DEFAULT_TIMING, ...some })).not.toThrow();
  });

  test.each([
    [
      'heartbeats that are too rare',
      { heartbeatIntervalMs: 101 },
      /electionTimeoutMinMs \(300\).*3 × 101 = 303/,
    ],
    [
      'a greatest timeout below the least',
      { electionTimeoutMaxMs: 299 },
      /electionTimeoutMaxMs \(299\).*electionTimeoutMinMs \(300\)/,
    ],
    [
      'a quorum check before anybody doubts',
      { quorumCheckIntervalMs: 299 },
      /quorumCheckIntervalMs \(299\).*electionTimeoutMinMs \(300\)/,
    ],
    ['zero', { heartbeatIntervalMs: 0 }, /timing\.heartbeatIntervalMs.*not 0/],
    ['a negative one', { lostLeaderWaitMaxMs: -1 }, /timing\.lostLeaderWaitMaxMs.*not -1/],
    ['no number', { electionTimeoutMaxMs: Number.NaN }, /timing\.electionTimeoutMaxMs.*not NaN/],
    ['for ever', { electionTimeoutMaxMs: Number.POSITIVE_INFINITY }, /not Infinity/],
  ])('%s is refused, with the numbers', (_, some, message) => {
    expect(() => assertTiming({ ...DEFAULT_TIMING, ...some })).toThrow(message);
    expect(() => assertTiming({ ...DEFAULT_TIMING, ...some })).toThrow(TypeError);
  });
});

test.each([
  ['by default', {}, DEFAULT_TIMING.electionTimeoutMinMs],
  ['with patient elections', { electionTimeoutMinMs: 500 }, 500],
  ['or as long as is said', { quorumCheckIntervalMs: 1_000 }, 1_000],
])('a leader gives its majority a minimum election timeout: %s', (_, some, ms) => {
  expect(quorumCheckIntervalMs({ ...DEFAULT_TIMING, ...some })).toBe(ms);
});

test('by default the largest command fits the window in flight (a window it did not fit would stall)', () => {
  const { commandBytesMax, bytesInFlightMax, uncommittedBytesMax } = DEFAULT_PARAMETERS;
  expect(commandBytesMax + 48).toBeLessThanOrEqual(bytesInFlightMax);
  expect(commandBytesMax + 48).toBeLessThanOrEqual(uncommittedBytesMax);
});

describe('bounds', () => {
  test.each([
    [
      'a window that the largest entry does not fit',
      { bytesInFlightMax: 1_000, commandBytesMax: 1_000 },
      /bytesInFlightMax \(1000\).*1048/,
    ],
    [
      'a bound of what is uncommitted that the largest entry does not fit',
      { uncommittedBytesMax: 1_047, commandBytesMax: 1_000 },
      /uncommittedBytesMax \(1047\).*1048/,
    ],
    ['a snapshot after no bytes', { snapshotAfterBytes: 0 }, /snapshotAfterBytes.*not 0/],
    ['… or after no number of them', { snapshotAfterBytes: Number.NaN }, /Bytes.*not NaN/],
    ['a snapshot after no entries', { snapshotAfterEntries: 0 }, /snapshotAfterEntries.*not 0/],
    ['less than nothing kept', { trailingEntries: -1 }, /trailingEntries.*nor -1/],
    ['no number of bytes kept', { trailingBytes: Number.NaN }, /trailingBytes.*nor NaN/],
    ['no message in flight', { messagesInFlightMax: 0 }, /messagesInFlightMax.*not 0/],
    ['empty chunks', { chunkBytes: 0 }, /chunkBytes.*not 0/],
    ['snapshots of less than nothing', { snapshotAfterTimes: -1 }, /snapshotAfterTimes.*nor -1/],
    ['no least log', { snapshotAfterBytesMin: Number.NaN }, /snapshotAfterBytesMin.*nor NaN/],
    ['no bound in bytes', { snapshotAfterBytes: Number.NaN }, /snapshotAfterBytes .*not NaN/],
    ['no bound in entries', { snapshotAfterEntries: Number.NaN }, /snapshotAfterEntries.*not NaN/],
    [
      'a command that no message carries',
      { commandBytesMax: 8_000_001, bytesInFlightMax: 9_000_000 },
      /commandBytesMax \(8000001\).*one message.*8000000/,
    ],
    ['entries that no message carries', { bytesPerAppendMax: 8_000_001 }, /bytesPerAppendMax/],
    ['chunks that no message carries', { chunkBytes: 8_000_001 }, /chunkBytes \(8000001\)/],
  ])('%s is refused, with the numbers', (_, some, message) => {
    expect(() => assertParameters({ ...DEFAULT_PARAMETERS, ...some }, 8_000_000)).toThrow(message);
    expect(() => assertParameters(DEFAULT_PARAMETERS, 8_000_000)).not.toThrow();
  });

  test.each([
    [
      'a window that the largest entry just fits',
      { bytesInFlightMax: 1_048, commandBytesMax: 1_000 },
    ],
    ['a latest snapshot before the earliest: it is taken then', { snapshotAfterBytes: 1_000 }],
    ['one message in flight', { messagesInFlightMax: 1 }],
    [
      'what one message just carries',
      { commandBytesMax: 8_000_000, bytesInFlightMax: 9_000_000, bytesPerAppendMax: 8_000_000 },
    ],
  ])('%s will do', (_, some) => {
    expect(() => assertParameters({ ...DEFAULT_PARAMETERS, ...some }, 8_000_000)).not.toThrow();
  });
});

/**
 * How often each thing has to happen, per hundred seeds: below, the search has gone blind somewhere.
 * About half of what was counted when they were set.
 */
import type { Counted } from '../../src/simulation/search/counter.ts';

export const FLOORS_PER_HUNDRED: Readonly<Record<Counted, number> & Record<string, number>> = {
  elections: 150,
  termsWithoutLeader: 20,
  truncations: 53,
  snapshotsTaken: 650,
  snapshotsInstalled: 36,
  crashes: 52,
  crashesInAWrite: 20,
  writesLost: 11,
  writesTorn: 9,
  shutDowns: 61,
  diskErrors: 55,
  pauses: 46,
  isolations: 72,
  splits: 95,
  oneWayBlocks: 62,
  clockChanges: 87,
  messages: 54_000,
  messagesLost: 3_200,
  duplicatesDelivered: 6_100,
  overtakings: 2_300,
  refusedAppends: 2_400,
  redirects: 2_500,
  retriedCommands: 6_100,
  sessionsOpened: 230,
  reads: 1_300,
  puts: 740,
  appends: 2_200,
  swaps: 1_100,
  swapsRefused: 730,
  unknown: 51,
  leftBehind: 25,
};

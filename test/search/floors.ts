/**
 * How often each thing has to happen, per hundred seeds: below, the search has gone blind somewhere.
 * About half of what was counted when they were set.
 */
import type { Counted } from './counts.ts';

export const FLOORS_PER_HUNDRED: Readonly<Record<Counted, number>> = {
  elections: 150,
  termsWithoutLeader: 30,
  truncations: 45,
  snapshotsTaken: 390,
  snapshotsInstalled: 25,
  crashes: 80,
  crashesInAWrite: 32,
  writesLost: 12,
  writesTorn: 18,
  shutDowns: 50,
  diskErrors: 50,
  pauses: 55,
  isolations: 60,
  splits: 80,
  oneWayBlocks: 35,
  clockChanges: 60,
  messages: 44_000,
  messagesLost: 2_700,
  duplicatesDelivered: 5_000,
  overtakings: 1_900,
  refusedAppends: 1_900,
  redirects: 2_100,
  retriedCommands: 5_000,
  sessionsOpened: 200,
  reads: 750,
  puts: 400,
  appends: 1_300,
  swaps: 600,
  swapsRefused: 380,
  unknown: 40,
  leftBehind: 25,
};

/** How much has been looked at: who reads that a property has held so far sees that it was tried. */

export interface RefereeCounts {
  /** Terms that had a leader: Election Safety. */
  readonly termsLed: number;
  /** Steps of leaders whose logs were held against those before: Leader Append-Only. */
  readonly leaderSteps: number;
  /** Entries, in memory and on disks, held against those seen at the same place: Log Matching. */
  readonly entriesMatched: number;
  /** Logs of leaders held against what was committed: Leader Completeness. */
  readonly leadersCompared: number;
  /** Entries handed to state machines, held against what was committed there: State Machine Safety. */
  readonly entriesApplied: number;
}

/** As it is kept; leaders are in the history anyway. */
export type Tally = { -readonly [Count in Exclude<keyof RefereeCounts, 'termsLed'>]: number };

export function emptyTally(): Tally {
  return { leaderSteps: 0, entriesMatched: 0, leadersCompared: 0, entriesApplied: 0 };
}

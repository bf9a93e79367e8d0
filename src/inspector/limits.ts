/** Every bound on what a page is told, in one place: what it costs at most, and what may wait. */

/** For what is neither a landmark nor without bound by itself (`budget.ts`). */
export interface BudgetLimits {
  readonly windowMs: number;
  /** What a window adds, and what there can be at most: how much may come at once. */
  readonly recordsPerWindow: number;
  /** After a window in which it was not enough, so many windows later: until then nothing is added. */
  readonly windowsWhenShort: number;
  /** What is added then. A busy server needs its time itself. */
  readonly recordsWhenShort: number;
  readonly recordsMax: number;
  readonly charactersPerWindow: number;
  readonly charactersMax: number;
  /** Records that are kept for what is no repeat: repeats are the first to be left out. */
  readonly recordsForOrdinary: number;
}

export const DEFAULT_BUDGET: BudgetLimits = {
  windowMs: 100,
  recordsPerWindow: 40,
  windowsWhenShort: 10,
  recordsWhenShort: 40,
  recordsMax: 120,
  charactersPerWindow: 40_000,
  charactersMax: 120_000,
  recordsForOrdinary: 40,
};

/** For landmarks, which no budget leaves out: each kind has an allowance (`allowances.ts`). */
export interface LandmarkLimits {
  /** Records of one kind at once: an election of many servers is told whole. */
  readonly recordsAtOnce: number;
  /** Records that a second adds to a kind: what comes more often is a repeat. */
  readonly recordsPerSecond: number;
  /** Kinds with an allowance of their own; more than that share one. */
  readonly kindsMax: number;
}

export const LANDMARK_LIMITS: LandmarkLimits = {
  recordsAtOnce: 32,
  recordsPerSecond: 8,
  kindsMax: 64,
};

/** After a gap, where actors stand: at most so many records, each so many milliseconds. */
export const STANDINGS_MAX = 10;
export const STANDINGS_EVERY_MS = 500;

/** Kinds that a gap counts by name, and of these the most frequent that its record tells. */
export const GAP_KINDS_COUNTED = 64;
export const GAP_KINDS_TOLD = 8;

export interface PageLimits {
  /** Milliseconds between two messages to the page. */
  readonly flushMs: number;
  /** Waiting in this process to be sent: beyond it the page is behind, and only landmarks are kept. */
  readonly behindBytes: number;
  /** A page that is behind for so many milliseconds is sent away: it comes again and starts anew. */
  readonly behindMsMax: number;
  /** Likewise one that is behind with so many records that must not be dropped. */
  readonly waitingRecordsMax: number;
  /** Likewise with so much of their text. */
  readonly waitingCharactersMax: number;
}

export const DEFAULT_PAGE_LIMITS: PageLimits = {
  flushMs: 40,
  behindBytes: 1024 * 1024,
  behindMsMax: 30_000,
  waitingRecordsMax: 10_000,
  waitingCharactersMax: 8 * 1024 * 1024,
};

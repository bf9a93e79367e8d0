/**
 * When a server that has ended is started again, and what is said about it: a decision from how it
 * ended and what was before, without clocks or processes (ADR 0025).
 *
 * Nothing here gives up. Kills are answered quickly; what passes by itself is tried until it has
 * passed; what needs a person is told once, and looked at again now and then.
 */

/** How a supervised process ended. */
export type Ending =
  /** By a signal, or because somebody asked it to. */
  | { readonly type: 'killed'; readonly how: string }
  /** By itself, without a word to us. */
  | { readonly type: 'failed'; readonly how: string }
  | { readonly type: 'cannotStart'; readonly message: string; readonly needsPerson: boolean };

type Cause = 'kill' | 'outage' | 'person';

/** Of one server: what is remembered from one end to the next. */
export interface RestartHistory {
  readonly cause: Cause | null;
  /** Ends of this cause, with no long life between. */
  readonly inARow: number;
  /** The last message about a start that failed, and when it was told. */
  readonly told: { readonly message: string; readonly atMs: number } | null;
}

export interface Restart extends RestartHistory {
  readonly waitMs: number;
  /** Whether it is started as soon as its files change, too. */
  readonly watchesFiles: boolean;
  /** What is to be said; null when that was said before. */
  readonly line: string | null;
}

export const NEVER_ENDED: RestartHistory = { cause: null, inARow: 0, told: null };

/** Who lived that long after its start begins with the shortest wait. */
const LONG_LIFE_MS = 10_000;
const AGAIN_MS = 60_000;

/** The first wait, doubled each time up to the longest. */
const WAITS: Readonly<Record<Cause, { readonly firstMs: number; readonly longestMs: number }>> = {
  // A process that is killed on purpose, or for its memory: the start itself takes longer than that.
  kill: { firstMs: 250, longestMs: 1_000 },
  // A disk that fails for seconds is noticed within seconds; for hours, it costs a start in five.
  outage: { firstMs: 500, longestMs: 5_000 },
  person: { firstMs: AGAIN_MS, longestMs: AGAIN_MS },
};

/**
 * @param livedMs - from its start until it ended; 0 when it never started
 * @param nowMs - of a monotonic clock
 */
export function restartAfter(
  before: RestartHistory,
  id: string,
  ending: Ending,
  livedMs: number,
  nowMs: number,
): Restart {
  const cause = causeOf(ending);
  const goesOn = before.cause === cause && livedMs < LONG_LIFE_MS;
  const inARow = goesOn ? before.inARow + 1 : 1;
  const { firstMs, longestMs } = WAITS[cause];
  const waitMs = Math.min(firstMs * 2 ** Math.min(inARow - 1, 30), longestMs);
  const decided = { cause, inARow, waitMs, watchesFiles: cause === 'person' };
  if (ending.type !== 'cannotStart') {
    const line = `server ${id} has ended (${ending.how}); it is started again in ${waitMs} ms`;
    return { ...decided, told: null, line };
  }
  const { message } = ending;
  if (isTold(before, message, cause, nowMs)) return { ...decided, told: before.told, line: null };
  const line = `server ${id} cannot start: ${message.replace(/\.$/, '')}; ${OUTLOOK[ending.needsPerson ? 'person' : 'outage']}`;
  return { ...decided, told: { message, atMs: nowMs }, line };
}

const OUTLOOK: Readonly<Record<Exclude<Cause, 'kill'>, string>> = {
  outage: 'it is tried again until it can',
  person:
    'it stays down until that is put right, and is looked at again each minute and whenever its ' +
    'files change',
};

function causeOf(ending: Ending): Cause {
  if (ending.type === 'killed') return 'kill';
  return ending.type === 'cannotStart' && ending.needsPerson ? 'person' : 'outage';
}

/** What passes by itself is told once a minute, so that nobody takes silence for success. */
function isTold({ told }: RestartHistory, message: string, cause: Cause, nowMs: number): boolean {
  if (told === null || told.message !== message) return false;
  return cause === 'person' || nowMs - told.atMs < AGAIN_MS;
}

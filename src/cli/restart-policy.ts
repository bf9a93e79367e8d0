/**
 * When a server that has ended is restarted, and what is logged about it: a decision from how it
 * ended and what happened before, without clocks or processes (ADR 0025).
 *
 * It never gives up. After a kill it restarts soon; after a failure that may pass it retries until it
 * has passed; what an operator must fix is logged once, and retried now and then.
 */

/** How a supervised process ended. */
export type ServerExit =
  /** By a signal, or with exit code 0. */
  | { readonly type: 'killed'; readonly how: string }
  /** By itself, without reporting why. */
  | { readonly type: 'failed'; readonly how: string }
  | { readonly type: 'cannotStart'; readonly message: string; readonly needsOperator: boolean };

type Cause = 'kill' | 'outage' | 'operator';

/** Of one server: what is remembered from one exit to the next. */
export interface RestartHistory {
  readonly cause: Cause | null;
  /** Exits of this cause, with no long run between. */
  readonly inARow: number;
  /** The last message about a failed start, and when it was logged. */
  readonly logged: { readonly message: string; readonly atMs: number } | null;
}

export interface Restart extends RestartHistory {
  readonly waitMs: number;
  /** Whether it is also started as soon as its files change. */
  readonly watchesFiles: boolean;
  /** What to log; null when it was logged before. */
  readonly line: string | null;
}

export const NEVER_ENDED: RestartHistory = { cause: null, inARow: 0, logged: null };

/** After a run of this length, the next wait is the shortest one. */
const LONG_RUN_MS = 10_000;
const AGAIN_MS = 60_000;

/** The first wait, doubled each time up to the longest. */
const WAITS: Readonly<Record<Cause, { readonly firstMs: number; readonly longestMs: number }>> = {
  // Killed on purpose, or for its memory: the start itself takes longer than this.
  kill: { firstMs: 250, longestMs: 1_000 },
  // A disk that fails for seconds costs seconds; one that fails for hours, a start every five.
  outage: { firstMs: 500, longestMs: 5_000 },
  operator: { firstMs: AGAIN_MS, longestMs: AGAIN_MS },
};

/**
 * @param runMs - from its start until it ended; 0 when it never started
 * @param nowMs - of a monotonic clock
 */
export function nextRestart(
  before: RestartHistory,
  id: string,
  exit: ServerExit,
  runMs: number,
  nowMs: number,
): Restart {
  const cause = causeOf(exit);
  const continues = before.cause === cause && runMs < LONG_RUN_MS;
  const inARow = continues ? before.inARow + 1 : 1;
  const { firstMs, longestMs } = WAITS[cause];
  const waitMs = Math.min(firstMs * 2 ** Math.min(inARow - 1, 30), longestMs);
  const decided = { cause, inARow, waitMs, watchesFiles: cause === 'operator' };
  if (exit.type !== 'cannotStart') {
    const line = `server ${id} has ended (${exit.how}); it is restarted in ${waitMs} ms`;
    return { ...decided, logged: null, line };
  }
  const { message } = exit;
  const { logged } = before;
  if (logged?.message === message) {
    // What may pass by itself is logged again every minute, so that silence is not taken for success.
    const isRecent = cause === 'operator' || nowMs - logged.atMs < AGAIN_MS;
    if (isRecent) return { ...decided, logged, line: null };
  }
  const next = NEXT[exit.needsOperator ? 'operator' : 'outage'];
  const line = `server ${id} cannot start: ${message.replace(/\.$/, '')}; ${next}`;
  return { ...decided, logged: { message, atMs: nowMs }, line };
}

const NEXT: Readonly<Record<Exclude<Cause, 'kill'>, string>> = {
  outage: 'it is retried until it succeeds',
  operator:
    'it stays down until that is fixed, and is retried each minute and whenever its files change',
};

function causeOf(exit: ServerExit): Cause {
  if (exit.type === 'killed') return 'kill';
  return exit.type === 'cannotStart' && exit.needsOperator ? 'operator' : 'outage';
}

/** Of system calls: what passes when the disk, the network or other processes are well again. */
const TRANSIENT: ReadonlySet<string> = new Set([
  ...['EIO', 'ENOSPC', 'EDQUOT', 'ESTALE', 'ETIMEDOUT', 'ENXIO', 'EREMOTEIO', 'EHOSTDOWN'],
  ...['EMFILE', 'ENFILE', 'ENOMEM', 'ENOBUFS', 'EAGAIN', 'EBUSY', 'EINTR'],
  ...['EADDRINUSE', 'EADDRNOTAVAIL', 'ENETDOWN'],
]);

/**
 * Whether a failed start needs an operator, or may succeed by itself later: by the code of the error
 * or of its causes. Damaged or foreign data and wrong flags have none.
 */
export function needsOperator(error: unknown): boolean {
  let at = error;
  for (let depth = 0; depth < 10 && typeof at === 'object' && at !== null; depth += 1) {
    const { code, cause } = at as { readonly code?: unknown; readonly cause?: unknown };
    if (typeof code === 'string' && TRANSIENT.has(code)) return false;
    at = cause;
  }
  return true;
}

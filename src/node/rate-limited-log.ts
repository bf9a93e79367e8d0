/** What is said again and again is logged once a minute: a peer that is refused keeps on trying. */
const SILENCE_MS = 60_000;
const REMEMBERED_MAX = 100;

/**
 * Whether something about that subject may be logged now; if so, it counts as logged. Subjects beyond
 * the first hundred of a minute share one line.
 */
export type LogRateLimit = (subject: string) => boolean;

/** @param now - monotonic milliseconds. Default: of this process. */
export function logRateLimit(now: () => number = () => performance.now()): LogRateLimit {
  const loggedAt = new Map<string, number>();
  /** When the last of those for which there was no room was logged. */
  let othersAt = Number.NEGATIVE_INFINITY;
  return (subject) => {
    const nowMs = now();
    for (const [known, at] of loggedAt) {
      if (nowMs - at < SILENCE_MS) break;
      loggedAt.delete(known);
    }
    if (loggedAt.has(subject)) return false;
    if (loggedAt.size < REMEMBERED_MAX) {
      loggedAt.set(subject, nowMs);
      return true;
    }
    if (nowMs - othersAt < SILENCE_MS) return false;
    othersAt = nowMs;
    return true;
  };
}

/**
 * The log without its repeats: what was logged within the last minute is not logged again. For
 * whatever a peer, a stranger or a disk may bring up as often as it likes.
 *
 * @param now - monotonic milliseconds. Default: of this process.
 * @example
 * startServer({ …, observer: { onWarning: rateLimited((message) => console.error(message)) } });
 */
export function rateLimited(
  log: (message: string) => void,
  now?: () => number,
): (message: string) => void {
  const isAllowed = logRateLimit(now);
  return (message) => {
    if (isAllowed(message)) log(message);
  };
}

/**
 * When a supervisor has to stop: a signal, or the end of whoever started it.
 *
 * One Ctrl-C may arrive twice, from the terminal and passed on by npm; only a later one means that
 * somebody has lost patience. A parent that ends without a signal (`kill -9`) is noticed by its
 * process id: it changes when the orphan is adopted.
 */
const SAME_INTERRUPT_MS = 500;
const PARENT_POLL_MS = 250;
/** Before anything else could take time in which it ends. */
const PARENT = process.ppid;

export interface EndingOptions {
  readonly watchesParent: boolean;
  /** Called once. */
  readonly onStop: (why: string) => void;
  readonly onImpatience: () => void;
}

/** Returns a function that ends the watch. */
export function watchForEnd({ watchesParent, onStop, onImpatience }: EndingOptions): () => void {
  let stoppedAt: number | null = null;
  const stop = (why: string) => {
    if (stoppedAt !== null) return;
    stoppedAt = performance.now();
    onStop(why);
  };
  const interrupt = () => {
    const isLater = stoppedAt !== null && performance.now() - stoppedAt > SAME_INTERRUPT_MS;
    if (isLater) onImpatience();
    else stop('SIGINT');
  };
  const signals = ['SIGTERM', 'SIGHUP'] as const;
  process.on('SIGINT', interrupt);
  for (const signal of signals) process.on(signal, stop);
  if (process.connected) process.on('disconnect', () => stop('its parent has ended'));
  const poll = setInterval(() => {
    if (watchesParent && process.ppid !== PARENT) stop('its parent has ended');
  }, PARENT_POLL_MS);
  return () => clearInterval(poll);
}

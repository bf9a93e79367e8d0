/**
 * When a supervisor has to stop: on a signal, or when the process that started it ends.
 *
 * One Ctrl-C may arrive twice, from the terminal and passed on by npm; only a later one means "at
 * once". When the parent ends without a signal (`kill -9`), the parent process id changes, since
 * another process adopts the orphan.
 */
const SAME_INTERRUPT_MS = 500;
const PARENT_POLL_MS = 250;
/** Read at once, before the parent can have ended. */
const PARENT = process.ppid;

interface ShutdownOptions {
  readonly watchesParent: boolean;
  /** Called once. */
  readonly onStop: (why: string) => void;
  readonly onSecondInterrupt: () => void;
}

export function onShutdown({ watchesParent, onStop, onSecondInterrupt }: ShutdownOptions): void {
  let stoppedAt: number | null = null;
  const stop = (why: string) => {
    if (stoppedAt !== null) return;
    stoppedAt = performance.now();
    onStop(why);
  };
  const interrupt = () => {
    const isLater = stoppedAt !== null && performance.now() - stoppedAt > SAME_INTERRUPT_MS;
    if (isLater) onSecondInterrupt();
    else stop('SIGINT');
  };
  process.on('SIGINT', interrupt);
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  if (process.connected) process.on('disconnect', () => stop('its parent has ended'));
  setInterval(() => {
    if (watchesParent && process.ppid !== PARENT) stop('its parent has ended');
  }, PARENT_POLL_MS);
}

/**
 * A monotonic clock with timers. The same shape serves XState's actor systems, so that every
 * statechart delay runs on it.
 */
export interface Clock {
  /** Monotonic milliseconds; the origin means nothing. */
  now(): number;
  /** Calls back once, after at least the delay, in milliseconds; gives what takes it back. */
  // biome-ignore lint/suspicious/noExplicitAny: XState's own Clock has it so.
  setTimeout(callback: (...args: any[]) => void, delayMs: number): any;
  /** Takes back a timer; one that has fired is no error. */
  // biome-ignore lint/suspicious/noExplicitAny: XState's own Clock has it so.
  clearTimeout(id: any): void;
}

/**
 * A monotonic clock with timers. The same shape serves XState's actor systems, so that every
 * statechart delay runs on it.
 */
export interface Clock {
  /** Monotonic milliseconds; the origin means nothing. */
  now(): number;
  // biome-ignore lint/suspicious/noExplicitAny: XState's own Clock has it so.
  setTimeout(callback: (...args: any[]) => void, delayMs: number): any;
  // biome-ignore lint/suspicious/noExplicitAny: XState's own Clock has it so.
  clearTimeout(id: any): void;
}

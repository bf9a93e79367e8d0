/** Puts a guard before the listeners that a server already has: they run only when it says so. */
import type { EventEmitter } from 'node:events';

/** @param guard - is given what calls the listeners, and the event's arguments */
export function intercept<Arguments extends unknown[]>(
  server: EventEmitter,
  event: string,
  guard: (proceed: () => void, ...args: Arguments) => void,
): void {
  const listeners = server.listeners(event) as ((...args: Arguments) => void)[];
  if (listeners.length === 0) return;
  server.removeAllListeners(event);
  server.on(event, (...args: unknown[]) => {
    const proceed = () => {
      for (const listener of listeners) listener.apply(server, args as Arguments);
    };
    guard(proceed, ...(args as Arguments));
  });
}

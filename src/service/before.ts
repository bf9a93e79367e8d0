/** Puts a guard before the listeners that a server already has: they hear of an event when it says so. */
import type { EventEmitter } from 'node:events';

/** @param guard - is given the event's arguments, and what hands them on; to nobody when there is none */
export function before<Arguments extends unknown[]>(
  server: EventEmitter,
  event: string,
  guard: (go: () => void, ...args: Arguments) => void,
): void {
  const own = server.listeners(event) as ((...args: Arguments) => void)[];
  if (own.length === 0) return;
  server.removeAllListeners(event);
  server.on(event, (...args) => {
    const go = () => {
      for (const listener of own) listener.apply(server, args as Arguments);
    };
    guard(go, ...(args as Arguments));
  });
}

/**
 * `globalThis.statecraft`: what a test, or somebody at the browser's console, may ask of the page.
 * Answers are copies; nothing can be changed by them.
 */
import { type HistoryEntry, NO_SUMMARY } from '../history-entry.ts';
import type { InspectorStore } from './store.ts';

export function inspectorDebugApi(store: InspectorStore) {
  const of = (id: string) => {
    const server = store.history.get(id);
    if (server === undefined) throw new RangeError(`there is no server "${id}" on this page`);
    return server;
  };
  return {
    /** Every server the page knows, sorted by id, as its card shows it in the present. */
    servers: () =>
      store.history.servers.map(({ id, reach: { state: reach }, entries }) => {
        return { ...(entries.last?.summary ?? NO_SUMMARY), id, reach };
      }),
    /** The server's transitions that are kept, in the order they came; its number is the server's. */
    transitions: (server: string) => {
      const { entries } = of(server);
      const { first, total, lasting } = entries;
      const later = Array.from({ length: total - first }, (_, at) => entries.at(first + at));
      return [...lasting.map(({ item }) => item), ...(later as HistoryEntry[])]
        .filter(({ kind }) => kind === 'transition')
        .map(({ count: number, actor, event: { type: event }, atMs }) => {
          return { number, actor, event, atMs };
        });
    },
    /** How many transitions the server has told since the page was opened, kept or not. */
    told: (server: string) => of(server).transitions,
    /** How many it has left out. */
    dropped: (server: string) => of(server).dropped,
  };
}

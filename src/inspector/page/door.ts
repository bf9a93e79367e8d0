/**
 * `globalThis.statecraft`: what a test, or somebody at the browser's console, may ask of the page.
 * Answers are copies; nothing can be changed by them.
 */
import { type HistoryEntry, NO_SUMMARY, type ServerSummary } from '../history-entry.ts';
import type { Reach } from '../server-history.ts';
import type { Desk } from './desk.ts';

export interface InspectorDoor {
  /** Every server the page knows, sorted by id, as its card shows it in the present. */
  servers(): readonly (ServerSummary & { readonly id: string; readonly reach: Reach })[];
  /** The server's transitions that are kept, in the order they came; its number is the server's. */
  transitions(server: string): readonly {
    readonly number: number;
    readonly actor: string;
    readonly event: string;
    readonly atMs: number;
  }[];
  /** How many transitions the server has told since the page was opened, kept or not. */
  told(server: string): number;
  /** How many it has left out. */
  dropped(server: string): number;
}

export function doorOf(desk: Desk): InspectorDoor {
  const of = (id: string) => {
    const server = desk.story.get(id);
    if (server === undefined) throw new RangeError(`there is no server "${id}" on this page`);
    return server;
  };
  return {
    servers: () =>
      desk.story.servers.map(({ id, reach, entries: moments }) => ({
        ...(moments.last?.summary ?? NO_SUMMARY),
        id,
        reach: reach.state,
      })),
    transitions: (id) => {
      const { entries: moments } = of(id);
      const kept: HistoryEntry[] = [];
      for (const { item } of moments.lasting) kept.push(item);
      for (let number = moments.first; number < moments.total; number += 1) {
        kept.push(moments.at(number) as HistoryEntry);
      }
      return kept
        .filter(({ kind }) => kind === 'transition')
        .map(({ count, actor, event, atMs }) => ({
          number: count,
          actor,
          event: event.type,
          atMs,
        }));
    },
    told: (id) => of(id).transitions,
    dropped: (id) => of(id).dropped,
  };
}

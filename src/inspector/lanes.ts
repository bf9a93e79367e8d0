/** The lanes of a sequence diagram: whose messages are among the rows that are shown. */

import type { History } from './history.ts';
import { lastPartOf } from './names.ts';
import type { SequenceItem } from './sequence.ts';

export interface Lane {
  /** The whole names of whom it stands for; several in the last one, when they are too many. */
  readonly names: readonly string[];
  readonly label: string;
}

export const LANES_MAX = 8;

/**
 * Servers; of somebody's own actors, those that have said or heard something among these rows. Where
 * they are too many, those with the most messages have a lane each, and the others share one.
 */
export function lanesOf(history: History, happenings: readonly SequenceItem[]): readonly Lane[] {
  const ofActors = history.servers.some(({ hello }) => hello?.source === 'actors');
  const counts = new Map<string, number>();
  const count = (name: string) => counts.set(name, (counts.get(name) ?? 0) + 1);
  for (const { server, arrival, mark } of happenings) {
    if (arrival !== null) [arrival.from, arrival.to].forEach(count);
    else if (mark !== null && (!ofActors || mark.of !== server)) count(mark.of);
  }
  const servers = ofActors ? [] : history.servers.map(({ id }) => id);
  const names = [...new Set([...servers, ...counts.keys()])].sort();
  const busiest = [...names].sort((one, other) => {
    return (counts.get(other) ?? 0) - (counts.get(one) ?? 0);
  });
  const own = new Set(busiest.slice(0, LANES_MAX));
  const others = names.filter((name) => !own.has(name));
  const lanes: Lane[] = names
    .filter((name) => own.has(name))
    .map((name) => ({ names: [name], label: lastPartOf(name) }));
  if (others.length > 0) lanes.push({ names: others, label: `+${others.length}` });
  return lanes;
}

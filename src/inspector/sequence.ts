/** What a sequence diagram shows: what arrived at servers, and what became of them, around a moment. */
import type { Arrival } from './messages.ts';
import type { ServerStory } from './server-story.ts';
import type { Position, Story } from './story.ts';

/** A message that arrived, or something that happened to the server itself. */
export interface Happened {
  readonly server: string;
  readonly atMs: number;
  /** The moment it belongs to; -1 when it is none of the server's own: it was lost. */
  readonly number: number;
  readonly arrival: Arrival | null;
  readonly mark: Mark | null;
}

export interface Mark {
  readonly kind: 'follower' | 'candidate' | 'leader' | 'lost' | 'found' | 'failed';
  readonly text: string;
}

export interface SequenceWish {
  /** Null for the present: then it ends with the last. */
  readonly position: Position | null;
  readonly showsHeartbeats: boolean;
  /** So many up to the position, and so many after it. */
  readonly before: number;
  readonly after: number;
}

/** In the order of the servers' clocks; of the same millisecond, in the order of the servers. */
export function sequenceAround(story: Story, wish: SequenceWish): readonly Happened[] {
  const { position, before, after } = wish;
  const past: Happened[] = [];
  const future: Happened[] = [];
  for (const server of story.servers) {
    const isShown = (happened: Happened) => isWanted(story, happened, wish);
    const end = server.happened.endOf((happened) => isUpTo(happened, position));
    past.push(...backFrom(server, end, before, isShown));
    if (position !== null) future.push(...onFrom(server, end, after, isShown));
  }
  return [...past.sort(byTime).slice(-before), ...future.sort(byTime).slice(0, after)];
}

function backFrom(
  { happened, moments }: ServerStory,
  end: number,
  count: number,
  isShown: (item: Happened) => boolean,
): readonly Happened[] {
  const found: Happened[] = [];
  for (let number = end - 1; found.length < count; number -= 1) {
    const item = happened.at(number);
    // As far as the log goes back: an arrow leads to its event.
    if (item === undefined || (item.number >= 0 && item.number < moments.first)) break;
    if (isShown(item)) found.push(item);
  }
  return found.reverse();
}

function onFrom(
  { happened }: ServerStory,
  start: number,
  count: number,
  isShown: (item: Happened) => boolean,
): readonly Happened[] {
  const found: Happened[] = [];
  for (let number = start; found.length < count; number += 1) {
    const item = happened.at(number);
    if (item === undefined) break;
    if (isShown(item)) found.push(item);
  }
  return found;
}

function byTime(one: Happened, other: Happened): number {
  if (one.atMs !== other.atMs) return one.atMs - other.atMs;
  if (one.server !== other.server) return one.server < other.server ? -1 : 1;
  return one.number - other.number;
}

function isUpTo({ server, number, atMs }: Happened, position: Position | null): boolean {
  if (position === null) return true;
  if (server === position.server && number >= 0) return number <= position.number;
  return atMs <= position.atMs;
}

function isWanted(story: Story, { arrival }: Happened, wish: SequenceWish): boolean {
  return arrival === null || wish.showsHeartbeats || !isHeartbeat(story, arrival);
}

/** A reply does not say what it answers; the server that was asked has said what it received. */
function isHeartbeat(story: Story, arrival: Arrival): boolean {
  const { kind, from, holdsEntries, isRefusal, exchange } = arrival;
  if (kind === 'AppendEntries') return !holdsEntries;
  if (kind !== 'AppendEntriesResponse' || isRefusal) return false;
  return story.get(from)?.wasFed(exchange) !== true;
}

export type Row =
  | { readonly kind: 'happened'; readonly y: number; readonly happened: Happened }
  | { readonly kind: 'gap'; readonly y: number; readonly lastedMs: number };

export const ROW_HEIGHT = 32;
const GAP_HEIGHT = 28;
const GAP_MIN_MS = 400;

/** Row by row, not to scale; where nothing happened for long, a gap says for how long. */
export function rowsOf(happenings: readonly Happened[]): {
  readonly rows: readonly Row[];
  readonly height: number;
} {
  const rows: Row[] = [];
  let y = 0;
  let before: number | null = null;
  for (const happened of happenings) {
    if (before !== null && happened.atMs - before >= GAP_MIN_MS) {
      rows.push({ kind: 'gap', y: y + GAP_HEIGHT / 2, lastedMs: happened.atMs - before });
      y += GAP_HEIGHT;
    }
    rows.push({ kind: 'happened', y: y + ROW_HEIGHT / 2, happened });
    y += ROW_HEIGHT;
    before = happened.atMs;
  }
  return { rows, height: y };
}

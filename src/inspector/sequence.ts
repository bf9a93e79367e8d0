/** What a sequence diagram shows: what arrived at servers, and what became of them, around a moment. */
import type { Arrival } from './messages.ts';
import type { ServerStory } from './server-story.ts';
import type { Position, Story } from './story.ts';

/** A message that arrived, something that happened to the server itself, or what was dropped. */
export interface Happened {
  readonly server: string;
  readonly atMs: number;
  /** The moment it belongs to; -1 when it is none of the server's own: it was lost. */
  readonly number: number;
  readonly arrival: Arrival | null;
  readonly mark: Mark | null;
  readonly dropped: Dropped | null;
}

/** Transitions that were not told, with nothing of their server that is shown between them. */
export interface Dropped {
  readonly count: number;
  /** The number of the last moment of them, and when it was. */
  readonly last: number;
  readonly untilMs: number;
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
  for (let number = end - 1; ; number -= 1) {
    const item = happened.at(number);
    // As far as the log goes back: an arrow leads to its event.
    if (item === undefined || (item.number >= 0 && item.number < moments.first)) break;
    if (!isShown(item)) continue;
    const whole = joined(item, found.at(-1));
    if (whole !== null) found[found.length - 1] = whole;
    else if (found.length < count) found.push(item);
    else break;
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
  for (let number = start; ; number += 1) {
    const item = happened.at(number);
    if (item === undefined) break;
    if (!isShown(item)) continue;
    const whole = joined(found.at(-1), item);
    if (whole !== null) found[found.length - 1] = whole;
    else if (found.length < count) found.push(item);
    else break;
  }
  return found;
}

/** What was dropped twice with nothing shown between is one gap; null for all else. */
function joined(one: Happened | undefined, next: Happened | undefined): Happened | null {
  if (!one?.dropped || !next?.dropped) return null;
  return { ...one, dropped: { ...next.dropped, count: one.dropped.count + next.dropped.count } };
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
  /** What was dropped, of each server by its turn; nothing that is shown happened between. */
  | { readonly kind: 'dropped'; readonly y: number; readonly gaps: readonly Gap[] }
  | { readonly kind: 'gap'; readonly y: number; readonly lastedMs: number };

export type Gap = Happened & { readonly dropped: Dropped };

/** What a row begins with. */
export function firstOf(row: Exclude<Row, { kind: 'gap' }>): Happened {
  return row.kind === 'happened' ? row.happened : (row.gaps[0] as Gap);
}

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
    const last = rows.at(-1);
    const isGap = hasDropped(happened);
    if (isGap && last?.kind === 'dropped') {
      rows[rows.length - 1] = { ...last, gaps: withGap(last.gaps, happened) };
      continue;
    }
    if (before !== null && happened.atMs - before >= GAP_MIN_MS) {
      rows.push({ kind: 'gap', y: y + GAP_HEIGHT / 2, lastedMs: happened.atMs - before });
      y += GAP_HEIGHT;
    }
    const middle = y + ROW_HEIGHT / 2;
    if (isGap) rows.push({ kind: 'dropped', y: middle, gaps: [happened] });
    else rows.push({ kind: 'happened', y: middle, happened });
    y += ROW_HEIGHT;
    before = happened.atMs;
  }
  return { rows, height: y };
}

function hasDropped(happened: Happened): happened is Gap {
  return happened.dropped !== null;
}

/** A server has one of them. */
function withGap(gaps: readonly Gap[], gap: Gap): readonly Gap[] {
  const own = gaps.findIndex(({ server }) => server === gap.server);
  const before = gaps[own];
  if (before === undefined) return [...gaps, gap];
  const count = before.dropped.count + gap.dropped.count;
  return gaps.with(own, { ...before, dropped: { ...gap.dropped, count } });
}

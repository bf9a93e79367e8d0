/** What a sequence diagram shows: what arrived at servers, and what became of them, around a position. */

import type { History, Position } from './history.ts';
import type { SequenceItem } from './history-entry.ts';
import type { Arrival } from './messages.ts';
import { lastPartOf } from './names.ts';
import type { ServerHistory } from './server-history.ts';

export interface SequenceOptions {
  /** Null for the present: then it ends with the last. */
  readonly position: Position | null;
  readonly showsHeartbeats: boolean;
  /** So many up to the position, and so many after it. */
  readonly before: number;
  readonly after: number;
}

/** In the order of the servers' clocks; of the same millisecond, in the order of the servers. */
export function sequenceAround(history: History, wish: SequenceOptions): readonly SequenceItem[] {
  const { position, before, after } = wish;
  const past: SequenceItem[] = [];
  const future: SequenceItem[] = [];
  for (const server of history.servers) {
    const isShown = (happened: SequenceItem) => isWanted(history, happened, wish);
    const end = server.happened.endOf((happened) => isUpTo(happened, position));
    past.push(...shownFrom(server, end - 1, -1, before, isShown).reverse());
    if (position !== null) future.push(...shownFrom(server, end, 1, after, isShown));
  }
  return [...past.sort(byTime).slice(-before), ...future.sort(byTime).slice(0, after)];
}

/** Of what became of the servers before all that: how many at most, before and after the position. */
const MARKS_MAX = 20;

/**
 * What became of the servers before all of that, so that no flood of messages hides an election.
 * @param facts - a `sequenceAround` of the same wish
 */
export function marksBefore(
  history: History,
  facts: readonly SequenceItem[],
  { position }: Pick<SequenceOptions, 'position'>,
): readonly SequenceItem[] {
  const [first] = facts;
  const marks: SequenceItem[] = [];
  for (const { marks: own } of history.servers) {
    for (let number = own.first; number < own.total; number += 1) {
      const mark = own.at(number) as SequenceItem;
      if (first === undefined || byTime(mark, first) < 0) marks.push(mark);
    }
  }
  marks.sort(byTime);
  const future = marks.findIndex((mark) => !isUpTo(mark, position));
  const end = future === -1 ? marks.length : future;
  return marks.slice(Math.max(0, end - MARKS_MAX), end + MARKS_MAX);
}

/** Up to `count` shown items, forwards or backwards from `start`, in the order found. */
function shownFrom(
  { happened, entries }: ServerHistory,
  start: number,
  by: 1 | -1,
  count: number,
  isShown: (item: SequenceItem) => boolean,
): SequenceItem[] {
  const found: SequenceItem[] = [];
  for (let number = start; found.length < count; number += by) {
    const item = happened.at(number);
    // Back as far as the log goes: an arrow leads to its event.
    if (item === undefined || (by < 0 && item.number < entries.first)) break;
    if (isShown(item)) found.push(item);
  }
  return found;
}

function byTime(one: SequenceItem, other: SequenceItem): number {
  if (one.atMs !== other.atMs) return one.atMs - other.atMs;
  if (one.server !== other.server) return one.server < other.server ? -1 : 1;
  return one.number - other.number;
}

function isUpTo({ server, number, atMs }: SequenceItem, position: Position | null): boolean {
  if (position === null) return true;
  if (server === position.server) return number <= position.number;
  return atMs <= position.atMs;
}

function isWanted(history: History, { arrival }: SequenceItem, wish: SequenceOptions): boolean {
  return arrival === null || wish.showsHeartbeats || !isHeartbeat(history, arrival);
}

/** A reply does not say what it answers; the server that was asked has said what it received. */
function isHeartbeat(history: History, arrival: Arrival): boolean {
  const { kind, from, holdsEntries, isRefusal, exchange } = arrival;
  if (kind === 'AppendEntries') return !holdsEntries;
  if (kind !== 'AppendEntriesResponse' || isRefusal) return false;
  return history.get(from)?.wasFed(exchange) !== true;
}

export type SequenceRow =
  | { readonly kind: 'happened'; readonly y: number; readonly happened: SequenceItem }
  /** What was dropped with nothing between that is shown: of each server, once. */
  | { readonly kind: 'dropped'; readonly y: number; readonly gaps: readonly SequenceGap[] }
  | {
      readonly kind: 'gap';
      readonly y: number;
      readonly lastedMs: number;
      /** Above it messages are left out, and only what became of the servers is shown. */
      readonly isCut: boolean;
    };

/** From its first entry to its last. */
export type SequenceGap = SequenceItem & { readonly last: number };

/** What a row begins with. */
export function firstOf(row: Exclude<SequenceRow, { kind: 'gap' }>): SequenceItem {
  return row.kind === 'happened' ? row.happened : (row.gaps[0] as SequenceGap);
}

export const ROW_HEIGHT = 32;
const GAP_HEIGHT = 28;
const GAP_MIN_MS = 400;

/**
 * Row by row, not to scale; where nothing happened for long, a gap says for how long.
 * @param marks - what is shown of the time before
 */
export function rowsOf(
  facts: readonly SequenceItem[],
  marks: readonly SequenceItem[] = [],
): {
  readonly rows: readonly SequenceRow[];
  readonly height: number;
} {
  const rows: SequenceRow[] = [];
  let y = 0;
  let before: number | null = null;
  for (const happened of [...marks, ...facts]) {
    const isCut = marks.length > 0 && happened === facts[0];
    const last = rows.at(-1);
    const isGap = happened.dropped > 0;
    if (isGap && last?.kind === 'dropped') {
      rows[rows.length - 1] = { ...last, gaps: withGap(last.gaps, happened) };
      continue;
    }
    if (before !== null && (isCut || happened.atMs - before >= GAP_MIN_MS)) {
      rows.push({ kind: 'gap', y: y + GAP_HEIGHT / 2, lastedMs: happened.atMs - before, isCut });
      y += GAP_HEIGHT;
    }
    const middle = y + ROW_HEIGHT / 2;
    if (isGap) rows.push({ kind: 'dropped', y: middle, gaps: withGap([], happened) });
    else rows.push({ kind: 'happened', y: middle, happened });
    y += ROW_HEIGHT;
    before = happened.atMs;
  }
  return { rows, height: y };
}

function withGap(gaps: readonly SequenceGap[], happened: SequenceItem): readonly SequenceGap[] {
  const { server, number, dropped } = happened;
  const own = gaps.findIndex((gap) => gap.server === server);
  const before = gaps[own];
  if (before === undefined) return [...gaps, { ...happened, last: number }];
  return gaps.with(own, { ...before, dropped: before.dropped + dropped, last: number });
}

export interface Lane {
  /** The whole names of whom it stands for; several in the last one, when they are too many. */
  readonly names: readonly string[];
  readonly label: string;
}

export const LANES_MAX = 8;

/**
 * Servers; of the user's own actors, those that sent or received something among these rows. Where
 * they are too many, those with the most messages have a lane each, and the others share one.
 */
export function lanesOf(history: History, facts: readonly SequenceItem[]): readonly Lane[] {
  const ofActors = history.servers.some(({ hello }) => hello?.source === 'actors');
  const counts = new Map<string, number>();
  const count = (name: string) => counts.set(name, (counts.get(name) ?? 0) + 1);
  for (const { server, arrival, mark } of facts) {
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

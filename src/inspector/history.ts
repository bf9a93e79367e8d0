/** What the page knows of all servers together, at present or at a position in the past. */
import type { ListedActor } from './actors.ts';
import type { HistoryEntry } from './history-entry.ts';
import { ServerHistory } from './server-history.ts';
import type { TraceFile } from './trace.ts';

/** A point in the past that is shown instead of the present. */
export interface Position {
  readonly server: string;
  readonly number: number;
  readonly atMs: number;
}

export class History {
  readonly #servers = new Map<string, ServerHistory>();

  /** Whether everything that is known is of the user's own actors, and nothing of a cluster. */
  get isOfActors(): boolean {
    const hellos = [...this.#servers.values()].map(({ hello }) => hello?.source);
    return hellos.length > 0 && hellos.every((source) => source === 'actors');
  }

  /** Sorted by id. */
  get servers(): readonly ServerHistory[] {
    return [...this.#servers.values()].sort((one, other) => (one.id < other.id ? -1 : 1));
  }

  get(id: string): ServerHistory | undefined {
    return this.#servers.get(id);
  }

  readonly #options: { readonly keptMax?: number; readonly isFile?: boolean };

  constructor(options: { readonly keptMax?: number; readonly isFile?: boolean } = {}) {
    this.#options = options;
  }

  /** The server of that id, new if nothing was known of it. */
  of(id: string, atMs: number): ServerHistory {
    const known = this.#servers.get(id);
    if (known !== undefined) return known;
    const server = new ServerHistory(id, atMs, this.#options);
    this.#servers.set(id, server);
    return server;
  }

  /** The earliest and the latest that is kept of all servers; null while there is nothing. */
  get span(): { readonly fromMs: number; readonly untilMs: number } | null {
    let fromMs = Number.POSITIVE_INFINITY;
    let untilMs = Number.NEGATIVE_INFINITY;
    for (const { entries } of this.#servers.values()) {
      fromMs = Math.min(fromMs, entries.at(entries.first)?.atMs ?? fromMs);
      untilMs = Math.max(untilMs, entries.last?.atMs ?? untilMs);
    }
    return fromMs <= untilMs ? { fromMs, untilMs } : null;
  }
}

/** What a trace file tells, all of it kept. */
export function historyOfTrace({ lines, recordedAtMs }: TraceFile): History {
  const history = new History({ isFile: true, keptMax: Number.POSITIVE_INFINITY });
  for (const { server, record } of lines) {
    const atMs = 'atMs' in record ? record.atMs : recordedAtMs;
    history.of(server, atMs).add(record);
  }
  return history;
}

/** The number of the server's last entry at that position; on other servers by the clock. */
export function lastNumberAt(server: ServerHistory, position: Position | null): number {
  const { entries } = server;
  if (position === null) return entries.total - 1;
  if (position.server === server.id) return Math.min(position.number, entries.total - 1);
  return entries.endOf(({ atMs }) => atMs <= position.atMs) - 1;
}

/** An actor as it was at a position. */
export type ActorThen = Pick<ListedActor, 'name' | 'parent' | 'machine' | 'status' | 'active'>;

/** Who was there at that position, or had ended not long before, as each was then. */
export function actorsAt(server: ServerHistory, position: Position | null): readonly ActorThen[] {
  if (position === null) return server.actors.all();
  const number = lastNumberAt(server, position);
  const isLost = (server.entries.at(number)?.summary.lostAtMs ?? null) !== null;
  return server.actors.listedAt(number).map(({ name, parent, machine, end }) => {
    const isEnded = end !== null && end.number <= number;
    const status = isEnded ? end.status : isLost ? 'lost' : 'active';
    return { name, parent, machine, status, active: activeAt(server, name, number) };
  });
}

/** None when what it did up to there is no longer kept, and it has moved since. */
function activeAt({ entries, actors }: ServerHistory, name: string, number: number) {
  const isOwn = ({ actor }: HistoryEntry) => actor === name;
  const own = entries.at(entries.findLast(isOwn, number));
  if (own !== undefined) return own.active;
  if (number < entries.first) return [];
  const hasMoved = entries.findNext(isOwn, number + 1) !== -1;
  return hasMoved ? [] : (actors.get(name)?.active ?? []);
}

/** Whether it was there at that position, or had ended not long before. */
function wasThere(server: ServerHistory, actor: string, position: Position | null): boolean {
  if (position === null) return server.actors.get(actor) !== undefined;
  const listed = server.actors.listedAt(lastNumberAt(server, position));
  return listed.some(({ name }) => name === actor);
}

/** The actor's own last entry up to there, if it is still kept; null if the actor was not there. */
export function actorEntryAt(
  server: ServerHistory,
  actor: string,
  position: Position | null,
): HistoryEntry | null {
  if (!wasThere(server, actor, position)) return null;
  const from = lastNumberAt(server, position);
  const number = server.entries.findLast((entry) => entry.actor === actor, from);
  return server.entries.at(number) ?? null;
}

/** The same actor's entry before: what its context has changed from. */
export function entryBefore(
  server: ServerHistory,
  { actor, number }: HistoryEntry,
): HistoryEntry | null {
  const before = server.entries.findLast((entry) => entry.actor === actor, number - 1);
  return server.entries.at(before) ?? null;
}

/** The actor's next entry from there, or the one before; what was dropped in a row counts as one. */
export function adjacentEntry(
  { entries }: ServerHistory,
  actor: string,
  from: number,
  by: 1 | -1,
): HistoryEntry | null {
  const isOwn = (entry: HistoryEntry) => entry.actor === actor || entry.kind === 'dropped';
  const beside = (number: number) =>
    by === 1 ? entries.findNext(isOwn, number + 1) : entries.findLast(isOwn, number - 1);
  const isDropped = (number: number) => entries.at(number)?.kind === 'dropped';
  // The last entry of a run stands for it: forwards it is where one arrives, backwards where one leaves.
  let number = by === 1 ? beside(from) : entries.findLast(isOwn, from);
  let next = beside(number);
  while (isDropped(number) && isDropped(next)) {
    number = next;
    next = beside(next);
  }
  return entries.at(by === 1 ? number : next) ?? null;
}

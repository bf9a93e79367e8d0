/**
 * What a script shows of the simulation's trace. A message is told once, where it is sent; one that
 * never arrives says so, and one that comes late or again is told again where it arrives.
 */
import { LATENCY_MS } from './setting.ts';

const MESSAGES: Readonly<Record<string, string>> = {
  votes: 'RequestVote',
  prevotes: 'PreVote',
  appends: 'AppendEntries',
  entries: 'AppendEntries',
  chunks: 'InstallSnapshot',
};

/** What servers do, by the first words of their lines in the trace. `roles` are those that change. */
const DEEDS: Readonly<Record<string, RegExp>> = {
  terms: /^is (?:follower|candidate|leader) /,
  writes: /^(?:persist|stored) /,
  applies: /^(?:apply|restore) /,
  snapshots: /^(?:takeSnapshot|snapshot\.taken|storeChunk|chunk\.stored|discardSnapshot|restore)/,
  connections: /^connection\./,
  warnings: /^(?:warns|failed)/,
};

interface Wish {
  readonly kind: string;
  readonly from: string;
  readonly to: string;
}

/** `entries a→c, roles, writes b`: kinds, each of a direction, of one server, or of all. */
export function wishesOf(words: readonly string[]): readonly Wish[] {
  return words
    .join(' ')
    .split(',')
    .map((item) => {
      const [kind = '', whom = '*'] = item.trim().split(' ');
      const [from = '', to = from] = whom.split('→');
      return { kind, from: from || '*', to: to || '*' };
    });
}

export interface Line {
  readonly timeMs: number;
  readonly text: string;
}

interface Told extends Line {
  readonly who: string;
  readonly what: string;
  /** Of a message: whether it leaves (`▸`) or arrives (`◂`). */
  readonly mark: string;
}

const TRACE_LINE = /^ *([\d.]+) (\S+) (?:([▸◂]) )?(.*)$/;
const STORED_HERE = /^stored #/;
const STORED = /^storage\.persisted writeId (\d+).*/;

export function readTrace(trace: string): readonly Told[] {
  const lines = trace
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [, time = '', who = '', mark = '', told = ''] = TRACE_LINE.exec(line) ?? [];
      const what = told.replace(STORED, 'stored #$1');
      return { timeMs: Number(time), who, mark, what, text: what };
    });
  for (let at = 0; at < lines.length; at += 1)
    if (STORED_HERE.test(lines[at]!.what)) raise(lines, at);
  return lines;
}

/** A server is told of its write after what waited for it has left; people want it the other way. */
function raise(lines: Told[], at: number): void {
  const line = lines[at]!;
  let place = at;
  const isReleased = (one: Told | undefined) =>
    one?.mark === '▸' && one.who === line.who && one.timeMs === line.timeMs;
  while (isReleased(lines[place - 1])) place -= 1;
  lines.splice(at, 1);
  lines.splice(place, 0, line);
}

/** When each message that was sent arrived, by its place in the trace. */
export function arrivals(trace: readonly Told[]): ReadonlyMap<Told, readonly Told[]> {
  const sent = new Map<string, Told>();
  const arrived = new Map<Told, Told[]>();
  for (const line of trace) {
    if (line.mark === '▸') {
      sent.set(line.what, line);
      arrived.set(line, []);
    }
    const origin = line.mark === '◂' ? sent.get(line.what) : undefined;
    if (origin !== undefined) arrived.get(origin)?.push(line);
  }
  return arrived;
}

export class View {
  #wishes: readonly Wish[] = [];
  /** Numbers of requests with entries, so that their answers are known. */
  readonly #carriers = new Set<string>();
  readonly #roles = new Map<string, string>();

  show(words: readonly string[]): void {
    this.#wishes = wishesOf(words);
  }

  /** The lines of this stretch that are asked for, given what became of every message. */
  lines(stretch: readonly Told[], came: ReadonlyMap<Told, readonly Told[]>, endMs: number): Line[] {
    return stretch.flatMap((line) => {
      if (line.mark === '') return this.#showsDeed(line) ? [this.#deed(line)] : [];
      if (!this.#showsMessage(line)) return [];
      if (line.mark === '▸') return [sending(line, came.get(line) ?? [], endMs)];
      return repeated(line, came);
    });
  }

  #deed({ timeMs, who, what }: Told): Line {
    return { timeMs, text: `${who} ${what}` };
  }

  #showsDeed({ who, what }: Told): boolean {
    const changesRole = this.#noteRole(who, what);
    return this.#wishes.some(
      ({ kind, from }) =>
        (from === '*' || from === who) &&
        (kind === 'roles' ? changesRole : DEEDS[kind]?.test(what) === true),
    );
  }

  /** Whether it is news of a role; that everybody begins as a follower is none. */
  #noteRole(who: string, what: string): boolean {
    const [, role] = /^is (follower|candidate|leader) /.exec(what) ?? [];
    if (role === undefined) return false;
    const isNews = role !== 'follower' || (this.#roles.get(who) ?? 'follower') !== 'follower';
    this.#roles.set(who, role);
    return isNews;
  }

  #showsMessage({ what }: Told): boolean {
    const [type = '', direction = '', number = ''] = what.split(' ');
    const [from = '', to = ''] = direction.split('→');
    const isCarrier = what.includes(' entries ');
    if (isCarrier) this.#carriers.add(`${to}→${from} ${number}`);
    const carries = isCarrier || this.#carriers.has(`${direction} ${number}`);
    return this.#wishes.some((wish) => {
      const wanted = MESSAGES[wish.kind];
      const isOfKind = wanted === undefined ? type === wish.kind : type.startsWith(wanted);
      if (!isOfKind || (wish.kind === 'entries' && !carries)) return false;
      return concerns(wish, from, to);
    });
  }
}

/** `c` is whoever talks with c; `a→c` is that direction, `→c` everything that goes to c. */
function concerns(wish: Wish, from: string, to: string): boolean {
  const isOne = wish.from === wish.to && wish.from !== '*';
  if (isOne) return from === wish.from || to === wish.from;
  return [
    [wish.from, from],
    [wish.to, to],
  ].every(([wanted, actual]) => wanted === '*' || wanted === actual);
}

function sending(line: Told, came: readonly Told[], endMs: number): Line {
  const { timeMs, what } = line;
  const first = came[0]?.timeMs ?? Number.POSITIVE_INFINITY;
  const isUnderWay = timeMs + LATENCY_MS >= endMs;
  const fate = first <= timeMs + LATENCY_MS || isUnderWay ? '' : fateOf(came);
  return { timeMs, text: what + fate };
}

function fateOf(came: readonly Told[]): string {
  return came.length === 0 ? ' – lost' : ' – held back';
}

/** An arrival is told only when it is late, or not the first. */
function repeated(line: Told, came: ReadonlyMap<Told, readonly Told[]>): Line[] {
  for (const [origin, all] of came) {
    const at = all.indexOf(line);
    if (at < 0) continue;
    if (at > 0) return [{ timeMs: line.timeMs, text: `${line.what} – arrives again` }];
    const isLate = line.timeMs > origin.timeMs + LATENCY_MS;
    return isLate ? [{ timeMs: line.timeMs, text: `${line.what} – arrives late` }] : [];
  }
  return [];
}

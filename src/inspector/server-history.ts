/**
 * What the page knows of one server: who it is, whether it is within reach, its actors, and what
 * happened to them. Records go in, in the order they were sent; nothing is ever asked of the server.
 */
import { type ActorStatus, Actors, type ListedActor } from './actors.ts';
import {
  type HistoryEntry,
  NO_SUMMARY,
  type SequenceItem,
  type SequenceMark,
  stageOf,
  summaryOf,
} from './history-entry.ts';
import { type Arrival, arrivalOf, eventArrival } from './messages.ts';
import type {
  ActorRecord,
  DroppedRecord,
  FailedRecord,
  HelloRecord,
  InspectionRecord,
  Readable,
  StateRecord,
  StoppedRecord,
  TransitionRecord,
} from './protocol.ts';
import { LASTING_MAX, RingBuffer } from './ring-buffer.ts';

/** So many entries of each server are kept; those with a mark longer. */
export const ENTRIES_MAX = 20_000;

/** Requests whose replies may still come. */
const FED_MAX = ENTRIES_MAX;

export type Reach = 'connecting' | 'connected' | 'lost' | 'file';

export class ServerHistory {
  readonly id: string;
  readonly actors = new Actors();
  readonly entries: RingBuffer<HistoryEntry>;
  readonly happened: RingBuffer<SequenceItem>;
  /** Those of them that became of the server itself: no flood of messages pushes them out. */
  readonly marks = new RingBuffer<SequenceItem>(LASTING_MAX);
  /** Laid-out charts of the user's own machines, by the machine's name. */
  readonly charts = new Map<string, Readable>();
  /** How many transitions were received, and how many were dropped. */
  transitions = 0;
  dropped = 0;
  hello: HelloRecord | null = null;
  reach: { readonly state: Reach; readonly sinceMs: number; readonly why: string };

  /** The number that the next transition of this connection should have; null before the first. */
  #next: number | null = null;
  readonly #isFile: boolean;
  #summary = NO_SUMMARY;
  #stage = '';
  /** Requests with entries, by their exchange: what else is answered are heartbeats. */
  readonly #fed = new Set<string>();
  /** The numbers of entries with a mark. */
  readonly #marked = new Set<number>();

  constructor(id: string, atMs: number, { keptMax = ENTRIES_MAX, isFile = false } = {}) {
    this.id = id;
    this.entries = new RingBuffer(keptMax, ({ number }) => this.#marked.delete(number));
    this.happened = new RingBuffer(keptMax);
    this.#isFile = isFile;
    this.reach = { state: 'connecting', sinceMs: atMs, why: '' };
  }

  add(record: InspectionRecord): void {
    if (record.type === 'hello') this.#begin(record);
    else if (record.type === 'actor') this.#beginActor(record);
    else if (record.type === 'chart') this.charts.set(record.machine, record.chart);
    else if (record.type === 'transition') this.#transition(record);
    else if (record.type === 'state') this.#state(record);
    else if (record.type === 'dropped') this.#drop(record);
    else if (record.type === 'stopped') this.#endActor(record);
    else if (record.type === 'failed') this.#fail(record);
    else if (record.type === 'ended') this.lose(record.atMs, record.why);
  }

  /** So many entries are kept from the next one on. */
  keep(max: number): void {
    this.entries.max = max;
    this.happened.max = max;
  }

  /** Out of reach from now on; it stays so until its next `hello`. */
  lose(atMs: number, why: string): void {
    if (this.reach.state === 'lost') {
      if (why !== '' && why !== this.reach.why) this.reach = { ...this.reach, why };
      return;
    }
    const wasConnected = this.reach.state !== 'connecting';
    this.reach = { state: 'lost', sinceMs: atMs, why };
    this.actors.lose();
    if (!wasConnected) return;
    this.#summary = { ...this.#summary, lostAtMs: atMs };
    this.#markReach('lost', atMs, 'lost', why);
  }

  /** What it would send to a page that connects now: for a recording. Nothing while it is lost. */
  present(atMs: number): readonly InspectionRecord[] {
    if (this.hello === null || this.reach.state === 'lost') return [];
    const charts = [...this.charts].map(([machine, chart]) => {
      return { type: 'chart', machine, chart } as const;
    });
    const actors = this.actors.all().filter(({ status }) => status === 'active');
    const present = actors.map(({ name, status: _, ...state }) => {
      return { type: 'actor', atMs, actor: name, ...state } as const;
    });
    return [{ ...this.hello, atMs }, ...charts, ...present];
  }

  /** Whether such a request with entries is known to have arrived here. */
  wasFed(exchange: string): boolean {
    return this.#fed.has(exchange);
  }

  #begin(record: HelloRecord): void {
    const isReturn = this.hello !== null;
    this.#summary = { ...this.#summary, lostAtMs: null };
    this.hello = record;
    this.#next = null;
    this.actors.clear(this.entries.total);
    this.reach = { state: this.#isFile ? 'file' : 'connected', sinceMs: record.atMs, why: '' };
    if (isReturn) this.#markReach('found', record.atMs, 'back', 'back');
  }

  #beginActor({ actor: name, parent, machine, value, active, context, atMs }: ActorRecord): void {
    const actor = { name, parent, machine, value, active, context, status: 'active' } as const;
    this.actors.begin(actor, this.entries.total);
    const entry = this.#move(actor, { kind: 'began', atMs, event: { type: '(began)' } });
    // What a server is when it is first met has not become of it; what it is when it is back has.
    if (this.#stage !== '') this.#markStage(actor, entry);
    else if (parent === null) this.#stage = stageOf(active)?.state ?? '';
  }

  #transition(record: TransitionRecord): void {
    const { number, event, from, transitions: taken, emitted, atMs } = record;
    const missing = number - (this.#next ?? number);
    if (missing > 0) this.#drop({ count: missing, atMs });
    this.#next = number + 1;
    this.transitions += 1;
    const actor = this.actors.update(record);
    // What is no machine takes no transitions, and does something all the same.
    const isIgnored = taken.length === 0 && actor.machine !== '';
    const entry = this.#move(actor, {
      ...{ kind: 'transition', atMs, event, count: number, from, taken, isIgnored, emitted },
    });
    const isBetweenActors = this.hello?.source === 'actors' && from !== null;
    const sent = isBetweenActors ? eventArrival(event, from, actor.name) : null;
    const arrival = arrivalOf(event) ?? sent;
    if (arrival !== null) this.#arrive(arrival, entry);
    this.#markStage(actor, entry);
  }

  #arrive(arrival: Arrival, { atMs, number, isIgnored }: HistoryEntry): void {
    if (arrival.holdsEntries) this.#fed.add(arrival.exchange);
    for (const oldest of this.#fed) {
      if (this.#fed.size <= FED_MAX) break;
      this.#fed.delete(oldest);
    }
    this.#happen({ atMs, number, arrival, isIgnored });
  }

  #state(record: StateRecord): void {
    const actor = this.actors.update(record);
    const event = { type: '(after what was dropped)' };
    this.#markStage(actor, this.#move(actor, { kind: 'state', atMs: record.atMs, event }));
  }

  #drop({ count, atMs, of = NONE }: Omit<DroppedRecord, 'type'>): void {
    this.dropped += count;
    if (this.#next !== null) this.#next += count;
    const { number } = this.#push({
      kind: 'dropped',
      atMs,
      count,
      of,
      event: { type: '(dropped)' },
    });
    this.#happen({ atMs, number, dropped: count });
  }

  #endActor({ actor, status, output, atMs }: StoppedRecord): void {
    const event = { type: `(${status})`, ...(output !== 'undefined' && { output }) };
    this.#push({ kind: 'ended', atMs, actor, event, ...this.#end(actor, status) });
  }

  #fail({ actor, message, atMs }: FailedRecord): void {
    // Of an actor that has ended little is known before long.
    const mark = this.#failureMark(actor, `failed: ${message}`);
    const event = { type: '(failed)', message };
    const state = actor === null ? {} : this.#end(actor, 'failed');
    const { number } = this.#push({
      ...{ kind: 'failed', atMs, actor: actor ?? '', event },
      ...state,
    });
    this.#happen({ atMs, number, mark });
  }

  /** Where it stood then. */
  #end(name: string, status: ActorStatus): Pick<HistoryEntry, 'active' | 'context'> {
    const ended = this.actors.end(name, status, this.entries.total);
    return { active: ended?.active ?? NONE, context: ended?.context ?? {} };
  }

  /**
   * A server fails with its own machine, the actor without a parent, or as a whole (null); of
   * the user's own actors each fails for itself.
   */
  #failureMark(actor: string | null, text: string): SequenceMark {
    if (actor !== null && this.hello?.source === 'actors')
      return { kind: 'failed', of: actor, text };
    const isChild = actor !== null && (this.actors.get(actor)?.parent ?? null) !== null;
    if (!isChild) return { kind: 'failed', of: this.id, text };
    return { kind: 'broken', of: this.id, text: `its actor ${actor} ${text}` };
  }

  /** A server's own machine is the actor without a parent: its card says what that one says. */
  #move({ name: actor, parent, machine, active, context }: ListedActor, entry: NewEntry) {
    const isServer = parent === null && machine === 'server';
    if (isServer) this.#summary = summaryOf(this.#summary, active, context);
    return this.#push({ ...entry, actor, active, context });
  }

  #markStage({ parent }: ListedActor, { active, atMs, number }: HistoryEntry): void {
    if (parent !== null || this.hello?.source !== 'server') return;
    const stage = stageOf(active);
    if (stage === undefined || stage.state === this.#stage) return;
    this.#stage = stage.state;
    this.#mark(stage.kind, atMs, stage.text(this.#summary.term ?? 0), number);
  }

  #markReach(kind: 'lost' | 'found', atMs: number, text: string, why: string): void {
    const event = { type: `(${kind})`, ...(why !== '' && { why }) };
    this.#mark(kind, atMs, text, this.#push({ kind, atMs, event }).number);
  }

  #mark(kind: SequenceMark['kind'], atMs: number, text: string, number: number): void {
    this.#happen({ atMs, number, mark: { kind, of: this.id, text } });
  }

  #happen(happened: Partial<SequenceItem> & Pick<SequenceItem, 'atMs' | 'number'>): void {
    const nothing = { arrival: null, mark: null, isIgnored: false, dropped: 0 };
    const whole = { server: this.id, ...nothing, ...happened };
    this.happened.push(whole);
    if (whole.mark === null) return;
    this.marks.push(whole);
    this.#marked.add(whole.number);
  }

  #push(entry: NewEntry): HistoryEntry {
    const whole: HistoryEntry = {
      ...{ count: 0, actor: '', from: null, taken: NONE, emitted: NONE, active: NONE, context: {} },
      ...{ isIgnored: false, of: NONE },
      ...entry,
      ...{ number: this.entries.total, summary: this.#summary },
    };
    this.entries.push(whole);
    this.actors.forgetBefore(this.entries.lasting[0]?.number ?? this.entries.first);
    // What ended with a leadership, or before it did, is over with it.
    const { role } = this.#summary;
    const isFollower = this.hello?.source === 'server' && role !== null && role !== 'leader';
    if (isFollower) this.actors.dismiss(whole.number);
    return whole;
  }
}

type NewEntry = Partial<HistoryEntry> & Pick<HistoryEntry, 'kind' | 'atMs' | 'event'>;

const NONE: readonly never[] = [];

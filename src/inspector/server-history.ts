/**
 * What the page knows of one server: who it is, whether it is within reach, its actors, and what
 * happened to them. Records go in, in the order they were told; nothing is ever asked of the server.
 */
import { Actors } from './actors.ts';
import { type HistoryEntry, NO_SUMMARY, summaryOf } from './history-entry.ts';
import { failureMark, stageOf } from './marks.ts';
import { type Arrival, arrivalOf, eventArrival } from './messages.ts';
import {
  type ActorRecord,
  contextAfter,
  type DroppedRecord,
  type FailedRecord,
  type HelloRecord,
  type InspectionRecord,
  type Readable,
  type StateRecord,
  type StoppedRecord,
  type TransitionRecord,
} from './protocol.ts';
import { LASTING_MAX, RingBuffer } from './ring-buffer.ts';
import type { SequenceItem, SequenceMark } from './sequence.ts';

/** So many moments of each server are kept; those with a mark longer. */
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
  /** Laid-out charts of machines that are none of ours, by the machine's name. */
  readonly charts = new Map<string, Readable>();
  /** How many transitions were told, and how many were not. */
  transitions = 0;
  dropped = 0;
  /** Grows with each record: what is drawn of the server is as old as this. */
  version = 0;
  hello: HelloRecord | null = null;
  reach: { readonly state: Reach; readonly sinceMs: number; readonly why: string };

  /** The number that the next transition of this connection should have; null before the first. */
  #next: number | null = null;
  readonly #isFile: boolean;
  #summary = NO_SUMMARY;
  #stage = '';
  /** Requests with entries, by their exchange: what else is answered are heartbeats. */
  readonly #fed = new Set<string>();
  /** The numbers of moments with a mark. */
  readonly #marked = new Set<number>();

  constructor(id: string, atMs: number, { keptMax = ENTRIES_MAX, isFile = false } = {}) {
    this.id = id;
    this.entries = new RingBuffer(keptMax, ({ number }) => this.#marked.delete(number));
    this.happened = new RingBuffer(keptMax);
    this.#isFile = isFile;
    this.reach = { state: 'connecting', sinceMs: atMs, why: '' };
  }

  add(record: InspectionRecord): void {
    this.version += 1;
    switch (record.type) {
      case 'hello':
        this.#begin(record);
        break;
      case 'actor':
        this.#beginActor(record);
        break;
      case 'chart':
        this.charts.set(record.machine, record.chart);
        break;
      case 'transition':
        this.#transition(record);
        break;
      case 'state':
        this.#stand(record);
        break;
      case 'dropped':
        this.#drop(record);
        break;
      case 'stopped':
        this.#endActor(record);
        break;
      case 'failed':
        this.#fail(record);
        break;
      case 'ended':
        this.lose(record.atMs, record.why);
        break;
      case 'pong':
        break;
    }
  }

  /** So many moments are kept from the next one on. */
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
    this.version += 1;
    this.reach = { state: 'lost', sinceMs: atMs, why };
    this.actors.lose();
    if (!wasConnected) return;
    this.#summary = { ...this.#summary, lostAtMs: atMs };
    this.#mark('lost', atMs, 'lost', this.#note('lost', atMs, why));
  }

  /** What it would tell somebody who comes now: for a recording. Nothing while it is lost. */
  present(atMs: number): readonly InspectionRecord[] {
    if (this.hello === null || this.reach.state === 'lost') return [];
    const charts = [...this.charts].map(([machine, chart]) => {
      return { type: 'chart', machine, chart } as const;
    });
    const actors = this.actors.all().filter(({ status }) => status === 'active');
    const present = actors.map(({ name, status: _, ...standing }) => {
      return { type: 'actor', atMs, actor: name, ...standing } as const;
    });
    return [{ ...this.hello, atMs }, ...charts, ...present];
  }

  /** Whether it was told that such a request with entries has arrived here. */
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
    if (!isReturn) return;
    this.#mark('found', record.atMs, 'back', this.#note('found', record.atMs, 'back'));
  }

  #beginActor(record: ActorRecord): void {
    const { actor, parent, machine, value, active, context, atMs } = record;
    const known = { name: actor, parent, machine, value, active, context };
    this.actors.begin({ ...known, status: 'active' }, this.entries.total);
    this.#look(actor, parent, active, context);
    const event = { type: '(began)' };
    const entry = this.#push({ kind: 'began', atMs, actor, active, context, event });
    // What a server is when it is first met has not become of it; what it is when it is back has.
    if (this.#stage !== '') this.#markStage(entry, parent);
    else if (parent === null) this.#stage = stageOf(active)?.state ?? '';
  }

  #transition(record: TransitionRecord): void {
    const { number, actor, event, from, transitions, emitted, atMs, value, active } = record;
    if (this.#next !== null && number > this.#next)
      this.#drop({ count: number - this.#next, atMs });
    this.#next = number + 1;
    this.transitions += 1;
    const known = this.actors.get(actor);
    const context = contextAfterRecord(known?.context, record);
    this.actors.update(actor, { value, active, context });
    this.#look(actor, known?.parent ?? null, active, context);
    // What is no machine takes no transitions, and does something all the same.
    const isIgnored = transitions.length === 0 && (known?.machine ?? '') !== '';
    const entry = this.#push({
      ...{ kind: 'transition', atMs, actor, active, context, event },
      ...{ count: number, from, taken: transitions, isIgnored, emitted },
    });
    const arrival = arrivalOf(event);
    if (arrival !== null) this.#arrive(arrival, entry);
    else if (this.hello?.source === 'actors' && from !== null) {
      this.#arrive(eventArrival(event, from, actor), entry);
    }
    this.#markStage(entry, known?.parent ?? null);
  }

  #arrive(arrival: Arrival, { atMs, number, isIgnored }: HistoryEntry): void {
    if (arrival.holdsEntries) this.#fed.add(arrival.exchange);
    for (const oldest of this.#fed) {
      if (this.#fed.size <= FED_MAX) break;
      this.#fed.delete(oldest);
    }
    this.#happen({ atMs, number, arrival, isIgnored });
  }

  #stand({ actor, value, active, atMs, changes }: StateRecord): void {
    const known = this.actors.get(actor);
    const context = contextAfterRecord(known?.context, { changes });
    this.actors.update(actor, { value, active, context });
    this.#look(actor, known?.parent ?? null, active, context);
    const event = { type: '(after what was dropped)' };
    const entry = this.#push({ kind: 'state', atMs, actor, active, context, event });
    this.#markStage(entry, known?.parent ?? null);
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
    const { active = [], context = {} } = this.actors.end(actor, status, this.entries.total) ?? {};
    const event = { type: `(${status})`, ...(output !== 'undefined' && { output }) };
    this.#push({ kind: 'ended', atMs, actor, active, context, event });
  }

  #fail({ actor, message, atMs }: FailedRecord): void {
    // Of an actor that has ended little is known before long.
    const mark = failureMark(this, actor, message);
    const { active = [], context = {} } =
      (actor && this.actors.end(actor, 'failed', this.entries.total)) || {};
    const event = { type: '(failed)', message };
    const entry = this.#push({ kind: 'failed', atMs, actor: actor ?? '', active, context, event });
    this.#happen({ atMs, number: entry.number, mark });
  }

  /** A server's own machine is the actor without a parent: its card says what that one says. */
  #look(
    actor: string,
    parent: string | null,
    active: HistoryEntry['active'],
    context: HistoryEntry['context'],
  ) {
    const isRoot = parent === null && this.actors.get(actor)?.machine === 'server';
    if (isRoot) this.#summary = summaryOf(this.#summary, active, context);
  }

  #markStage({ active, atMs, number }: HistoryEntry, parent: string | null): void {
    if (parent !== null || this.hello?.source !== 'server') return;
    const stage = stageOf(active);
    if (stage === undefined || stage.state === this.#stage) return;
    this.#stage = stage.state;
    this.#mark(stage.kind, atMs, stage.text(this.#summary.term ?? 0), number);
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

  #note(kind: 'lost' | 'found', atMs: number, why: string): number {
    return this.#push({ kind, atMs, event: { type: `(${kind})`, ...(why !== '' && { why }) } })
      .number;
  }

  #push(
    entry: Partial<HistoryEntry> & Pick<HistoryEntry, 'kind' | 'atMs' | 'event'>,
  ): HistoryEntry {
    const whole: HistoryEntry = {
      ...{ count: 0, actor: '', from: null, taken: NONE, emitted: NONE, active: NONE, context: {} },
      ...{ isIgnored: false, of: NONE },
      ...entry,
      ...{ number: this.entries.total, summary: this.#summary },
    };
    this.entries.push(whole);
    this.actors.forgetBefore(this.entries.lasting[0]?.number ?? this.entries.first);
    // What ended with a leadership, or before it did, is over with it.
    const isOurs = this.hello?.source === 'server' && this.#summary.role !== null;
    if (isOurs && this.#summary.role !== 'leader') this.actors.dismiss(whole.number);
    return whole;
  }
}

const NONE: readonly never[] = [];

/** Nothing changed: the very same object. */
function contextAfterRecord(
  before: HistoryEntry['context'] = {},
  record: Pick<StateRecord, 'changes'>,
): HistoryEntry['context'] {
  return Object.keys(record.changes).length === 0 ? before : contextAfter(before, record);
}

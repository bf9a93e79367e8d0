/** The run at a glance: which term when, and the events worth a mark. Grows with each frame. */
import type { LogIndex, Term } from '../../machines/rules/entries.ts';
import { lowestWhere } from '../pages/lowest-where.ts';
import type { Frame, ServerFrame } from './frame.ts';

/** From that event on the newest term was this one. */
export interface TermSpan {
  readonly from: number;
  readonly term: Term;
}

export interface TimelineMark {
  readonly kind: 'election' | 'crash' | 'commit';
  readonly at: number;
  /** Of a commit: through which entry. */
  readonly index?: LogIndex;
}

export class RunTimeline {
  readonly #times: number[] = [];
  #spans: TermSpan[] = [];
  #marks: TimelineMark[] = [];

  /** In the order of events. */
  get spans(): readonly TermSpan[] {
    return this.#spans;
  }

  /** In the order of events. */
  get marks(): readonly TimelineMark[] {
    return this.#marks;
  }

  /** Virtual time of an event, also of one whose frame is no longer kept. */
  timeOf(event: number): number {
    return this.#times[event] ?? this.#times.at(-1) ?? 0;
  }

  /** The last event at or before that virtual time. */
  eventAt(timeMs: number): number {
    const later = lowestWhere(0, this.#times.length, (event) => this.#times[event]! > timeMs);
    return Math.max(0, later - 1);
  }

  /** @param previous the frame of the event before; undefined for the first */
  add(frame: Frame, previous: Frame | undefined): void {
    const { number: at, servers } = frame;
    this.#times.push(frame.atMs);
    if (servers === previous?.servers) return;
    const term = Math.max(...servers.map(({ currentTerm }) => currentTerm));
    if (term !== this.#spans.at(-1)?.term) this.#spans.push({ from: at, term });
    servers.forEach((server, place) => {
      this.#mark(server, previous?.servers[place], at);
    });
    const index = commitIndexOf(frame);
    if (previous !== undefined && index > commitIndexOf(previous)) this.#noteCommit(index, at);
  }

  /** As it was after that event. */
  truncate(event: number): void {
    this.#times.length = Math.min(this.#times.length, event + 1);
    this.#spans = this.#spans.filter(({ from }) => from <= event);
    this.#marks = this.#marks.filter(({ at }) => at <= event);
  }

  #mark(server: ServerFrame, before: ServerFrame | undefined, at: number): void {
    if (server === before || before === undefined) return;
    const { role, currentTerm: term } = server;
    const hasLed = before.role === 'leader' && before.currentTerm === term;
    if (role === 'leader' && !hasLed) this.#marks.push({ kind: 'election', at });
    if (server.condition === 'down' && before.condition !== 'down') {
      this.#marks.push({ kind: 'crash', at });
    }
  }

  /** What a restarted server learns anew was committed before. */
  #noteCommit(index: LogIndex, at: number): void {
    const last = this.#marks.findLast((mark) => mark.kind === 'commit');
    if (index > (last?.index ?? 0)) this.#marks.push({ kind: 'commit', at, index });
  }
}

function commitIndexOf({ servers }: Frame): LogIndex {
  return Math.max(...servers.map(({ state }) => state?.commitIndex ?? 0));
}

/**
 * XState's inspection events, told as records: who is there, and every event an actor handled with
 * all it set off in that actor, once, in the order in which it began.
 *
 * What belongs to one macrostep comes scattered: actions, microsteps, then a snapshot, and those of
 * actors it wakes may lie between. So each has a slot from its beginning on, and the slots are told
 * in order when nothing is being handled any more. What the budget does not admit is only counted,
 * at its place; afterwards it is told where the actors stand.
 */
import type { AnyActorRef, AnyEventObject, InspectionEvent } from 'xstate';
import { Budget } from './budget.ts';
import type { StateValue } from './protocol.ts';
import { changedFields, readable, readableFields } from './readable.ts';
import { lineOf, numbered, standingText, transitionText } from './record-text.ts';
import { type Known, type MachineName, Roll } from './roll.ts';
import { endOf, isSame, standingOf, stateValueOf } from './standing.ts';

/** A place in the order. */
interface Slot {
  readonly atMs: number;
  /** What is told of it: a record, or what belongs into a `transition` behind its number. */
  line: string;
  /** Which actor began here, until that is told. */
  newcomer: Actor | null;
  /** Transitions at this place: one that is told, or so many that are not. */
  transitions: number;
  isDropped: boolean;
}

/** An event being handled. */
interface Macrostep {
  readonly slot: Slot;
  transitions: readonly unknown[];
  emitted: readonly unknown[];
}

type Actor = Known<Macrostep>;

const NONE: readonly unknown[] = [];
const EMITTED_MAX = 16;
const STANDINGS_EVERY_MS = 500;
const EMIT = 'xstate.emit';
const STOP = 'xstate.stop';
/** The events of snapshots of actors that have just begun, or that were there when we came. */
const BEGINNINGS: ReadonlySet<string> = new Set(['xstate.init', 'inspection.begun']);

export interface AccountOptions {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly nameOf?: MachineName;
  readonly budget?: Budget;
}

export class Account {
  /** Whoever reads is behind: until that is over everything is counted, and nothing told. */
  isPaused = false;
  readonly #now: () => number;
  readonly #budget: Budget;
  readonly #roll: Roll<Macrostep>;
  /** Of the events on their way. */
  readonly #senders = new Map<object, Actor>();
  /** Those of whose last event nothing was told. */
  readonly #stale = new Set<Actor>();
  #slots: Slot[] = [];
  /** Sent something since the last lines: each may have failed over it, which shows in no event. */
  #sent: Actor[] = [];
  #turn = 0;
  #stoodAt = Number.NEGATIVE_INFINITY;
  #number = 0;

  constructor({ now, nameOf, budget = new Budget() }: AccountOptions) {
    this.#now = now;
    this.#roll = new Roll(nameOf);
    this.#budget = budget;
  }

  /** How much waits to be told. */
  get waiting(): number {
    return this.#slots.length;
  }

  note(event: InspectionEvent): void {
    // Most of what there is to note, and nothing of it is told.
    if (event.type === '@xstate.action' && event.action.type !== EMIT) return;
    if (event.type === '@xstate.actor') {
      this.#place().newcomer = this.#roll.enter(event.actorRef as AnyActorRef);
      return;
    }
    const actor = this.#roll.get(event.actorRef);
    if (actor === undefined) return;
    if (event.type === '@xstate.event') this.#noteEvent(actor, event.event, event.sourceRef);
    else if (event.type === '@xstate.action') {
      if (actor.isBegun) {
        const step = this.#stepOf(actor);
        step.emitted = [...step.emitted, (event.action.params as { event?: unknown }).event];
      }
    } else if (event.type === '@xstate.microstep') {
      if (event.event.type !== STOP) {
        const step = this.#stepOf(actor);
        const { transitions } = step;
        const next = event._transitions;
        step.transitions = transitions.length === 0 ? next : [...transitions, ...next];
      }
    } else if (event.type === '@xstate.snapshot') {
      if (BEGINNINGS.has(event.event.type)) this.#begin(actor);
      else if (event.event.type !== STOP) this.#finish(actor, event.event, event.snapshot);
      this.#judge(actor, event.snapshot);
    }
  }

  /**
   * What has happened since, a line each. Only while no actor handles anything: from a timer, say.
   * What was dropped last waits for what follows it, unless this is the end.
   */
  lines(isEnd = false): readonly string[] {
    for (const actor of this.#sent) this.#judge(actor, actor.ref.getSnapshot());
    this.#sent = [];
    this.#senders.clear();
    this.#turn += 1;
    if (this.isPaused) return [];
    const slots = this.#slots;
    const isWaiting = !isEnd && slots.at(-1)?.isDropped && !this.#areStandingsDue();
    this.#slots = isWaiting ? slots.splice(-1) : [];
    const lines = slots.map((slot) => this.#told(slot));
    this.#tellStandings(lines);
    return lines;
  }

  /** Of actors whose last events were dropped: twice a second is enough. */
  #tellStandings(lines: string[]): void {
    if (!this.#areStandingsDue()) return;
    const now = this.#now();
    for (const actor of this.#stale) {
      this.#stoodAt = now;
      if (!this.#budget.admits(now, true)) return;
      lines.push(this.#standing(actor));
    }
  }

  #areStandingsDue(): boolean {
    return Math.abs(this.#now() - this.#stoodAt) >= STANDINGS_EVERY_MS;
  }

  #noteEvent(actor: Actor, event: AnyEventObject, source: object | undefined): void {
    if (actor.sentBefore !== this.#turn) {
      actor.sentBefore = this.#turn;
      this.#sent.push(actor);
    }
    const sender = source === undefined ? undefined : this.#roll.get(source);
    if (sender !== undefined && sender !== actor) this.#senders.set(event, sender);
  }

  #told(slot: Slot): string {
    const { atMs, transitions, isDropped, newcomer } = slot;
    this.#number += transitions;
    if (isDropped) return lineOf({ type: 'dropped', atMs, count: transitions });
    if (newcomer !== null) this.#introduce(slot, newcomer);
    if (transitions === 0) return slot.line;
    return numbered(slot.line, this.#number);
  }

  #place(): Slot {
    const slot: Slot = {
      atMs: this.#now(),
      line: '',
      newcomer: null,
      transitions: 0,
      isDropped: false,
    };
    this.#slots.push(slot);
    return slot;
  }

  /** Its first microstep, or what it emits before that, opens it. */
  #stepOf(actor: Actor): Macrostep {
    actor.step ??= { slot: this.#place(), transitions: NONE, emitted: NONE };
    return actor.step;
  }

  #begin(actor: Actor): void {
    actor.isBegun = true;
    const slot = this.#slots.find(({ newcomer }) => newcomer === actor);
    if (slot !== undefined) this.#introduce(slot, actor);
  }

  #introduce(slot: Slot, actor: Actor): void {
    const { ref, id, parent, machine } = actor;
    const { value, active, context } = standingOf(ref.getSnapshot());
    actor.value = value;
    actor.told = context;
    slot.newcomer = null;
    const { atMs } = slot;
    const fields = readableFields(context);
    slot.line = lineOf({
      ...{ type: 'actor', atMs, actor: id, parent, machine },
      ...{ value, active, context: fields },
    });
  }

  #finish(actor: Actor, event: AnyEventObject, snapshot: unknown): void {
    const { slot, transitions, emitted } = this.#stepOf(actor);
    actor.step = null;
    const { value: before } = actor;
    const value = stateValueOf(snapshot);
    actor.value = value;
    slot.transitions = 1;
    if (this.isPaused || !this.#budget.admits(slot.atMs, !isSame(before, value))) {
      this.#drop(slot, actor);
      return;
    }
    const { context } = snapshot as { context?: unknown };
    slot.line = transitionText({
      atMs: slot.atMs,
      actor: actor.id,
      event: { ...readableFields(event), type: event.type },
      from: this.#senders.get(event)?.id ?? null,
      transitions,
      before,
      standing: this.#textOf(actor, snapshot, value),
      changes: changedFields(actor.told, context),
      emitted: emitted.slice(0, EMITTED_MAX).map(readable),
    });
    actor.told = context;
    this.#stale.delete(actor);
    this.#budget.spend(slot.line.length);
  }

  /** Most events leave a machine in the state it was in, of which the text is known. */
  #textOf(actor: Actor, snapshot: unknown, value: StateValue): string {
    if (actor.shown === null || !isSame(actor.shown.value, value)) {
      actor.shown = { value, text: standingText(standingOf(snapshot)) };
    }
    return actor.shown.text;
  }

  /** Counted at its place; a row of them is one. */
  #drop(slot: Slot, actor: Actor): void {
    slot.isDropped = true;
    this.#stale.add(actor);
    for (let last = this.#slots.length - 1; last > 0; last -= 1) {
      const [one, other] = [this.#slots[last - 1] as Slot, this.#slots[last] as Slot];
      if (!one.isDropped || !other.isDropped) return;
      one.transitions += other.transitions;
      this.#slots.pop();
    }
  }

  /** Whether it has come to an end, and how. */
  #judge(actor: Actor, snapshot: unknown): void {
    const end = this.#roll.get(actor.ref) === actor ? endOf(snapshot) : null;
    if (end === null) return;
    const slot = actor.step?.slot ?? this.#place();
    slot.line = lineOf({ ...end, atMs: slot.atMs, actor: actor.id });
    actor.step = null;
    this.#stale.delete(actor);
    this.#roll.leave(actor);
  }

  #standing(actor: Actor): string {
    const { value, active, context } = standingOf(actor.ref.getSnapshot());
    const changes = changedFields(actor.told, context);
    actor.told = context;
    this.#stale.delete(actor);
    const atMs = this.#now();
    const line = lineOf({ type: 'state', atMs, actor: actor.id, value, active, changes });
    this.#budget.spend(line.length);
    return line;
  }
}

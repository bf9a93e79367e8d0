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
import { transitionIdOf } from '#diagram/ids';
import { Budget } from './budget.ts';
import type { InspectionRecord, StateValue, TransitionRecord } from './protocol.ts';
import { changedFields, readable, readableFields } from './readable.ts';
import { type Known, Roll } from './roll.ts';
import { endOf, failureOf, standingOf } from './standing.ts';

/** A place in the order. */
interface Slot {
  readonly atMs: number;
  /** What is told of it: a record, or what belongs into a `transition` behind its number. */
  line: string;
  /** Which actor began here, until that is told. */
  newcomer: Known | null;
  /** Transitions at this place: one that is told, or so many that are not. */
  transitions: number;
  isDropped: boolean;
}

/** An event being handled. */
interface Macrostep {
  readonly slot: Slot;
  readonly transitions: unknown[];
  readonly emitted: unknown[];
}

const EMITTED_MAX = 16;
const STOP = 'xstate.stop';
/** The events of snapshots of actors that have just begun, or that were there when we came. */
const BEGINNINGS: ReadonlySet<string> = new Set(['xstate.init', 'inspection.begun']);

export interface AccountOptions {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly roll?: Roll;
  readonly budget?: Budget;
}

export class Account {
  /** Whoever reads is behind: until that is over everything is counted, and nothing told. */
  isPaused = false;
  readonly #now: () => number;
  readonly #budget: Budget;
  readonly #roll: Roll;
  readonly #senders = new WeakMap<object, string>();
  readonly #steps = new Map<Known, Macrostep>();
  /** Those that were sent something and have not shown a snapshot since. */
  readonly #unsettled = new Set<Known>();
  /** Those of whose last event nothing was told. */
  readonly #stale = new Set<Known>();
  #slots: Slot[] = [];
  #number = 0;

  constructor({ now, roll = new Roll(), budget = new Budget() }: AccountOptions) {
    this.#now = now;
    this.#roll = roll;
    this.#budget = budget;
  }

  /** How much waits to be told. */
  get waiting(): number {
    return this.#slots.length;
  }

  note(event: InspectionEvent): void {
    if (event.type === '@xstate.actor') {
      this.#place().newcomer = this.#roll.enter(event.actorRef as AnyActorRef);
      return;
    }
    const actor = this.#roll.get(event.actorRef);
    if (actor === undefined) return;
    if (event.type === '@xstate.event') {
      this.#unsettled.add(actor);
      const sender = event.sourceRef === undefined ? undefined : this.#roll.get(event.sourceRef);
      if (sender !== undefined && sender !== actor) this.#senders.set(event.event, sender.id);
    } else if (event.type === '@xstate.action') {
      if (event.action.type === 'xstate.emit' && actor.isBegun) {
        this.#stepOf(actor).emitted.push((event.action.params as { event?: unknown }).event);
      }
    } else if (event.type === '@xstate.microstep') {
      if (event.event.type !== STOP) this.#stepOf(actor).transitions.push(...event._transitions);
    } else if (event.type === '@xstate.snapshot') {
      this.#settle(actor, event.event, event.snapshot);
    }
  }

  /** What has happened since, a line each. Only while no actor handles anything: from a timer, say. */
  lines(): readonly string[] {
    for (const actor of this.#unsettled) this.#judge(actor, actor.ref.getSnapshot());
    this.#unsettled.clear();
    if (this.isPaused) return [];
    const slots = this.#slots;
    this.#slots = [];
    const lines = slots.map((slot) => this.#told(slot));
    for (const actor of this.#stale) {
      if (!this.#budget.admits(this.#now(), true)) break;
      lines.push(this.#standing(actor));
    }
    return lines;
  }

  #told(slot: Slot): string {
    const { atMs, transitions, isDropped, newcomer } = slot;
    this.#number += transitions;
    if (isDropped) return lineOf({ type: 'dropped', atMs, count: transitions });
    if (newcomer !== null) this.#introduce(slot, newcomer);
    if (transitions === 0) return slot.line;
    return `{"type":"transition","number":${this.#number},${slot.line.slice(1)}`;
  }

  #place(): Slot {
    const slot = {
      ...{ atMs: this.#now(), line: '', newcomer: null },
      ...{ transitions: 0, isDropped: false },
    };
    this.#slots.push(slot);
    return slot;
  }

  /** Its first action or microstep opens it. */
  #stepOf(actor: Known): Macrostep {
    const open = this.#steps.get(actor);
    if (open !== undefined) return open;
    const step = { slot: this.#place(), transitions: [], emitted: [] };
    this.#steps.set(actor, step);
    return step;
  }

  #settle(actor: Known, event: AnyEventObject, snapshot: unknown): void {
    this.#unsettled.delete(actor);
    if (BEGINNINGS.has(event.type)) this.#begin(actor);
    else if (event.type !== STOP) this.#finish(actor, event, snapshot);
    this.#judge(actor, snapshot);
  }

  #begin(actor: Known): void {
    actor.isBegun = true;
    const slot = this.#slots.find(({ newcomer }) => newcomer === actor);
    if (slot !== undefined) this.#introduce(slot, actor);
  }

  #introduce(slot: Slot, actor: Known): void {
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

  #finish(actor: Known, event: AnyEventObject, snapshot: unknown): void {
    const { slot, transitions, emitted } = this.#stepOf(actor);
    this.#steps.delete(actor);
    const { value, active, context } = standingOf(snapshot);
    const before = actor.value;
    actor.value = value;
    slot.transitions = 1;
    const now = this.#now();
    if (this.isPaused || !this.#budget.admits(now, !isSame(before, value))) {
      this.#drop(slot, actor);
      return;
    }
    slot.line = JSON.stringify({
      atMs: slot.atMs,
      actor: actor.id,
      event: { ...readableFields(event), type: event.type },
      from: this.#senders.get(event) ?? null,
      transitions: idsOf(transitions),
      before,
      value,
      active,
      changes: changedFields(actor.told, context),
      emitted: emitted.slice(0, EMITTED_MAX).map(readable),
    } satisfies Omit<TransitionRecord, 'type' | 'number'>);
    actor.told = context;
    this.#stale.delete(actor);
    this.#budget.spend(slot.line.length);
  }

  /** Counted at its place; a row of them is one. */
  #drop(slot: Slot, actor: Known): void {
    slot.isDropped = true;
    this.#stale.add(actor);
    for (;;) {
      const [before, last] = this.#slots.slice(-2);
      if (!before?.isDropped || !last?.isDropped) return;
      before.transitions += last.transitions;
      this.#slots.pop();
    }
  }

  /** Whether it has come to an end, and how. */
  #judge(actor: Known, snapshot: unknown): void {
    const failure = failureOf(snapshot);
    const end = endOf(snapshot);
    if (failure === null && end === null) return;
    const slot = this.#steps.get(actor)?.slot ?? this.#place();
    const { atMs } = slot;
    slot.line =
      end === null
        ? lineOf({ type: 'failed', atMs, actor: actor.id, message: failure ?? '' })
        : lineOf({ type: 'stopped', atMs, actor: actor.id, ...end });
    this.#steps.delete(actor);
    this.#stale.delete(actor);
    this.#roll.leave(actor);
  }

  #standing(actor: Known): string {
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

export function lineOf(record: Exclude<InspectionRecord, TransitionRecord>): string {
  return JSON.stringify(record);
}

/** A definition is the same object for as long as its machine lives. */
const knownIds = new WeakMap<object, string | null>();

function idsOf(transitions: readonly unknown[]): readonly string[] {
  const ids: string[] = [];
  for (const transition of transitions as readonly object[]) {
    let id = knownIds.get(transition);
    if (id === undefined) {
      id = transitionIdOf(transition);
      knownIds.set(transition, id);
    }
    if (id !== null) ids.push(id);
  }
  return ids;
}

function isSame(one: StateValue, other: StateValue): boolean {
  if (one === other) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) {
    return false;
  }
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length &&
    names.every((name) => isSame(one[name] ?? null, other[name] ?? null))
  );
}

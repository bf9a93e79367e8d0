/**
 * Turns XState's inspection events into records: which actors there are, and every event that an
 * actor handled with all it set off in that actor, once, in the order in which it began.
 *
 * What belongs to one macrostep comes scattered: actions, microsteps, then a snapshot, and those of
 * actors it wakes may lie between. So each has a pending record from its beginning on, and these are
 * formatted in order once nothing is being handled. Landmarks are always recorded; of all else, what
 * the budget does not admit is counted at its place, and later the states of its actors are recorded.
 */
import type { AnyActorRef, AnyEventObject, InspectionEvent } from 'xstate';
import {
  ActorRegistry,
  type MachineName,
  type Macrostep,
  type RegisteredActor,
} from './actor-registry.ts';
import { actorStateOf, endOf, isSameState, stateValueOf } from './actor-state.ts';
import { LandmarkAllowances, RecordBudget } from './budget.ts';
import { type PendingRecord, PendingRecords } from './pending-records.ts';
import { changedPreviewFields, toPreviewFields } from './preview.ts';
import type { StateValue } from './protocol.ts';
import { emittedFields, numbered, recordText, stateText, transitionText } from './record-text.ts';
import { type Weigh, weigh as weighAny } from './weight.ts';

/** States of actors after something was dropped: so many records at most, this often. */
const STATES_MAX = 10;
const STATES_EVERY_MS = 500;

const NONE: readonly unknown[] = [];
const EMIT = 'xstate.emit';
const STOP = 'xstate.stop';
/** The events of snapshots of actors that have just begun, or that were there before. */
const BEGINNINGS: ReadonlySet<string> = new Set(['xstate.init', 'inspection.begun']);

export interface EventRecorderOptions {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly nameOf?: MachineName | undefined;
  readonly budget?: RecordBudget;
  readonly allowances?: LandmarkAllowances;
  readonly weigh?: Weigh | undefined;
}

export class EventRecorder {
  /** The reader is behind: meanwhile landmarks wait, and all else is counted. */
  isPaused = false;
  readonly #now: () => number;
  readonly #budget: RecordBudget;
  readonly #allowances: LandmarkAllowances;
  readonly #weigh: Weigh;
  readonly #actors: ActorRegistry;
  /** Of the events on their way. */
  readonly #senders = new Map<object, RegisteredActor>();
  /** Actors whose last event was not recorded. */
  readonly #stale = new Set<RegisteredActor>();
  readonly #pending = new PendingRecords<RegisteredActor>();
  /** Actors that were sent something since the last lines: each may have failed, which no event shows. */
  #sent: RegisteredActor[] = [];
  #turn = 0;
  #statesAt = Number.NEGATIVE_INFINITY;
  #number = 0;

  constructor({ now, nameOf, weigh = weighAny, ...limits }: EventRecorderOptions) {
    this.#now = now;
    this.#actors = new ActorRegistry(nameOf);
    this.#weigh = weigh;
    this.#budget = limits.budget ?? new RecordBudget();
    this.#allowances = limits.allowances ?? new LandmarkAllowances();
  }

  /** How much is pending. */
  get waiting(): PendingRecords<RegisteredActor>['waiting'] {
    return this.#pending.waiting;
  }

  record(event: InspectionEvent): void {
    // Most events are these, and none of them is recorded.
    if (event.type === '@xstate.action' && event.action.type !== EMIT) return;
    if (event.type === '@xstate.actor') {
      this.#pending.place(this.#now()).newcomer = this.#actors.add(event.actorRef as AnyActorRef);
      return;
    }
    const actor = this.#actors.get(event.actorRef);
    if (actor === undefined) return;
    if (event.type === '@xstate.event') this.#recordEvent(actor, event.event, event.sourceRef);
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
      this.#recordEnd(actor, event.snapshot);
    }
  }

  /**
   * What has happened since the last call, a line each. To be called while no actor handles anything,
   * for example from a timer. What was dropped last waits for what follows, unless this is the end.
   */
  lines(isEnd = false): readonly string[] {
    for (const actor of this.#sent) this.#recordEnd(actor, actor.ref.getSnapshot());
    this.#sent = [];
    this.#senders.clear();
    this.#turn += 1;
    if (this.isPaused && !isEnd) return [];
    const pending = this.#pending.take(isEnd || this.#areStatesDue());
    const lines = pending.map((each) => this.#formatted(each));
    this.#addStates(lines);
    return lines;
  }

  /**
   * The states of actors whose last events were dropped, the longest waiting first, twice a second.
   * They are recorded whatever the budget says, and count against it.
   */
  #addStates(lines: string[]): void {
    if (this.#stale.size === 0 || !this.#areStatesDue()) return;
    this.#statesAt = this.#now();
    let count = 0;
    for (const actor of this.#stale) {
      if (count === STATES_MAX) return;
      count += 1;
      lines.push(this.#formattedState(actor));
    }
  }

  #areStatesDue(): boolean {
    return Math.abs(this.#now() - this.#statesAt) >= STATES_EVERY_MS;
  }

  #recordEvent(actor: RegisteredActor, event: AnyEventObject, source: object | undefined): void {
    if (actor.sentBefore !== this.#turn) {
      actor.sentBefore = this.#turn;
      this.#sent.push(actor);
    }
    const sender = source === undefined ? undefined : this.#actors.get(source);
    if (sender !== undefined && sender !== actor) this.#senders.set(event, sender);
  }

  #formatted(pending: PendingRecord<RegisteredActor>): string {
    const { atMs, isTransition, dropped, newcomer } = pending;
    if (dropped !== null) {
      this.#number += dropped.count;
      return recordText({ type: 'dropped', atMs, count: dropped.count, of: dropped.of() });
    }
    if (newcomer !== null) this.#introduce(pending, newcomer);
    if (!isTransition) return pending.line;
    this.#number += 1;
    return numbered(pending.line, this.#number);
  }

  /** Begins with its first microstep, or with what it emits before that. */
  #stepOf(actor: RegisteredActor): Macrostep {
    actor.step ??= { pending: this.#pending.place(this.#now()), transitions: NONE, emitted: NONE };
    return actor.step;
  }

  #begin(actor: RegisteredActor): void {
    actor.isBegun = true;
    const pending = this.#pending.beganAt(actor);
    if (pending !== undefined) this.#introduce(pending, actor);
  }

  #introduce(pending: PendingRecord<RegisteredActor>, actor: RegisteredActor): void {
    const { ref, id, parent, machine } = actor;
    const { value, active, context } = actorStateOf(ref.getSnapshot());
    actor.value = value;
    actor.context = context;
    actor.recorded = context;
    pending.newcomer = null;
    const { atMs } = pending;
    const fields = toPreviewFields(context);
    pending.line = recordText({
      ...{ type: 'actor', atMs, actor: id, parent, machine },
      ...{ value, active, context: fields },
    });
  }

  #finish(actor: RegisteredActor, event: AnyEventObject, snapshot: unknown): void {
    const { pending, transitions, emitted } = this.#stepOf(actor);
    actor.step = null;
    const { value: before, context: contextBefore } = actor;
    const value = stateValueOf(snapshot);
    const { context } = snapshot as { context?: unknown };
    const { machine, taken } = actor;
    const { weight, kind } = this.#weigh({
      event,
      transitions,
      emitted,
      before,
      value,
      contextBefore,
      context,
      machine,
      taken,
    });
    actor.value = value;
    actor.context = context;
    const isLandmark = weight === 'landmark' && this.#allowances.admits(kind, pending.atMs);
    if (!isLandmark && !this.#hasRoom(pending.atMs, weight !== 'ordinary')) {
      this.#stale.add(actor);
      this.#pending.drop(pending, actor.id, kind);
      return;
    }
    pending.isTransition = true;
    pending.line = transitionText({
      atMs: pending.atMs,
      actor: actor.id,
      event: { ...toPreviewFields(event), type: event.type },
      from: this.#senders.get(event)?.id ?? null,
      transitions,
      before,
      state: this.#textOf(actor, snapshot, value),
      changes: changedPreviewFields(actor.recorded, context),
      emitted: emittedFields(emitted),
    });
    actor.recorded = context;
    this.#stale.delete(actor);
    if (!isLandmark) this.#budget.spend(pending.line.length);
  }

  #hasRoom(atMs: number, isRepeat: boolean): boolean {
    return !this.isPaused && this.#budget.admits(atMs, isRepeat);
  }

  /** Most events leave a machine in the state it was in, whose text is known. */
  #textOf(actor: RegisteredActor, snapshot: unknown, value: StateValue): string {
    if (actor.shown === null || !isSameState(actor.shown.value, value)) {
      actor.shown = { value, text: stateText(actorStateOf(snapshot)) };
    }
    return actor.shown.text;
  }

  /** If it has ended, how. */
  #recordEnd(actor: RegisteredActor, snapshot: unknown): void {
    const end = this.#actors.get(actor.ref) === actor ? endOf(snapshot) : null;
    if (end === null) return;
    const pending = actor.step?.pending ?? this.#pending.place(this.#now());
    pending.line = recordText({ ...end, atMs: pending.atMs, actor: actor.id });
    actor.step = null;
    this.#stale.delete(actor);
    this.#actors.remove(actor);
  }

  #formattedState(actor: RegisteredActor): string {
    const { value, active, context } = actorStateOf(actor.ref.getSnapshot());
    const changes = changedPreviewFields(actor.recorded, context);
    actor.recorded = context;
    this.#stale.delete(actor);
    const atMs = this.#now();
    const line = recordText({ type: 'state', atMs, actor: actor.id, value, active, changes });
    this.#budget.spend(line.length);
    return line;
  }
}

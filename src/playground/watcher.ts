/** What happens between two frames, gathered from the simulation as it happens. */
import type { AnyActorRef, InspectionEvent, Snapshot } from 'xstate';
import type { Effect } from '../../machines/rules/effects.ts';
import type { ServerId } from '../../machines/rules/entries.ts';
import type { ServerState } from '../../machines/rules/state.ts';
import { type Role, roleOf } from '../../machines/server.ts';
import { transitionIdOf } from '../diagram/ids.ts';
import type { Step, StepEvent } from '../feed/step.ts';
import type { SimulationObserver } from '../simulation/index.ts';
import type { Landing, Taken } from './frame.ts';
import { FollowedKeyValue } from './pairs.ts';

/** The first word of a new life, before its machine has started. */
const BEGUN = 'inspection.begun';

interface Known {
  readonly state: ServerState;
  readonly role: Role;
}

export class Watcher implements SimulationObserver {
  landings: Landing[] = [];
  taken: Taken[] = [];
  steps: Step[] = [];
  readonly #stateMachines = new Map<ServerId, FollowedKeyValue>();
  readonly #known = new Map<ServerId, Known>();
  readonly #effects = new Map<ServerId, Effect[]>();
  readonly #events = new Map<ServerId, StepEvent>();
  readonly #ids = new WeakMap<object, string | null>();

  /** Whether anything has happened that one could see. */
  get hasSeen(): boolean {
    return this.landings.length > 0 || this.taken.length > 0;
  }

  forget(): void {
    if (this.landings.length > 0) this.landings = [];
    if (this.taken.length > 0) this.taken = [];
    if (this.steps.length > 0) this.steps = [];
  }

  stateMachineOf(id: ServerId): FollowedKeyValue | undefined {
    return this.#stateMachines.get(id);
  }

  onStateMachine(id: ServerId, stateMachine: unknown): void {
    if (stateMachine instanceof FollowedKeyValue) this.#stateMachines.set(id, stateMachine);
  }

  onDeliveryEnd(flight: Landing['flight'], outcome: Landing['outcome']): void {
    this.landings.push({ flight, outcome });
  }

  onEffect(id: ServerId, effect: Effect): void {
    const effects = this.#effects.get(id);
    if (effects === undefined) this.#effects.set(id, [effect]);
    else effects.push(effect);
  }

  readonly inspect = (id: ServerId, event: InspectionEvent): void => {
    const isRoot = event.actorRef.sessionId === event.rootId;
    if (event.type === '@xstate.microstep') {
      if (isRoot && !this.#events.has(id)) this.#events.set(id, event.event as StepEvent);
      const actor = isRoot ? 'server' : (event.actorRef as AnyActorRef).id;
      this.#noteTaken(id, actor, event._transitions);
    } else if (event.type === '@xstate.snapshot' && isRoot) {
      if (event.event.type === BEGUN) this.#begin(id);
      this.#noteStep(id, event.snapshot);
    }
  };

  /** A new life: nothing of the one before. */
  #begin(id: ServerId): void {
    this.#known.delete(id);
    this.#events.delete(id);
    this.#effects.delete(id);
  }

  #noteTaken(server: ServerId, actor: string, definitions: readonly object[]): void {
    const transitions = definitions.flatMap((definition) => this.#idOf(definition) ?? []);
    if (transitions.length > 0) this.taken.push({ server, actor, transitions });
  }

  #idOf(definition: object): string | null {
    let id = this.#ids.get(definition);
    if (id === undefined) {
      id = transitionIdOf(definition);
      this.#ids.set(definition, id);
    }
    return id;
  }

  #noteStep(server: ServerId, snapshot: Snapshot<unknown>): void {
    const { context: after, value } = snapshot as unknown as {
      context: ServerState;
      value: unknown;
    };
    const event = this.#events.get(server) ?? null;
    const known = this.#known.get(server);
    const effects = this.#effects.get(server) ?? [];
    const role = roleOf({ value });
    this.#known.set(server, { state: after, role });
    this.#events.delete(server);
    this.#effects.delete(server);
    // Nothing has happened when a machine that is known tells its state without an event.
    if (event === null && known !== undefined) return;
    const { state: before = null, role: roleBefore = role } = known ?? {};
    this.steps.push({ server, event, before, after, roleBefore, role, effects });
  }
}

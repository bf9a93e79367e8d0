/** What happens between two frames, gathered from the simulation as it happens. */
import type { AnyActorRef, InspectionEvent } from 'xstate';
import type { Effect } from '../../machines/rules/effects.ts';
import type { ServerId } from '../../machines/rules/entries.ts';
import type { ServerState } from '../../machines/rules/state.ts';
import { transitionIdsOf } from '../diagram/ids.ts';
import { type FeedFact, feedFact } from '../feed/feed-fact.ts';
import { startedFact } from '../feed/outside.ts';
import type { SimulationObserver } from '../simulation/index.ts';
import type { Landing, Taken } from './frame.ts';
import { FollowedKeyValue } from './key-value-cluster.ts';

/** The first word of a new life, before its machine has started. */
const BEGUN = 'inspection.begun';

export class Watcher implements SimulationObserver {
  landings: Landing[] = [];
  taken: Taken[] = [];
  facts: FeedFact[] = [];
  readonly #stateMachines = new Map<ServerId, FollowedKeyValue>();

  /** Whether anything has happened that one could see. */
  get hasSeen(): boolean {
    return this.landings.length > 0 || this.taken.length > 0;
  }

  forget(): void {
    if (this.landings.length > 0) this.landings = [];
    if (this.taken.length > 0) this.taken = [];
    if (this.facts.length > 0) this.facts = [];
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
    if (effect.type === 'explain') this.facts.push(feedFact(id, effect.fact));
  }

  readonly inspect = (id: ServerId, event: InspectionEvent): void => {
    const isRoot = event.actorRef.sessionId === event.rootId;
    if (event.type === '@xstate.microstep') {
      const actor = isRoot ? 'server' : (event.actorRef as AnyActorRef).id;
      this.#noteTaken(id, actor, event._transitions);
    } else if (event.type === '@xstate.snapshot' && isRoot && event.event.type === BEGUN) {
      const { context } = event.snapshot as unknown as { readonly context: ServerState };
      this.facts.push(feedFact(id, startedFact(context)));
    }
  };

  #noteTaken(server: ServerId, actor: string, definitions: readonly object[]): void {
    const transitions = transitionIdsOf(definitions);
    if (transitions.length > 0) this.taken.push({ server, actor, transitions });
  }
}

/** What a rule decides: the next state, the effects in order, and what replication actors are told. */
import type { Effect } from './effects.ts';
import type { ServerId } from './entries.ts';
import type { Fact } from './facts.ts';
import type { ReplicationEvent } from './replication-events.ts';
import type { ServerState } from './state.ts';

/** A word to one follower's replication actor. */
export interface ActorMessage {
  readonly follower: ServerId;
  readonly event: ReplicationEvent;
}

export interface Decision {
  /** The very same object when nothing changes. */
  readonly state: ServerState;
  readonly effects: readonly Effect[];
  readonly outgoing: readonly ActorMessage[];
}

export function decide(
  state: ServerState,
  effects: readonly Effect[] = [],
  outgoing: readonly ActorMessage[] = [],
): Decision {
  return { state, effects, outgoing };
}

/** Facts are recorded from now on, or no more: while somebody listens. */
export function explain(state: ServerState, { isWanted }: { isWanted: boolean }): Decision {
  return decide(state.isExplained === isWanted ? state : { ...state, isExplained: isWanted });
}

/** The decision with the fact behind it in front while somebody listens, and as it is otherwise. */
export function explained(decision: Decision, fact: () => Fact | null): Decision {
  if (!decision.state.isExplained) return decision;
  const known = fact();
  if (known === null) return decision;
  return { ...decision, effects: [{ type: 'explain', fact: known }, ...decision.effects] };
}

/** One rule after the other: the second decides on what the first has left. */
export function andThen(first: Decision, next: (state: ServerState) => Decision): Decision {
  const second = next(first.state);
  return decide(
    second.state,
    inOrder(first.effects, second.effects),
    inOrder(first.outgoing, second.outgoing),
  );
}

/** Most often one of them is empty, and nothing has to be copied. */
function inOrder<Item>(first: readonly Item[], second: readonly Item[]): readonly Item[] {
  if (first.length === 0) return second;
  return second.length === 0 ? first : [...first, ...second];
}

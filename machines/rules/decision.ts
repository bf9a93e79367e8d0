/** What a rule decides: the next state, the effects in order, and what replication actors are told. */
import type { Effect } from './effects.ts';
import type { ServerId } from './entries.ts';
import type { ReplicationEvent } from './replication.ts';
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

/** One rule after the other: the second decides on what the first has left. */
export function andThen(first: Decision, next: (state: ServerState) => Decision): Decision {
  const second = next(first.state);
  return decide(
    second.state,
    [...first.effects, ...second.effects],
    [...first.outgoing, ...second.outgoing],
  );
}

/** Who leads the present term: one server at most (Figure 3, Election Safety; §5.2). */
import { type Decision, decide } from './decision.ts';
import type { ServerId, Term } from './entries.ts';
import { invariant } from './invariant.ts';
import type { ServerState } from './state.ts';

/** What only the leader of its term says: entries, a chunk, `TimeoutNow`. */
export interface LeaderRequest {
  readonly from: ServerId;
  readonly term: Term;
}

/**
 * Word of the leader of our term: we know it now, and that it lives. What others had acknowledged to
 * us is now its to judge: it may replace those entries, and it feeds whoever has lost them.
 */
export function hearLeader(state: ServerState, request: LeaderRequest): ServerState {
  const { from } = request;
  if (state.heardLeader === from) return state;
  assertOneLeader(state, request);
  return { ...state, termLeader: from, heardLeader: from, unreliable: [] };
}

/** No word from the leader for a minimum election timeout, or its connection is lost. */
export function forgetLeader(state: ServerState): Decision {
  return state.heardLeader === null ? decide(state) : decide({ ...state, heardLeader: null });
}

/** @throws InvariantViolation when another server than the one we know says that it leads our term. */
export function assertOneLeader(state: ServerState, { from, term }: LeaderRequest): Decision {
  const { id, termLeader } = state;
  if (termLeader === null || termLeader === from) return decide(state);
  const known = termLeader === id ? `${id} leads` : `${id} knows that ${termLeader} leads`;
  invariant(
    false,
    `${known} term ${term}, and ${from} says that it leads term ${term} too (§5.2, Election Safety)`,
  );
}

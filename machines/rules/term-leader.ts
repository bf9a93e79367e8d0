/** Who leads the present term: one server at most (Figure 3, Election Safety; §5.2). */
import { type Decision, decide, explained } from './decision.ts';
import type { ServerId, Term } from './entries.ts';
import type { Fact, SteppingDown } from './facts.ts';
import { invariant } from './invariant.ts';
import type { Message } from './messages.ts';
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

/** No word from the leader for a minimum election timeout, or, as `cause` tells, its connection is lost. */
export function forgetLeader(state: ServerState, cause: Cause): Decision {
  const { heardLeader: leader, currentTerm: term } = state;
  if (leader === null) return decide(state);
  const { electionTimeoutMinMs } = state.parameters.timing;
  const silentMs = cause.type === 'connection.lost' ? null : electionTimeoutMinMs;
  return explained(decide({ ...state, heardLeader: null }), () => ({
    kind: 'lostLeader',
    leader,
    term,
    silentMs,
  }));
}

/** The event that made a chart leave a state; of a timer, `xstate.after.` and the delay's name. */
export interface Cause {
  readonly type: string;
}

/** Why a candidate or a leader is a follower now; null when it is not, or only stops. */
export function whyFollower({ currentTerm: own }: ServerState, cause: Cause): SteppingDown | null {
  switch (cause.type) {
    case 'rpc.received': {
      const { message } = cause as { readonly type: 'rpc.received'; readonly message: Message };
      const isNewer = message.type !== 'PreVote' && message.term > own;
      return isNewer ? { reason: 'newer-term', from: message.from, own, seen: message.term } : null;
    }
    case 'AppendEntries':
    case 'InstallSnapshot':
      return { reason: 'leader-found', leader: (cause as Cause & LeaderRequest).from, term: own };
    case 'RequestVote':
      return { reason: 'vote-given', to: (cause as Cause & LeaderRequest).from, term: own };
    default:
      return null;
  }
}

/** Whom it hears from, for the first time in this term or once more. */
export function explainHearing(before: ServerState, { from, term }: LeaderRequest): Fact {
  const isKnown = before.heardLeader === from;
  return { kind: isKnown ? 'heardFromLeader' : 'followedLeader', leader: from, term };
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

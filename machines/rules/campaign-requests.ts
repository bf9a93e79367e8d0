/** What a candidate asks of others, for the first time and again (§5.1, §5.2; thesis §9.6). */
import { isVoter, memberIds } from './configuration.ts';
import { type Decision, decide } from './decision.ts';
import type { Effect } from './effects.ts';
import type { ServerId } from './entries.ts';
import { campaignOf, type ServerState } from './state.ts';
import { isReliable } from './unreliable.ts';

/** The request of the present campaign to each of `servers`, always with the campaign's number. */
export function requestsTo(state: ServerState, servers: readonly ServerId[]): readonly Effect[] {
  return isPreVoteRound(state) ? preVotesTo(state, servers) : voteRequestsTo(state, servers);
}

/** A pre-vote is for the term ahead of our own. */
export function isPreVoteRound(state: ServerState): boolean {
  return campaignOf(state).term > state.currentTerm;
}

/** All members but ourselves. */
export function others(state: ServerState): readonly ServerId[] {
  return memberIds(state.log.configuration).filter((id) => id !== state.id);
}

/**
 * The same request to whoever may still grant it and has not (§5.1: a request without an answer is
 * sent again). It has the campaign's number, so the answer to any of its copies counts, once. Nothing
 * is asked again that has not left yet: it waits for our own vote.
 */
export function askAgain(state: ServerState): Decision {
  if (state.writes.durable < campaignOf(state).writeId) return decide(state);
  return decide(state, requestsTo(state, undecided(state)));
}

/** Those whose vote would count, and who have neither granted it nor refused it for good. */
function undecided(state: ServerState): readonly ServerId[] {
  const { votes, refusedBy } = campaignOf(state);
  return others(state).filter(
    (id) =>
      isVoter(state.log.configuration, id) &&
      isReliable(state, id) &&
      !votes.includes(id) &&
      !refusedBy.includes(id),
  );
}

function preVotesTo(state: ServerState, servers: readonly ServerId[]): readonly Effect[] {
  const { requestId, term: proposedTerm } = campaignOf(state);
  const { index: lastLogIndex, term: lastLogTerm } = state.log.last;
  const request = { from: state.id, requestId, proposedTerm, lastLogIndex, lastLogTerm };
  return servers.map(
    (to): Effect => ({ type: 'send', message: { type: 'PreVote', to, ...request }, afterWrite: 0 }),
  );
}

function voteRequestsTo(state: ServerState, servers: readonly ServerId[]): readonly Effect[] {
  const { requestId, term, writeId, isLeadershipTransfer } = campaignOf(state);
  const { index: lastLogIndex, term: lastLogTerm } = state.log.last;
  const request = {
    from: state.id,
    term,
    requestId,
    lastLogIndex,
    lastLogTerm,
    isLeadershipTransfer,
  };
  return servers.map(
    (to): Effect => ({
      type: 'send',
      message: { type: 'RequestVote', to, ...request },
      afterWrite: writeId,
    }),
  );
}

/** Elections (Figure 2, "RequestVote RPC"; §5.2, §5.4.1; thesis §9.6 for the pre-vote). */
import { isVoter, memberIds } from './configuration.ts';
import { type Decision, decide } from './decision.ts';
import type { Effect } from './effects.ts';
import { type EntryPosition, isAtLeastAsUpToDate, type ServerId, type Term } from './entries.ts';
import type {
  PreVote,
  PreVoteResponse,
  RequestVote,
  RequestVoteResponse,
  TimeoutNow,
} from './messages.ts';
import { hasQuorum } from './quorum.ts';
import { type Campaign, campaignOf, type ServerState } from './state.ts';
import { isReliable } from './unreliable.ts';
import { persistTerm } from './writes.ts';

/** Why a vote or a pre-vote is withheld: what was compared, on both sides. */
export type VoteRefusal =
  /** Asked in an older term, or pre-asked for one that is not newer (§5.1). */
  | { readonly reason: 'wrong-term'; readonly own: Term; readonly candidate: Term }
  /** First come, first served (§5.2). */
  | { readonly reason: 'already-voted'; readonly term: Term; readonly votedFor: ServerId }
  /** There is a leader, perhaps ourselves (thesis §4.2.3). */
  | { readonly reason: 'hears-leader'; readonly term: Term; readonly leader: ServerId }
  /** It lacks entries that may be committed (§5.4.1). */
  | {
      readonly reason: 'log-behind';
      readonly own: EntryPosition;
      readonly candidate: EntryPosition;
    };

/** Receiver: first come, first served, and only for a log at least as up to date (§5.2, §5.4.1). */
export function mayGrantVote(state: ServerState, request: RequestVote): boolean {
  return refusalOfVote(state, request) === null;
}

/** The first thing that speaks against a vote; null when it may be given. */
export function refusalOfVote(state: ServerState, request: RequestVote): VoteRefusal | null {
  return (
    wrongTerm(state, request) ??
    alreadyVoted(state, request) ??
    hasLeader(state) ??
    logOutdated(state, request)
  );
}

/** One that is newer was not adopted: we hear from a leader, and that is the reason. */
function wrongTerm(state: ServerState, { term: candidate }: RequestVote): VoteRefusal | null {
  const { currentTerm: own } = state;
  if (candidate === own) return null;
  const held = candidate > own ? hasLeader(state) : null;
  return held ?? { reason: 'wrong-term', own, candidate };
}

function alreadyVoted(state: ServerState, { from }: RequestVote): VoteRefusal | null {
  const { currentTerm: term, votedFor } = state;
  if (votedFor === null || votedFor === from) return null;
  return { reason: 'already-voted', term, votedFor };
}

function hasLeader({ currentTerm: term, heardLeader: leader }: ServerState): VoteRefusal | null {
  return leader === null ? null : { reason: 'hears-leader', term, leader };
}

function logOutdated(state: ServerState, request: RequestVote | PreVote): VoteRefusal | null {
  const own = state.log.last;
  const candidate = { index: request.lastLogIndex, term: request.lastLogTerm };
  return isAtLeastAsUpToDate(candidate, own) ? null : { reason: 'log-behind', own, candidate };
}

/** The vote is durable before it is given (§5.2): two votes in one term would be two leaders. */
export function grantVote(state: ServerState, request: RequestVote): Decision {
  if (state.votedFor === request.from) return answerVote(state, request, true);
  const voted = persistTerm({ ...state, votedFor: request.from });
  const answer = answerVote(voted.state, request, true);
  return decide(voted.state, [...voted.effects, ...answer.effects]);
}

export function refuseVote(state: ServerState, request: RequestVote): Decision {
  return answerVote(state, request, false);
}

function answerVote(state: ServerState, request: RequestVote, granted: boolean): Decision {
  const message: RequestVoteResponse = {
    type: 'RequestVoteResponse',
    from: state.id,
    to: request.from,
    term: state.currentTerm,
    requestTerm: request.term,
    requestId: request.requestId,
    granted,
  };
  return decide(state, [{ type: 'send', message, afterWrite: state.writes.decided }]);
}

/** Would we vote for it? Not while we hear from a leader, and a leader never (thesis §4.2.3, §9.6). */
export function mayGrantPreVote(state: ServerState, request: PreVote): boolean {
  return refusalOfPreVote(state, request) === null;
}

/** The first thing that speaks against a pre-vote; null when it may be given. */
export function refusalOfPreVote(state: ServerState, request: PreVote): VoteRefusal | null {
  return termNotNewer(state, request) ?? hasLeader(state) ?? logOutdated(state, request);
}

function termNotNewer(state: ServerState, { proposedTerm }: PreVote): VoteRefusal | null {
  const { currentTerm: own } = state;
  return proposedTerm > own ? null : { reason: 'wrong-term', own, candidate: proposedTerm };
}

/** Always answered; writes nothing, changes no term, restarts no timer (thesis §9.6). */
export function answerPreVote(state: ServerState, request: PreVote): Decision {
  const message: PreVoteResponse = {
    type: 'PreVoteResponse',
    from: state.id,
    to: request.from,
    term: state.currentTerm,
    requestId: request.requestId,
    proposedTerm: request.proposedTerm,
    granted: mayGrantPreVote(state, request),
  };
  return decide(state, [{ type: 'send', message, afterWrite: 0 }]);
}

/** Candidate: asks whether an election could be won, before it disturbs anybody (thesis §9.6). */
export function beginPreVote(state: ServerState): Decision {
  const requestId = state.requestId + 1;
  const proposedTerm = state.currentTerm + 1;
  const campaign: Campaign = {
    requestId,
    term: proposedTerm,
    votes: [state.id],
    writeId: 0,
    isLeadershipTransfer: false,
  };
  const { index: lastLogIndex, term: lastLogTerm } = state.log.last;
  const request = { from: state.id, requestId, proposedTerm, lastLogIndex, lastLogTerm };
  const effects = others(state).map(
    (to): Effect => ({ type: 'send', message: { type: 'PreVote', to, ...request }, afterWrite: 0 }),
  );
  return decide({ ...state, requestId, campaign, heardLeader: null }, effects);
}

/** Candidate: raises the term, votes for itself, asks all others (Figure 2, "Candidates"; §5.2). */
export function beginVote(state: ServerState): Decision {
  const requestId = state.requestId + 1;
  const term = state.currentTerm + 1;
  const voted = persistTerm({
    ...state,
    requestId,
    currentTerm: term,
    votedFor: state.id,
    termLeader: null,
    heardLeader: null,
  });
  const writeId = voted.state.writes.decided;
  const isLeadershipTransfer = state.campaign?.isLeadershipTransfer ?? false;
  const campaign: Campaign = { requestId, term, votes: [], writeId, isLeadershipTransfer };
  const { index: lastLogIndex, term: lastLogTerm } = state.log.last;
  const request = {
    from: state.id,
    term,
    requestId,
    lastLogIndex,
    lastLogTerm,
    isLeadershipTransfer,
  };
  const requests = others(state).map(
    (to): Effect => ({
      type: 'send',
      message: { type: 'RequestVote', to, ...request },
      afterWrite: writeId,
    }),
  );
  return decide({ ...voted.state, campaign }, [...voted.effects, ...requests]);
}

export function countPreVote(state: ServerState, response: PreVoteResponse): Decision {
  const { requestId, term } = campaignOf(state);
  const isOfThisCampaign = response.requestId === requestId && response.proposedTerm === term;
  return isOfThisCampaign && response.granted ? withVote(state, response.from) : decide(state);
}

export function countVote(state: ServerState, response: RequestVoteResponse): Decision {
  const { requestId, term } = campaignOf(state);
  const isOfThisCampaign = response.requestId === requestId && response.requestTerm === term;
  return isOfThisCampaign && response.granted ? withVote(state, response.from) : decide(state);
}

/** A candidate's own vote counts like any other: when the write that holds it is durable. */
export function countOwnVote(state: ServerState): Decision {
  return state.writes.durable >= campaignOf(state).writeId
    ? withVote(state, state.id)
    : decide(state);
}

/** A majority of all voters, not of those that answered (§5.2). */
export function wonElection(state: ServerState): boolean {
  return hasQuorum(state.log.configuration, campaignOf(state).votes);
}

export function endCampaign(state: ServerState): Decision {
  return decide({ ...state, campaign: null });
}

/** The leader asks us to campaign at once; honoured once, while we hear from it (thesis §3.10). */
export function mayCampaignAtOnce(state: ServerState, request: TimeoutNow): boolean {
  return state.heardLeader === request.from && isVoter(state.log.configuration, state.id);
}

/** What follows is an election that its leader wants: stickiness does not apply (thesis §3.10). */
export function campaignAtOnce(state: ServerState): Decision {
  const campaign: Campaign = {
    requestId: 0,
    term: state.currentTerm,
    votes: [],
    writeId: 0,
    isLeadershipTransfer: true,
  };
  return decide({ ...state, campaign });
}

/** Of a voter, once; and not of one that may have voted before and forgotten it. */
function withVote(state: ServerState, from: string): Decision {
  const campaign = campaignOf(state);
  const isCounted = isVoter(state.log.configuration, from) && isReliable(state, from);
  if (campaign.votes.includes(from) || !isCounted) return decide(state);
  return decide({ ...state, campaign: { ...campaign, votes: [...campaign.votes, from] } });
}

function others(state: ServerState): readonly string[] {
  return memberIds(state.log.configuration).filter((id) => id !== state.id);
}

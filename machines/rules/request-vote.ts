/** Elections (Figure 2, "RequestVote RPC"; §5.2, §5.4.1; thesis §9.6 for the pre-vote). */
import { isPreVoteRound, others, requestsTo } from './campaign-requests.ts';
import { isVoter } from './configuration.ts';
import { andThen, type Decision, decide, explained } from './decision.ts';
import { isAtLeastAsUpToDate, type ServerId, type Term } from './entries.ts';
import type { Ballot, Election, Fact, Stage, VoteRefusal } from './facts.ts';
import {
  echoOf,
  type PreVote,
  type PreVoteResponse,
  type RequestVote,
  type RequestVoteResponse,
  type TimeoutNow,
} from './messages.ts';
import { hasQuorum, votesNeeded } from './quorum.ts';
import { type Campaign, campaignOf, type ServerState } from './state.ts';
import { type Cause, whyFollower } from './term-leader.ts';
import { isReliable } from './unreliable.ts';
import { persistTerm } from './writes.ts';

/**
 * A server gives one vote in a term, to the first who asks, and only if the candidate's log is at
 * least as up to date as its own (§5.2, §5.4.1).
 */
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
  const voted =
    state.votedFor === request.from
      ? decide(state)
      : persistTerm({ ...state, votedFor: request.from });
  return andThen(voted, (next) => answerVote(next, request, true));
}

export function refuseVote(state: ServerState, request: RequestVote): Decision {
  return answerVote(state, request, false);
}

function answerVote(state: ServerState, request: RequestVote, granted: boolean): Decision {
  const message: RequestVoteResponse = {
    type: 'RequestVoteResponse',
    ...echoOf(state, request),
    granted,
  };
  const answered = decide(state, [{ type: 'send', message, afterWrite: state.writes.decided }]);
  return explained(answered, () =>
    voteFact('vote', request.from, request.term, granted ? null : refusalOfVote(state, request)),
  );
}

function voteFact(stage: Stage, to: ServerId, term: Term, refusal: VoteRefusal | null): Fact {
  if (refusal === null) return { kind: 'grantedVote', stage, to, term };
  return { kind: 'refusedVote', stage, to, term, refusal };
}

/** Would we vote for it? Not while we hear from a leader, and a leader never (thesis §4.2.3, §9.6). */
export function refusalOfPreVote(state: ServerState, request: PreVote): VoteRefusal | null {
  return termNotNewer(state, request) ?? hasLeader(state) ?? logOutdated(state, request);
}

function termNotNewer(state: ServerState, { proposedTerm }: PreVote): VoteRefusal | null {
  const { currentTerm: own } = state;
  return proposedTerm > own ? null : { reason: 'wrong-term', own, candidate: proposedTerm };
}

/** Always answered; writes nothing, changes no term, restarts no timer (thesis §9.6). */
export function answerPreVote(state: ServerState, request: PreVote): Decision {
  const { from: to, requestId, proposedTerm } = request;
  const refusal = refusalOfPreVote(state, request);
  const message: PreVoteResponse = {
    type: 'PreVoteResponse',
    from: state.id,
    to,
    term: state.currentTerm,
    requestId,
    proposedTerm,
    granted: refusal === null,
  };
  const answered = decide(state, [{ type: 'send', message, afterWrite: 0 }]);
  return explained(answered, () => voteFact('pre-vote', to, proposedTerm, refusal));
}

/** Candidate: asks whether an election could be won, before it disturbs anybody (thesis §9.6). */
export function beginPreVote(state: ServerState): Decision {
  const requestId = state.requestId + 1;
  const campaign: Campaign = {
    requestId,
    term: state.currentTerm + 1,
    votes: [state.id],
    refusedBy: [],
    writeId: 0,
    isLeadershipTransfer: false,
  };
  const campaigning = { ...state, requestId, campaign, heardLeader: null };
  const asked = others(state);
  return explained(decide(campaigning, requestsTo(campaigning, asked)), () => {
    const why =
      state.campaign === null
        ? ({ reason: 'election-timeout' } as const)
        : ({ reason: 'no-majority', stage: electionOf(state).stage, ...ballotOf(state) } as const);
    const fact = { term: campaign.term, why, lastLog: state.log.last, asked };
    return asked.length === 0 ? null : { kind: 'askedForPreVotes', ...fact };
  });
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
  const isLeadershipTransfer = state.campaign?.isLeadershipTransfer ?? false;
  const asked = others(state);
  const asking = andThen(voted, (next) => {
    const { decided: writeId } = next.writes;
    const campaign: Campaign = {
      requestId,
      term,
      votes: [],
      refusedBy: [],
      writeId,
      isLeadershipTransfer,
    };
    const campaigning = { ...next, campaign };
    return decide(campaigning, requestsTo(campaigning, asked));
  });
  return explained(asking, () => ({
    kind: 'askedForVotes',
    why:
      isLeadershipTransfer && state.heardLeader !== null
        ? { reason: 'asked-by-leader', leader: state.heardLeader }
        : { reason: 'pre-votes', ...ballotOf(state) },
    term,
    lastLog: state.log.last,
    asked,
  }));
}

export function countPreVote(state: ServerState, response: PreVoteResponse): Decision {
  const { requestId, term } = campaignOf(state);
  const isOfThisCampaign = response.requestId === requestId && response.proposedTerm === term;
  return isOfThisCampaign ? withAnswer(state, response) : decide(state);
}

export function countVote(state: ServerState, response: RequestVoteResponse): Decision {
  const { requestId, term } = campaignOf(state);
  const isOfThisCampaign = response.requestId === requestId && response.requestTerm === term;
  return isOfThisCampaign ? withAnswer(state, response) : decide(state);
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

/** Elected, or a follower again: `cause` is the event that ended it. */
export function endCampaign(state: ServerState, cause: Cause): Decision {
  const ended = decide({ ...state, campaign: null });
  return explained(ended, () => {
    const why = whyFollower(state, cause);
    return why && { kind: 'steppedDown', as: 'candidate', term: state.currentTerm, why };
  });
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
    refusedBy: [],
    writeId: 0,
    isLeadershipTransfer: true,
  };
  return decide({ ...state, campaign });
}

function withAnswer(
  state: ServerState,
  { from, granted, term }: PreVoteResponse | RequestVoteResponse,
): Decision {
  if (granted) return withVote(state, from);
  const isFinal = term === campaignOf(state).term;
  const refused = decide(isFinal ? withRefusal(state, from) : state);
  return explained(refused, () => ({ kind: 'heardRefusal', from, ...electionOf(state) }));
}

/**
 * Whoever is in the term that it was asked for has voted for another in it, or has the better log: it
 * stays at that, and is not asked again. Whoever is not hears from a leader, perhaps for the last time.
 */
function withRefusal(state: ServerState, from: ServerId): ServerState {
  const campaign = campaignOf(state);
  if (campaign.refusedBy.includes(from)) return state;
  return { ...state, campaign: { ...campaign, refusedBy: [...campaign.refusedBy, from] } };
}

/** Of a voter, once; and not of one that may have voted before and forgotten it. */
function withVote(state: ServerState, from: ServerId): Decision {
  const campaign = campaignOf(state);
  const isCounted = isVoter(state.log.configuration, from) && isReliable(state, from);
  if (campaign.votes.includes(from) || !isCounted) {
    return explained(decide(state), () =>
      isReliable(state, from) ? null : { kind: 'ignoredVote', from, ...electionOf(state) },
    );
  }
  const counted = { ...state, campaign: { ...campaign, votes: [...campaign.votes, from] } };
  const election = electionOf(state);
  const isWon = election.stage === 'vote' && wonElection(counted);
  const won = explained(decide(counted), () =>
    isWon ? { kind: 'wonElection', term: election.term, ...ballotOf(counted) } : null,
  );
  return explained(won, () => ({ kind: 'countedVote', from, ...election, ...ballotOf(counted) }));
}

/** The round that a candidate is in, and the term it is for; a pre-vote's is ahead of its own. */
function electionOf(state: ServerState): Election {
  const { term } = campaignOf(state);
  return { stage: isPreVoteRound(state) ? 'pre-vote' : 'vote', term };
}

function ballotOf(state: ServerState): Ballot {
  return { votes: state.campaign?.votes ?? [], needed: votesNeeded(state.log.configuration) };
}

/** What happens to terms, votes and leaders, in words. */
import type {
  ElectionFact,
  Stage,
  Staleness,
  SteppingDown,
  VoteRefusal,
} from '../../../machines/rules/facts.ts';
import type { FeedFactOf } from '../feed-fact.ts';
import { count, list, type Sentences } from './phrases.ts';

export const electionSentences: Sentences<ElectionFact> = {
  askedForPreVotes: (fact) => {
    const { server, term, asked } = fact;
    return `${server} ${whyAsked(fact)}: it asks ${list(asked)} whether they would vote for it in term ${term}`;
  },
  askedForVotes: ({ server, why, term, asked }) => {
    // What it sends waits for that write.
    const own = 'once its own is on its disk';
    const asks = asked.length === 0 ? '' : `, and will ask ${list(asked)} for theirs ${own}`;
    const reason =
      why.reason === 'asked-by-leader'
        ? `was asked by ${why.leader} to take over`
        : `has the pre-votes of ${list(why.votes)}, and needs ${why.needed}`;
    return `${server} ${reason}: it votes for itself in term ${term}${asks}`;
  },
  grantedVote: ({ server, stage, to, term }) =>
    stage === 'vote'
      ? `${server} voted for ${to} in term ${term}`
      : `${server} would vote for ${to} in term ${term}`,
  refusedVote: ({ server, stage, to, term, refusal }) => {
    const vote = stage === 'vote' ? 'vote' : `pre-vote for term ${term}`;
    return `${server} refused ${to}'s ${vote}: ${whyRefused(`${server}`, to, refusal)}`;
  },
  countedVote: ({ server, stage, from, term, votes, needed }) => {
    const has =
      from === server
        ? `${server}'s own vote in term ${term} is on its disk`
        : `${server} has ${from}'s ${inTerm(stage, term)}`;
    return `${has}: ${votes.length} of the ${needed} it needs`;
  },
  heardRefusal: ({ server, stage, from, term }) =>
    `${server} does not get ${from}'s ${inTerm(stage, term)}`,
  ignoredVote: ({ server, stage, from, term }) =>
    `${server} does not count ${from}'s ${inTerm(stage, term)}: ${from} has lost entries that it had acknowledged, and may have forgotten a vote`,
  wonElection: ({ server, term, votes, needed }) =>
    `${server} won the election of term ${term}: it has the votes of ${list(votes)}, and needs ${needed}`,
  steppedDown: ({ server, as, term, why }) => {
    const what =
      as === 'leader' ? `stepped down as leader of term ${term}` : 'gave up its candidacy';
    return `${server} ${what}: ${whySteppedDown(why)}`;
  },
  adoptedTerm: ({ server, from, message, own, seen }) =>
    `${server} went from term ${own} to term ${seen}, which it learnt from ${from}'s ${message}`,
  followedLeader: ({ server, leader, term }) =>
    `${server} follows ${leader}, leader of term ${term}`,
  heardFromLeader: ({ server, leader, term }) =>
    `${server} heard from ${leader}, leader of term ${term}`,
  lostLeader: ({ server, leader, term, silentMs }) =>
    silentMs === null
      ? `${server} has lost its connection to ${leader}, leader of term ${term}`
      : `${server} has heard nothing from ${leader}, leader of term ${term}, for ${silentMs} ms: it no longer withholds its vote`,
  refusedOlderTerm: ({ server, from, message, own, theirs }) =>
    `${server} refused ${from}'s ${message}: it is of term ${theirs}, and ${server} is in term ${own}`,
  ignoredAnswer: ({ server, from, message, staleness }) =>
    `${server} ignored ${from}'s ${message}: ${whyStale(`${server}`, from, staleness)}`,
  offeredLeadership: ({ server, to, term, matchIndex }) =>
    `${server} asked ${to} to take over from it in term ${term}: ${to} stores its log through entry ${matchIndex}`,
};

function whyAsked({ why }: FeedFactOf<'askedForPreVotes'>): string {
  if (why.reason === 'election-timeout') return 'has waited long enough for a leader';
  const { stage, votes, needed } = why;
  return `has only ${count(votes.length, stage)} of the ${needed} it needs, and its time is up`;
}

function inTerm(stage: Stage, term: number): string {
  return stage === 'vote' ? `vote in term ${term}` : `pre-vote for term ${term}`;
}

function whyRefused(voter: string, candidate: string, refusal: VoteRefusal): string {
  switch (refusal.reason) {
    case 'wrong-term': {
      const { own, candidate: asked } = refusal;
      return own === asked
        ? `it is in term ${own} itself`
        : `${candidate} asked for term ${asked}, and ${voter} is in term ${own}`;
    }
    case 'already-voted': {
      const whom = refusal.votedFor === voter ? 'itself' : refusal.votedFor;
      return `it has voted for ${whom} in term ${refusal.term}`;
    }
    case 'hears-leader':
      return refusal.leader === voter
        ? `it leads term ${refusal.term} itself`
        : `it hears from ${refusal.leader}, leader of term ${refusal.term}`;
    case 'log-behind': {
      const { own, candidate: shown } = refusal;
      return own.term === shown.term
        ? `its log ends at entry ${own.index}, ${candidate}'s at entry ${shown.index}, both in term ${own.term}`
        : `its log ends in term ${own.term}, ${candidate}'s in term ${shown.term}`;
    }
  }
}

function whySteppedDown(why: SteppingDown): string {
  switch (why.reason) {
    case 'newer-term':
      return `${why.from} is in term ${why.seen}, and it is in term ${why.own}`;
    case 'quorum-silent': {
      const { heard, needed, silentMs } = why;
      const whom = heard.length === 1 ? 'nobody but itself' : `${list(heard)} only`;
      return `it heard from ${whom} within ${silentMs} ms, and needs ${needed}`;
    }
    case 'leader-found':
      return `${why.leader} leads term ${why.term}`;
    case 'vote-given':
      return `it votes for ${why.to} in term ${why.term}`;
  }
}

function whyStale(server: string, from: string, staleness: Staleness): string {
  switch (staleness.reason) {
    case 'responder-behind':
      return `${from} is in term ${staleness.responder}, and ${server} in term ${staleness.own}`;
    case 'asked-in-another-term':
      return `it answers what was asked in term ${staleness.asked}, and ${server} is in term ${staleness.own}`;
  }
}

/** What happens to terms, votes and leaders (§5.1, §5.2, §5.4.1; thesis §3.10, §4.2.3, §6.2, §9.6). */
import type { EntryPosition, ServerId, Term } from '../../machines/rules/entries.ts';
import { heardSinceCheck } from '../../machines/rules/leadership.ts';
import type { Message, MessageType } from '../../machines/rules/messages.ts';
import { majorityOf } from '../../machines/rules/quorum.ts';
import {
  countOwnVote,
  countPreVote,
  countVote,
  refusalOfPreVote,
  refusalOfVote,
  type VoteRefusal,
} from '../../machines/rules/request-vote.ts';
import type { ServerState } from '../../machines/rules/state.ts';
import { isRequestOfOlderTerm, type Staleness, stalenessOf } from '../../machines/rules/terms.ts';
import { isReliable } from '../../machines/rules/unreliable.ts';
import { recordWrites } from '../../machines/rules/writes.ts';
import { messageOf, type NextStep, sendsOf } from './step.ts';

export type Stage = 'pre-vote' | 'vote';

/** Whose votes a candidate has, and how many it takes. */
export interface Ballot {
  readonly votes: readonly ServerId[];
  readonly needed: number;
}

export type ElectionFact =
  | {
      readonly kind: 'askedForPreVotes';
      readonly why:
        | { readonly reason: 'election-timeout' }
        /** It asks again: the last time there were too few. */
        | ({ readonly reason: 'no-majority'; readonly stage: Stage } & Ballot);
      readonly term: Term;
      readonly lastLog: EntryPosition;
      readonly asked: readonly ServerId[];
    }
  | {
      readonly kind: 'askedForVotes';
      readonly why:
        | ({ readonly reason: 'pre-votes' } & Ballot)
        | { readonly reason: 'asked-by-leader'; readonly leader: ServerId };
      readonly term: Term;
      readonly lastLog: EntryPosition;
      readonly asked: readonly ServerId[];
    }
  | {
      readonly kind: 'grantedVote';
      readonly stage: Stage;
      readonly to: ServerId;
      readonly term: Term;
    }
  | {
      readonly kind: 'refusedVote';
      readonly stage: Stage;
      readonly to: ServerId;
      readonly term: Term;
      readonly refusal: VoteRefusal;
    }
  | ({
      readonly kind: 'countedVote';
      readonly stage: Stage;
      readonly from: ServerId;
      readonly term: Term;
    } & Ballot)
  | {
      readonly kind: 'heardRefusal';
      readonly stage: Stage;
      readonly from: ServerId;
      readonly term: Term;
    }
  /** Of a voter that has lost entries, and perhaps an earlier vote with them. */
  | {
      readonly kind: 'ignoredVote';
      readonly stage: Stage;
      readonly from: ServerId;
      readonly term: Term;
    }
  | ({ readonly kind: 'wonElection'; readonly term: Term } & Ballot)
  | {
      readonly kind: 'steppedDown';
      readonly as: 'candidate' | 'leader';
      readonly term: Term;
      readonly why: SteppingDown;
    }
  | {
      readonly kind: 'adoptedTerm';
      readonly from: ServerId;
      readonly message: MessageType;
      readonly own: Term;
      readonly seen: Term;
    }
  | { readonly kind: 'followedLeader'; readonly leader: ServerId; readonly term: Term }
  | { readonly kind: 'heardFromLeader'; readonly leader: ServerId; readonly term: Term }
  | {
      readonly kind: 'lostLeader';
      readonly leader: ServerId;
      readonly term: Term;
      /** For how long it was silent; null: the connection was lost. */
      readonly silentMs: number | null;
    }
  | {
      readonly kind: 'refusedOlderTerm';
      readonly from: ServerId;
      readonly message: MessageType;
      readonly own: Term;
      readonly theirs: Term;
    }
  | {
      readonly kind: 'ignoredAnswer';
      readonly from: ServerId;
      readonly message: MessageType;
      readonly staleness: Staleness;
    }
  | {
      readonly kind: 'offeredLeadership';
      readonly to: ServerId;
      readonly term: Term;
      readonly matchIndex: number;
    };

export type SteppingDown =
  | {
      readonly reason: 'newer-term';
      readonly from: ServerId;
      readonly own: Term;
      readonly seen: Term;
    }
  | {
      readonly reason: 'quorum-silent';
      readonly heard: readonly ServerId[];
      readonly needed: number;
      readonly silentMs: number;
    }
  | { readonly reason: 'leader-found'; readonly leader: ServerId; readonly term: Term }
  | { readonly reason: 'vote-given'; readonly to: ServerId; readonly term: Term };

export function electionsOf(step: NextStep): readonly ElectionFact[] {
  return [...ofGate(step), ...ofLeader(step), ...ofVoter(step), ...ofCandidate(step)];
}

/** What the gate made of the message (§5.1): asked of the state that it came upon. */
function ofGate(step: NextStep): ElectionFact[] {
  const message = messageOf(step);
  const { before, after, roleBefore, role } = step;
  if (message === null || message.type === 'PreVote') return [];
  const { from, term: seen, type } = message;
  const { currentTerm: own } = before;
  if (seen > own && after.currentTerm >= seen) {
    if (roleBefore === 'follower') return [{ kind: 'adoptedTerm', from, message: type, own, seen }];
    const why = { reason: 'newer-term', from, own, seen } as const;
    return [{ kind: 'steppedDown', as: roleBefore, term: own, why }];
  }
  const staleness = stalenessOf(before, message);
  if (staleness !== null) return [{ kind: 'ignoredAnswer', from, message: type, staleness }];
  // A refused vote is told with its reason, which is the same.
  if (isRequestOfOlderTerm(before, message) && type !== 'RequestVote') {
    return [{ kind: 'refusedOlderTerm', from, message: type, own, theirs: seen }];
  }
  const gaveUp = roleBefore === 'candidate' && role === 'follower';
  return gaveUp
    ? [{ kind: 'steppedDown', as: 'candidate', term: own, why: whyGaveUp(message) }]
    : [];
}

function whyGaveUp({
  type,
  from,
  ...message
}: Exclude<Message, { type: 'PreVote' }>): SteppingDown {
  const { term } = message;
  return type === 'RequestVote'
    ? { reason: 'vote-given', to: from, term }
    : { reason: 'leader-found', leader: from, term };
}

/** Whom it hears from, or no longer does (§5.2; thesis §4.2.3), and what ends a leadership. */
function ofLeader(step: NextStep): ElectionFact[] {
  const { before, after, roleBefore, role, event } = step;
  const { currentTerm: term, heardLeader: leader } = after;
  const facts: ElectionFact[] = [];
  const timing = before.parameters.timing;
  const isCutOff = roleBefore === 'leader' && role === 'follower' && term === before.currentTerm;
  if (isCutOff) {
    const needed = neededIn(before);
    const heard = heardSinceCheck(before);
    const why = { reason: 'quorum-silent', heard, needed, silentMs: timing.electionTimeoutMinMs };
    facts.push({ kind: 'steppedDown', as: 'leader', term, why } as ElectionFact);
  }
  const isOurs = roleBefore === 'follower' && role === 'follower' && before.currentTerm === term;
  if (isOurs && before.heardLeader !== null && leader === null) {
    const silentMs = event?.type === 'connection.lost' ? null : timing.electionTimeoutMinMs;
    facts.push({ kind: 'lostLeader', leader: before.heardLeader, term, silentMs });
  }
  const message = messageOf(step);
  const isWord = message?.type === 'AppendEntries' || message?.type === 'InstallSnapshot';
  if (role === 'follower' && isWord && leader === message.from && message.term === term) {
    const isKnown = before.heardLeader === leader && before.currentTerm === term;
    facts.push({ kind: isKnown ? 'heardFromLeader' : 'followedLeader', leader, term });
  }
  for (const { to } of sendsOf(step, 'TimeoutNow')) {
    const follower = after.leadership?.followers.find(({ id }) => id === to);
    facts.push({ kind: 'offeredLeadership', to, term, matchIndex: follower?.matchIndex ?? 0 });
  }
  return facts;
}

/** Its votes: a refusal leaves the state as it was judged, so the rule is asked again (§5.2). */
function ofVoter(step: NextStep): ElectionFact[] {
  const message = messageOf(step);
  const { after } = step;
  if (message?.type === 'PreVote') {
    const { from: to, proposedTerm: term } = message;
    const stage = 'pre-vote';
    const refusal = refusalOfPreVote(after, message);
    if (refusal === null) return [{ kind: 'grantedVote', stage, to, term }];
    return [{ kind: 'refusedVote', stage, to, term, refusal }];
  }
  if (message?.type !== 'RequestVote') return [];
  const { from: to, term } = message;
  const stage = 'vote';
  const refusal = refusalOfVote(after, message);
  if (refusal === null) return [{ kind: 'grantedVote', stage, to, term }];
  return [{ kind: 'refusedVote', stage, to, term, refusal }];
}

function ofCandidate(step: NextStep): ElectionFact[] {
  const { before, after, roleBefore, role } = step;
  if (roleBefore === 'candidate' && role === 'leader') {
    return [{ kind: 'wonElection', term: after.currentTerm, ...ballotIn(step) }];
  }
  if (after.campaign === null) return [];
  const isNew = after.campaign.requestId !== before.campaign?.requestId;
  return isNew ? [campaignOf(step)] : answerOf(step);
}

/** Another campaign than before: with a term above our own it is a pre-vote (thesis §9.6). */
function campaignOf(step: NextStep): ElectionFact {
  const { before, after } = step;
  const message = messageOf(step);
  const term = after.campaign?.term ?? after.currentTerm;
  const lastLog = after.log.last;
  if (term === after.currentTerm) {
    const asked = sendsOf(step, 'RequestVote').map(({ to }) => to);
    const why =
      message?.type === 'TimeoutNow'
        ? ({ reason: 'asked-by-leader', leader: message.from } as const)
        : ({ reason: 'pre-votes', ...ballotIn(step) } as const);
    return { kind: 'askedForVotes', why, term, lastLog, asked };
  }
  const asked = sendsOf(step, 'PreVote').map(({ to }) => to);
  const why =
    before.campaign === null
      ? ({ reason: 'election-timeout' } as const)
      : ({ reason: 'no-majority', stage: stageIn(before), ...ballotOf(before) } as const);
  return { kind: 'askedForPreVotes', why, term, lastLog, asked };
}

/** A vote that counts, or a refusal; a candidate's own counts when it is durable (§5.2). */
function answerOf(step: NextStep): ElectionFact[] {
  const { before, after, server } = step;
  const message = messageOf(step);
  const stage = stageIn(after);
  const term = after.campaign?.term ?? after.currentTerm;
  const isAnswer = message?.type === 'PreVoteResponse' || message?.type === 'RequestVoteResponse';
  const from = isAnswer ? message.from : server;
  const ballot = ballotOf(after);
  if (ballot.votes.length > (before.campaign?.votes.length ?? 0)) {
    return [{ kind: 'countedVote', stage, from, term, ...ballot }];
  }
  if (!isAnswer || message.requestId !== after.campaign?.requestId) return [];
  if (!message.granted) return [{ kind: 'heardRefusal', stage, from, term }];
  return isReliable(after, from) ? [] : [{ kind: 'ignoredVote', stage, from, term }];
}

function stageIn({ campaign, currentTerm }: ServerState): Stage {
  return campaign !== null && campaign.term > currentTerm ? 'pre-vote' : 'vote';
}

function ballotOf(state: ServerState): Ballot {
  return { votes: state.campaign?.votes ?? [], needed: neededIn(state) };
}

/** The votes that decided: the campaign is over by now, so the last one is counted once more. */
function ballotIn(step: NextStep): Ballot {
  const { before, event } = step;
  const message = messageOf(step);
  if (before.campaign === null) return { votes: [step.server], needed: neededIn(step.after) };
  if (message?.type === 'PreVoteResponse') return ballotOf(countPreVote(before, message).state);
  if (message?.type === 'RequestVoteResponse') return ballotOf(countVote(before, message).state);
  if (event?.type !== 'storage.persisted') return ballotOf(before);
  return ballotOf(countOwnVote(recordWrites(before, event).state).state);
}

function neededIn({ log }: ServerState): number {
  return majorityOf(log.configuration.servers.filter(({ votes }) => votes).length);
}

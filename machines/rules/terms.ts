/**
 * The gate (Figure 2, "Rules for Servers, All Servers"; §5.1): adopt a newer term, refuse an older
 * one. Asked once, before any role sees a message.
 */
import { type Decision, decide, explained } from './decision.ts';
import type { Fact, Staleness } from './facts.ts';
import { echoOf, type Message, type RequestMessage, type ResponseMessage } from './messages.ts';
import { refusalOfVote } from './request-vote.ts';
import { hearsFromLeader, type ServerState } from './state.ts';
import { persistTerm } from './writes.ts';

/**
 * It is for another server, or in our own name: a mistake on the way, or a forgery. It is dropped and
 * teaches nothing. Nobody is answered, for who is said to have asked has not; nor is it a reason to
 * stop, for nothing has gone wrong here. Whether its sender is a member is not asked: the leader may
 * have been added by an entry that we lack (§6).
 */
export function isMisaddressed({ id }: ServerState, { from, to }: Message): boolean {
  return to !== id || from === id;
}

/**
 * Whether the message may teach us its term. A `PreVote` never does (thesis §9.6); a `RequestVote`
 * does not while we hear from a leader (thesis §4.2.3), unless that leader asked for the election
 * or is itself the candidate.
 */
export function mayAdoptTerm(state: ServerState, message: Message): boolean {
  if (isMisaddressed(state, message)) return false;
  if (message.type === 'PreVote' || message.term <= state.currentTerm) return false;
  if (message.type !== 'RequestVote') return true;
  return (
    !hearsFromLeader(state) || message.isLeadershipTransfer || message.from === state.heardLeader
  );
}

/** A newer term: no vote cast in it yet, and no leader of it known (§5.1). */
export function adoptTerm(state: ServerState, message: Message): Decision {
  if (message.type === 'PreVote') return decide(state);
  const adopted = persistTerm({
    ...state,
    currentTerm: message.term,
    votedFor: null,
    termLeader: null,
    heardLeader: null,
  });
  const { from, type, term: seen } = message;
  const { currentTerm: own } = state;
  return explained(adopted, () => ({ kind: 'adoptedTerm', from, message: type, own, seen }));
}

/** A request of a deposed leader or an outrun candidate (§5.1: "rejects the request"). */
export function isRequestOfOlderTerm(state: ServerState, message: Message): boolean {
  return isRequest(message) && message.type !== 'PreVote' && message.term < state.currentTerm;
}

export function isStaleResponse(state: ServerState, message: Message): boolean {
  return stalenessOf(state, message) !== null;
}

/**
 * The responder has fallen behind us, or it answers what we asked in another term; null when the
 * answer may count. `PreVoteResponse` is judged by the term it was asked for instead.
 */
export function stalenessOf(state: ServerState, message: Message): Staleness | null {
  if (isRequest(message) || message.type === 'PreVoteResponse') return null;
  const { currentTerm: own } = state;
  const { term: responder, requestTerm: asked } = message;
  if (responder < own) return { reason: 'responder-behind', own, responder };
  if (asked !== own) return { reason: 'asked-in-another-term', own, asked };
  return null;
}

/** Swallowed; who listens is told why. */
export function ignoreResponse(state: ServerState, message: Message): Decision {
  const { from, type } = message;
  return explained(decide(state), () => {
    const staleness = stalenessOf(state, message);
    return staleness && { kind: 'ignoredAnswer', from, message: type, staleness };
  });
}

/** Tells the sender our term, which is how a leader learns of a server ahead of it (§5.1). */
export function refuseOlderTerm(state: ServerState, message: Message): Decision {
  const refusal = refusalOf(state, message);
  const refused =
    refusal === null
      ? decide(state)
      : decide(state, [{ type: 'send', message: refusal, afterWrite: state.writes.decided }]);
  return explained(refused, () => factOf(state, message));
}

function isRequest(message: Message): message is RequestMessage {
  return !message.type.endsWith('Response');
}

function factOf(state: ServerState, message: Message): Fact | null {
  if (message.type === 'PreVote') return null;
  const { from, type, term: theirs } = message;
  if (type !== 'RequestVote') {
    return { kind: 'refusedOlderTerm', from, message: type, own: state.currentTerm, theirs };
  }
  const refusal = refusalOfVote(state, message);
  return refusal && { kind: 'refusedVote', stage: 'vote', to: from, term: theirs, refusal };
}

function refusalOf(state: ServerState, message: Message): ResponseMessage | null {
  if (message.type === 'PreVote' || !isRequest(message)) return null;
  const echo = echoOf(state, message);
  switch (message.type) {
    case 'RequestVote':
      return { type: 'RequestVoteResponse', ...echo, granted: false };
    case 'AppendEntries':
      return {
        type: 'AppendEntriesResponse',
        ...echo,
        success: false,
        matchIndex: 0,
        prevLogIndex: message.prevLogIndex,
        hintIndex: 0,
        hintTerm: 0,
      };
    case 'InstallSnapshot':
      return {
        type: 'InstallSnapshotResponse',
        ...echo,
        snapshotId: message.snapshot.id,
        nextOffset: 0,
        isDone: false,
      };
    case 'TimeoutNow':
      return null;
  }
}

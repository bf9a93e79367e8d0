/**
 * What the leader makes of its followers' answers (Figure 2, "Leaders"; §5.3; Figure 13): it alone
 * raises `matchIndex`, and only then the follower's replication actor is told.
 */
import { advanceCommitIndex } from './commitment.ts';
import { andThen, type Decision, decide, explained } from './decision.ts';
import type { LogIndex } from './entries.ts';
import type { AppendEntriesResponse, InstallSnapshotResponse } from './messages.ts';
import { followerOf, withFollower } from './replication.ts';
import type { ReplicationEvent } from './replication-events.ts';
import type { Follower, ServerState } from './state.ts';
import { distrust, hasCaughtUp, trustAgain } from './unreliable.ts';

/** Answers count from members only, and teach two facts: it lives, and what it stores (§5.3). */
export function recordAppendEntriesResponse(
  state: ServerState,
  response: AppendEntriesResponse,
): Decision {
  const follower = followerOf(state, response.from);
  if (follower === undefined) return decide(state);
  const heard = heardFrom(follower, response);
  return response.success ? accepted(state, heard, response) : refused(state, heard, response);
}

/** Any answer of the current term shows that the follower lives, and which request it has seen. */
function heardFrom(follower: Follower, { requestId }: { readonly requestId: number }): Follower {
  // Written out, as each answer copies the one before: see `writtenOut`.
  return {
    id: follower.id,
    matchIndex: follower.matchIndex,
    matchedAt: follower.matchedAt,
    lastAcknowledgedRequest: Math.max(follower.lastAcknowledgedRequest, requestId),
    missedQuorumChecks: 0,
    transfer: follower.transfer,
    hasLostEntries: follower.hasLostEntries,
  };
}

function accepted(state: ServerState, heard: Follower, response: AppendEntriesResponse): Decision {
  if (hasCaughtUp(state, heard, response)) return caughtUp(state, heard, response);
  const learnt = withMatch(state, heard, response.matchIndex);
  const { matchIndex } = learnt;
  const event: ReplicationEvent = {
    type: 'append.accepted',
    requestId: response.requestId,
    matchIndex,
  };
  const recorded = decide(withFollower(state, learnt), [], [{ follower: heard.id, event }]);
  return matchIndex === heard.matchIndex
    ? recorded
    : commitMore(state, recorded, heard, matchIndex);
}

/** More is known to be stored at that follower: more may be committed. */
function commitMore(
  state: ServerState,
  recorded: Decision,
  { id: follower, matchIndex: from }: Follower,
  through: LogIndex,
): Decision {
  const raised = explained(recorded, () =>
    through > from ? { kind: 'raisedMatchIndex', follower, from, through } : null,
  );
  return andThen(raised, (next) => advanceCommitIndex(next, state));
}

/** `matchIndex` never falls, whatever arrives late, and never passes our own last index (§5.3). */
function withMatch(state: ServerState, follower: Follower, matchIndex: LogIndex): Follower {
  const learnt = Math.min(matchIndex, state.log.lastIndex);
  if (learnt <= follower.matchIndex) return follower;
  return { ...follower, matchIndex: learnt, matchedAt: state.requestId };
}

function refused(state: ServerState, heard: Follower, response: AppendEntriesResponse): Decision {
  const { requestId, prevLogIndex, hintIndex } = response;
  const isBelowMatch = hintIndex < heard.matchIndex || prevLogIndex <= heard.matchIndex;
  if (isBelowMatch && requestId > heard.matchedAt) return lostEntries(state, heard, response);
  const nextIndex = agreedIndex(state, response) + 1;
  const agrees = state.log.holds({ index: hintIndex, term: response.hintTerm });
  const event: ReplicationEvent = {
    type: 'append.refused',
    requestId,
    prevLogIndex,
    nextIndex,
    agrees,
  };
  const { id: follower } = heard;
  const moved = decide(withFollower(state, heard), [], [{ follower, event }]);
  return explained(moved, () => {
    if (heard.hasLostEntries || prevLogIndex <= heard.matchIndex) return null;
    const hint = { index: hintIndex, term: response.hintTerm };
    return { kind: 'learntMismatch', follower, index: prevLogIndex, hint, agree: nextIndex - 1 };
  });
}

/** Where the logs may still agree, as far as both sides' terms tell (§5.3, the last paragraphs). */
export function agreedIndex(
  { log }: ServerState,
  { hintIndex, hintTerm }: AppendEntriesResponse,
): LogIndex {
  return hintIndex < log.base.index
    ? hintIndex
    : log.lastIndexAtMost({ index: hintIndex, term: hintTerm });
}

/** It no longer has what it had acknowledged: its disk has forgotten, and it may forget a vote too. */
function lostEntries(
  state: ServerState,
  heard: Follower,
  { hintIndex }: AppendEntriesResponse,
): Decision {
  const message =
    `${heard.id} has lost entries: it had acknowledged ${heard.matchIndex} in term ` +
    `${state.currentTerm}, and now has at most ${hintIndex}. It gets no more entries and counts in no ` +
    'majority until it has them again; replace its storage.';
  const { id: follower, matchIndex: acknowledged } = heard;
  const lost = decide(
    withFollower(distrust(state, heard), { ...heard, transfer: null, hasLostEntries: true }),
    heard.hasLostEntries ? [] : [{ type: 'warn', message }],
    [{ follower, event: { type: 'acknowledgements.lost' } }],
  );
  return explained(lost, () =>
    heard.hasLostEntries
      ? null
      : { kind: 'foundEntriesLost', follower, acknowledged, has: hintIndex },
  );
}

/**
 * What it had acknowledged is there again: it counts, and is fed (see `unreliable.ts`). What it echoed
 * meanwhile does not: it may have answered a later request before this one, and without its entries.
 */
function caughtUp(
  state: ServerState,
  heard: Follower,
  { requestId, matchIndex }: { readonly requestId: number; readonly matchIndex: LogIndex },
): Decision {
  const { id } = heard;
  const learnt = {
    ...withMatch(state, heard, matchIndex),
    lastAcknowledgedRequest: requestId,
    hasLostEntries: false,
  };
  const message =
    `${id} has all that it had acknowledged again, through ${learnt.matchIndex}: it counts in ` +
    'majorities. Its storage had lost it before; find out why.';
  const accepted: ReplicationEvent = {
    type: 'append.accepted',
    requestId,
    matchIndex: learnt.matchIndex,
  };
  const events: readonly ReplicationEvent[] = heard.hasLostEntries
    ? [accepted, { type: 'acknowledgements.regained' }]
    : [accepted];
  const outgoing = events.map((event) => ({ follower: id, event }));
  const trusted = withFollower(trustAgain(state, id), learnt);
  const regained = explained(decide(trusted, [{ type: 'warn', message }], outgoing), () => ({
    kind: 'foundEntriesAgain',
    follower: id,
    through: learnt.matchIndex,
  }));
  return andThen(regained, (next) => advanceCommitIndex(next, state));
}

/** A chunk has arrived, or the whole is installed and durable (Figure 13). */
export function recordInstallSnapshotResponse(
  state: ServerState,
  response: InstallSnapshotResponse,
): Decision {
  const follower = followerOf(state, response.from);
  if (follower === undefined) return decide(state);
  const heard = heardFrom(follower, response);
  const { transfer } = follower;
  if (transfer?.id !== response.snapshotId) return decide(withFollower(state, heard));
  const { requestId, nextOffset, isDone } = response;
  const learnt = isDone ? { ...withMatch(state, heard, transfer.index), transfer: null } : heard;
  const event: ReplicationEvent = { type: 'chunk.accepted', requestId, nextOffset, isDone };
  const recorded = decide(withFollower(state, learnt), [], [{ follower: heard.id, event }]);
  return commitMore(state, recorded, heard, learnt.matchIndex);
}

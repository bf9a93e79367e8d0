/** What begins and ends with leading (§5.2, §8; thesis §6.2 for the quorum check). */
import { advanceCommitIndex } from './commitment.ts';
import { isVoter, memberIds } from './configuration.ts';
import { andThen, type Decision, decide, explained } from './decision.ts';
import { type Entry, type EntryType, NO_BYTES, type ServerId } from './entries.ts';
import type { SteppingDown } from './facts.ts';
import { quorumCheckIntervalMs } from './parameters.ts';
import { hasQuorum, votesNeeded } from './quorum.ts';
import { rejectReads } from './reads.ts';
import { completed, encodeSettings } from './sessions.ts';
import { type Follower, type Leadership, leadershipOf, type ServerState } from './state.ts';
import { type Cause, whyFollower } from './term-leader.ts';
import { reliableFollowers } from './unreliable.ts';
import { append } from './writes.ts';

/**
 * A new leader knows nothing of its followers yet (Figure 2), and appends an empty entry (§8). Where
 * the replicated settings are of an earlier version, it appends those they lack right behind it.
 */
export function becomeLeader(state: ServerState): Decision {
  const { log, id, requestId, writes } = state;
  const leadership: Leadership = {
    firstIndex: log.lastIndex + 1,
    firstWrite: writes.decided + 1,
    ownMatchIndex: 0,
    followers: memberIds(log.configuration)
      .filter((member) => member !== id)
      .map(newFollower),
    reads: [],
    checkedAt: requestId,
    clock: null,
  };
  const leading = { ...state, termLeader: id, heardLeader: id, leadership };
  if (!state.parameters.appendsEmptyEntry) return decide(leading);
  const entries = [firstEntry(state, 1, 'empty', NO_BYTES)];
  const settings = log.settingsAt(log.lastIndex);
  const complete = completed(settings);
  if (complete !== settings) {
    entries.push(firstEntry(state, 2, 'settings', encodeSettings(complete)));
  }
  return append(leading, entries, 'election');
}

/** Of its own: the first entry of its term, or the second. */
function firstEntry(
  { log, currentTerm }: ServerState,
  place: number,
  type: EntryType,
  bytes: Uint8Array,
): Entry {
  return { index: log.lastIndex + place, term: currentTerm, time: log.lastTime, type, bytes };
}

function newFollower(id: string): Follower {
  return {
    id,
    matchIndex: 0,
    matchedAt: 0,
    lastAcknowledgedRequest: 0,
    missedQuorumChecks: 0,
    transfer: null,
    hasLostEntries: false,
  };
}

/** The leader counts itself only for what its own disk has confirmed in this leadership (§5.3). */
export function countOwnWrites(
  state: ServerState,
  { writeId, now }: { writeId: number; now: number },
): Decision {
  const leadership = leadershipOf(state);
  if (writeId < leadership.firstWrite) return decide(state);
  const ownMatchIndex = Math.max(leadership.ownMatchIndex, state.writes.durableIndex);
  const clock = leadership.clock ?? { now, time: state.log.lastTime };
  const counted = { ...state, leadership: { ...leadership, ownMatchIndex, clock } };
  return advanceCommitIndex(counted, state);
}

/** Whether a majority has answered something that was asked since the last check (thesis §6.2). */
export function hearsFromQuorum(state: ServerState): boolean {
  return hasQuorum(state.log.configuration, heardSinceCheck(state));
}

/** Who has, ourselves included, and counts. */
export function heardSinceCheck(state: ServerState): readonly ServerId[] {
  const { checkedAt } = leadershipOf(state);
  const heard = reliableFollowers(state).filter(
    ({ lastAcknowledgedRequest }) => lastAcknowledgedRequest > checkedAt,
  );
  return [state.id, ...heard.map(({ id }) => id)];
}

export function recordQuorumCheck(state: ServerState): Decision {
  const leadership = leadershipOf(state);
  const followers = leadership.followers.map((follower) => ({
    ...follower,
    missedQuorumChecks: follower.missedQuorumChecks + 1,
  }));
  return decide({ ...state, leadership: { ...leadership, followers, checkedAt: state.requestId } });
}

/**
 * Asks the voter that has most to campaign at once, so that nobody need time out (thesis §3.10). Of
 * two that have as much, the one that answered last: the other may be gone.
 */
export function transferLeadership(state: ServerState): Decision {
  const { configuration } = state.log;
  const [successor] = reliableFollowers(state)
    .filter(({ id }) => isVoter(configuration, id))
    .sort(
      (a, b) =>
        b.matchIndex - a.matchIndex || b.lastAcknowledgedRequest - a.lastAcknowledgedRequest,
    );
  if (successor === undefined) return decide(state);
  const requestId = state.requestId + 1;
  const { id: from, currentTerm: term } = state;
  const message = { type: 'TimeoutNow', from, to: successor.id, term, requestId } as const;
  const asked = decide({ ...state, requestId }, [{ type: 'send', message, afterWrite: 0 }]);
  const { id: to, matchIndex } = successor;
  return explained(asked, () => ({ kind: 'offeredLeadership', to, term, matchIndex }));
}

/** Nothing of a leadership survives it: reads are refused, proposals are on their own (§8). */
export function resign(state: ServerState, cause: Cause): Decision {
  const { reads } = leadershipOf(state);
  const waiting = reads.flatMap((read) => read.ids);
  const { currentTerm: term } = state;
  const ended = { ...state, heardLeader: null, leadership: null };
  const refused = waiting.length === 0 ? decide(ended) : rejectReads(ended, waiting, 'not-leader');
  const resigned = andThen(refused, (next) => decide(next, [{ type: 'leadershipLost', term }]));
  return explained(resigned, () => {
    const why = cause.type.startsWith(QUORUM_CHECK)
      ? quorumSilent(state)
      : whyFollower(state, cause);
    return why && { kind: 'steppedDown', as: 'leader', term, why };
  });
}

const QUORUM_CHECK = 'xstate.after.quorumCheckInterval';

function quorumSilent(state: ServerState): SteppingDown {
  const { log, parameters } = state;
  return {
    reason: 'quorum-silent',
    heard: heardSinceCheck(state),
    needed: votesNeeded(log.configuration),
    silentMs: quorumCheckIntervalMs(parameters.timing),
  };
}

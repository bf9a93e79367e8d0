/** What begins and ends with leading (§5.2, §8; thesis §6.2 for the quorum check). */
import { advanceCommitIndex } from './commitment.ts';
import { isVoter, memberIds } from './configuration.ts';
import { andThen, type Decision, decide } from './decision.ts';
import type { Effect } from './effects.ts';
import { type Entry, type EntryType, NO_BYTES, type ServerId } from './entries.ts';
import { hasQuorum, quorumValue } from './quorum.ts';
import { completed, encodeSettings } from './sessions.ts';
import { type Follower, type Leadership, leadershipOf, type ServerState } from './state.ts';
import { isReliable } from './unreliable.ts';
import { persist } from './writes.ts';

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
  return persist({ ...leading, log: log.append(entries) }, { entries });
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
  return advanceCommitIndex(counted);
}

/**
 * The greatest request number that a majority, ourselves included, has echoed in this term. Whoever
 * has lost entries may have forgotten a newer term, too: its echo does not show that we still lead.
 */
export function acknowledgedByQuorum(state: ServerState): number {
  const followers = reliableFollowers(state);
  return quorumValue(state.log.configuration, (id) =>
    id === state.id
      ? Number.POSITIVE_INFINITY
      : (followers.find((follower) => follower.id === id)?.lastAcknowledgedRequest ?? 0),
  );
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

function reliableFollowers(state: ServerState): readonly Follower[] {
  return leadershipOf(state).followers.filter(({ id }) => isReliable(state, id));
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
  return decide({ ...state, requestId }, [{ type: 'send', message, afterWrite: 0 }]);
}

/** Nothing of a leadership survives it: reads are refused, proposals are on their own (§8). */
export function resign(state: ServerState): Decision {
  const { reads } = leadershipOf(state);
  const waiting = reads.flatMap((read) => read.ids);
  const refusals: Effect[] =
    waiting.length === 0
      ? []
      : [{ type: 'rejectReads', reads: waiting, reason: 'not-leader', leader: null }];
  return andThen(decide(state, refusals), (next) =>
    decide({ ...next, heardLeader: null, leadership: null }, [
      { type: 'leadershipLost', term: state.currentTerm },
    ]),
  );
}

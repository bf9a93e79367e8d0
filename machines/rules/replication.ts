/**
 * Replication, the leader's side (Figure 2, "Leaders"; §5.3; Figure 13): what the leader and its
 * replication actors say to each other, and what the leader makes of it.
 *
 * The actor asks for ranges, heartbeats and chunks; the leader builds the messages from its own log
 * and numbers them. Answers reach the leader first, which alone raises `matchIndex`.
 */
import { type Decision, decide, explained } from './decision.ts';
import type { Effect } from './effects.ts';
import type { LogIndex, ServerId } from './entries.ts';
import { invariant } from './invariant.ts';
import type { AppendEntries } from './messages.ts';
import type {
  InFlight,
  ReplicationEvent,
  ReplicationInput,
  ReplicationRequest,
} from './replication-events.ts';
import {
  type Follower,
  type Leadership,
  leadershipOf,
  type ServerState,
  type SnapshotPointer,
} from './state.ts';

/** One actor per follower, for as long as this server leads (Figure 2, "Leaders"). */
export function replicationInputs(state: ServerState): readonly ReplicationInput[] {
  const { messagesInFlightMax, bytesInFlightMax, timing } = state.parameters;
  const { followers, firstIndex } = leadershipOf(state);
  return followers.map(({ id }) => ({
    follower: id,
    nextIndex: firstIndex,
    lastLogIndex: state.log.lastIndex,
    messagesInFlightMax,
    bytesInFlightMax,
    heartbeatIntervalMs: timing.heartbeatIntervalMs,
    chunkTimeoutMs: timing.electionTimeoutMinMs,
  }));
}

type Wanted<Type extends ReplicationRequest['type']> = Extract<ReplicationRequest, { type: Type }>;

export function followerOf(state: ServerState, id: ServerId): Follower | undefined {
  return leadershipOf(state).followers.find((follower) => follower.id === id);
}

/** The state with one follower's record changed. */
export function withFollower(state: ServerState, changed: Follower): ServerState {
  const leadership = leadershipOf(state);
  const followers = leadership.followers.map((follower) =>
    follower.id === changed.id ? changed : follower,
  );
  // Written out, as each answer copies the one before: see `writtenOut`.
  const next: Leadership = {
    firstIndex: leadership.firstIndex,
    firstWrite: leadership.firstWrite,
    ownMatchIndex: leadership.ownMatchIndex,
    followers,
    reads: leadership.reads,
    checkedAt: leadership.checkedAt,
    clock: leadership.clock,
  };
  return { ...state, leadership: next };
}

/** As many batches as the window has room for, sent before our own disk has them (thesis §10.2.1). */
export function sendEntries(state: ServerState, wanted: Wanted<'append.wanted'>): Decision {
  const follower = followerOf(state, wanted.follower);
  if (follower === undefined || follower.hasLostEntries) return decide(state);
  if (wanted.from <= state.log.base.index) return offerSnapshot(state, follower);
  const { log, parameters } = state;
  const effects: Effect[] = [];
  const messages: InFlight[] = [];
  let { requestId } = state;
  let bytesLeft = wanted.bytesMax;
  let from = wanted.from;
  while (from <= log.lastIndex && messages.length < wanted.messagesMax) {
    const bytesMax = Math.min(parameters.bytesPerAppendMax, bytesLeft);
    const through = log.batchThrough(from, parameters.entriesPerAppendMax, bytesMax);
    const bytes = log.bytesBetween(from - 1, through);
    if (bytes > bytesLeft) break;
    requestId += 1;
    const message = appendEntries(state, follower.id, requestId, from - 1, through);
    effects.push({ type: 'send', message, afterWrite: 0 });
    messages.push({ requestId, through, bytes });
    bytesLeft -= bytes;
    from = through + 1;
  }
  const event: ReplicationEvent = { type: 'append.sent', messages };
  const next = requestId === state.requestId ? state : { ...state, requestId };
  return decide(next, effects, [{ follower: follower.id, event }]);
}

/** No entries: it keeps the follower quiet, finds where the logs agree, and notices losses (§5.2). */
export function sendHeartbeat(state: ServerState, wanted: Wanted<'heartbeat.wanted'>): Decision {
  const follower = followerOf(state, wanted.follower);
  if (follower === undefined) return decide(state);
  const previous = Math.max(0, Math.min(wanted.previous, state.log.lastIndex));
  const isCompacted = previous > 0 && previous < state.log.base.index;
  if (isCompacted && !follower.hasLostEntries) return offerSnapshot(state, follower);
  const requestId = state.requestId + 1;
  const shown = isCompacted ? 0 : previous;
  const message = appendEntries(state, follower.id, requestId, shown, shown);
  const event: ReplicationEvent = { type: 'heartbeat.sent', requestId };
  return decide(
    { ...state, requestId },
    [{ type: 'send', message, afterWrite: 0 }],
    [{ follower: follower.id, event }],
  );
}

function appendEntries(
  state: ServerState,
  to: ServerId,
  requestId: number,
  prevLogIndex: LogIndex,
  through: LogIndex,
): AppendEntries {
  const { id: from, currentTerm: term, commitIndex: leaderCommit, log } = state;
  const prevLogTerm = prevLogIndex === 0 ? 0 : log.termAt(prevLogIndex);
  invariant(
    prevLogTerm !== undefined,
    `${from} does not know the term of entry ${prevLogIndex} (§5.3)`,
  );
  const entries = through > prevLogIndex ? log.slice(prevLogIndex + 1, through) : [];
  return {
    type: 'AppendEntries',
    from,
    to,
    term,
    requestId,
    prevLogIndex,
    prevLogTerm,
    entries,
    leaderCommit,
  };
}

/** What the follower lacks is compacted: a snapshot instead (§7). The one it is getting stays. */
function offerSnapshot(state: ServerState, follower: Follower): Decision {
  const continues = follower.transfer !== null && follower.transfer.index >= state.log.base.index;
  const transfer = continues ? follower.transfer : state.snapshot;
  return transfer === null ? decide(state) : offer(state, follower, transfer);
}

/** The follower is sent that snapshot from now on. */
export function offer(state: ServerState, follower: Follower, snapshot: SnapshotPointer): Decision {
  const { id: to, matchIndex } = follower;
  const offered = decide(
    withFollower(state, { ...follower, transfer: snapshot }),
    [],
    [{ follower: to, event: { type: 'snapshot.offered', snapshot } }],
  );
  return explained(offered, () => {
    const { id, index, term } = snapshot;
    if (id === follower.transfer?.id) return null;
    return { kind: 'offeredSnapshot', to, index, term, matchIndex, logFrom: state.log.firstIndex };
  });
}

/** A chunk of the snapshot the follower is being sent (Figure 13). */
export function sendChunk(state: ServerState, wanted: Wanted<'chunk.wanted'>): Decision {
  const follower = followerOf(state, wanted.follower);
  if (follower === undefined || follower.hasLostEntries) return decide(state);
  const { transfer } = follower;
  if (transfer?.id !== wanted.snapshotId) return offerSnapshot(state, follower);
  if (wanted.offset < 0 || wanted.offset >= transfer.sizeBytes) return decide(state);
  const requestId = state.requestId + 1;
  const { currentTerm: term, parameters } = state;
  const { offset } = wanted;
  const lengthMax = parameters.chunkBytes;
  const { id: to } = follower;
  const sent = decide(
    { ...state, requestId },
    [{ type: 'sendChunk', to, term, requestId, snapshot: transfer, offset, lengthMax }],
    [{ follower: to, event: { type: 'chunk.sent', requestId } }],
  );
  const { index, sizeBytes } = transfer;
  return explained(sent, () => ({ kind: 'sentChunk', to, index, offset, sizeBytes }));
}

/**
 * Snapshots that arrive in chunks (Figure 13, "InstallSnapshot RPC, Receiver implementation"; §7).
 * What comes when is said in `server.ts`: one chunk is stored at a time, and answered when it is.
 */
import { andThen, type Decision, decide, explained } from './decision.ts';
import { invariant } from './invariant.ts';
import { echoOf, type InstallSnapshot, type InstallSnapshotResponse } from './messages.ts';
import type { IncomingSnapshot, ServerState, SnapshotPointer } from './state.ts';
import { explainHearing, hearLeader } from './term-leader.ts';
import { persist } from './writes.ts';

/** A chunk that belongs to the transfer under way. */
export type ReceivedChunk = Omit<InstallSnapshot, 'type'>;

/** What the host tells when a chunk is stored aside; `snapshot` when the whole is, and checked. */
export interface StoredChunk {
  readonly snapshotId: string;
  readonly requestId: number;
  readonly nextOffset: number;
  readonly snapshot: SnapshotPointer | null;
}

type ChunkName = Pick<StoredChunk, 'snapshotId' | 'requestId'>;

/** What it holds is committed here already: a stale one must not roll the state back (§7). */
export function isSuperseded(state: ServerState, { snapshot }: InstallSnapshot): boolean {
  return snapshot.index <= state.commitIndex;
}

/** Nothing to install, which is as good as installed. */
export function answerSuperseded(state: ServerState, request: InstallSnapshot): Decision {
  const { id, sizeBytes } = request.snapshot;
  const heard = hearLeader(state, request);
  const left = heard.incoming?.snapshot.id === id ? discard(heard, id) : decide(heard);
  const answered = andThen(left, (next) =>
    answer(next, request, request.requestId, { nextOffset: sizeBytes, isDone: true }),
  );
  const { from, snapshot } = request;
  const { commitIndex } = state;
  const unneeded = explained(answered, () => ({
    kind: 'neededNoSnapshot',
    from,
    index: snapshot.index,
    commitIndex,
  }));
  return explained(unneeded, () => explainHearing(state, request));
}

/** Another snapshot, leader or term begins a new transfer; any other chunk is of the one under way. */
export function joinTransfer(state: ServerState, request: InstallSnapshot): Decision {
  const { snapshot, from, term } = request;
  const heard = hearLeader(state, request);
  const { incoming } = heard;
  const isSame = incoming?.snapshot.id === snapshot.id;
  const word = explained(decide(heard), () => explainHearing(state, request));
  if (isSame && incoming.from === from && incoming.term === term) return word;
  const left =
    incoming === null || isSame
      ? word
      : andThen(word, (next) => discard(next, incoming.snapshot.id));
  const begun = { snapshot, from, term, nextOffset: 0, storing: null };
  return andThen(left, (next) => decide({ ...next, incoming: begun }));
}

export function isStoringChunk(state: ServerState): boolean {
  return incomingOf(state).storing !== null;
}

export function isNextChunk(state: ServerState, { offset }: ReceivedChunk): boolean {
  return offset === incomingOf(state).nextOffset;
}

/** It is stored aside at its offset (Figure 13, step 3). */
export function storeChunk(state: ServerState, chunk: ReceivedChunk): Decision {
  const { requestId, snapshot, offset, bytes, isLast } = chunk;
  return decide({ ...state, incoming: { ...incomingOf(state), storing: requestId } }, [
    { type: 'storeChunk', requestId, snapshot, offset, bytes, isLast },
  ]);
}

/** The leader sent one that we have, or one too far ahead: it is told where to go on. */
export function answerNextOffset(state: ServerState, { requestId }: ReceivedChunk): Decision {
  const incoming = incomingOf(state);
  return answer(state, incoming, requestId, { nextOffset: incoming.nextOffset, isDone: false });
}

/** It may be of a transfer that is over, or that has begun anew since. */
export function isBeingStored({ incoming }: ServerState, chunk: ChunkName): boolean {
  return incoming?.snapshot.id === chunk.snapshotId && incoming.storing === chunk.requestId;
}

export function completesSnapshot(state: ServerState, chunk: StoredChunk): boolean {
  return chunk.snapshot !== null && isBeingStored(state, chunk);
}

/** It is answered, and the next one is awaited (Figure 13, step 4). */
export function recordChunkStored(state: ServerState, stored: StoredChunk): Decision {
  const { nextOffset, requestId } = stored;
  const incoming = { ...incomingOf(state), nextOffset, storing: null };
  const next = { nextOffset, isDone: false };
  const answered = answer({ ...state, incoming }, incoming, requestId, next);
  const { from, snapshot } = incoming;
  const { index, sizeBytes } = snapshot;
  return explained(answered, () => ({ kind: 'storedChunk', from, index, nextOffset, sizeBytes }));
}

/** The whole has arrived, and its digest is wrong: from the beginning, please. */
export function rejectSnapshot(state: ServerState, { requestId }: ChunkName): Decision {
  const incoming = incomingOf(state);
  const rejected = andThen(discard(state, incoming.snapshot.id), (next) =>
    answer(next, incoming, requestId, { nextOffset: 0, isDone: false }),
  );
  const { from, snapshot } = incoming;
  return explained(rejected, () => ({ kind: 'rejectedSnapshot', from, index: snapshot.index }));
}

/**
 * It comes into force by one ordinary write: pointer, log cut, hard state (§7). Entries behind it
 * stay only if our entry at its index has its term (Figure 13, steps 6 and 7).
 */
export function installSnapshot(
  state: ServerState,
  { snapshot, requestId }: StoredChunk,
): Decision {
  const incoming = incomingOf(state);
  invariant(snapshot !== null, 'a snapshot is installed when all of it has arrived');
  const done = { nextOffset: snapshot.sizeBytes, isDone: true };
  const answerDone = (next: ServerState) => answer(next, incoming, requestId, done);
  if (snapshot.index <= state.commitIndex) return andThen(discard(state, snapshot.id), answerDone);
  const { index, term, time, configuration, settings } = snapshot;
  const truncateFrom = state.log.holds(snapshot) ? null : state.commitIndex + 1;
  const log = state.log.installBase({ index, term, time, configuration, settings });
  const installed = persist(
    { ...state, incoming: null, log, snapshot, commitIndex: index },
    { truncateFrom, base: log.base, snapshot },
  );
  const restored = andThen(installed, (next) => decide(next, [{ type: 'restore', snapshot }]));
  return explained(andThen(restored, answerDone), () => {
    const behind = Math.max(0, state.log.lastIndex - index);
    const kept = log.lastIndex - index;
    const { from } = incoming;
    return { kind: 'installedSnapshot', from, index, term, kept, dropped: behind - kept };
  });
}

function incomingOf({ incoming }: ServerState): IncomingSnapshot {
  invariant(incoming !== null, 'a rule of transfers is asked only while a snapshot arrives');
  return incoming;
}

/** Nobody needs what has arrived of it. */
function discard(state: ServerState, snapshotId: string): Decision {
  return decide({ ...state, incoming: null }, [{ type: 'discardSnapshot', snapshotId }]);
}

/**
 * Answers the leader that sends it, unless its term has passed. Only the last answer promises
 * something of our disk, and waits for it.
 */
function answer(
  state: ServerState,
  { from, term, snapshot }: Pick<IncomingSnapshot, 'from' | 'term' | 'snapshot'>,
  requestId: number,
  verdict: Pick<InstallSnapshotResponse, 'nextOffset' | 'isDone'>,
): Decision {
  if (term !== state.currentTerm) return decide(state);
  const message: InstallSnapshotResponse = {
    type: 'InstallSnapshotResponse',
    ...echoOf(state, { from, term, requestId }),
    snapshotId: snapshot.id,
    ...verdict,
  };
  const afterWrite = verdict.isDone ? state.writes.decided : 0;
  return decide(state, [{ type: 'send', message, afterWrite }]);
}

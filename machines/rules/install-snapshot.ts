/** Snapshots that arrive in chunks (Figure 13, "InstallSnapshot RPC, Receiver implementation"; §7). */
import { type Decision, decide, explained } from './decision.ts';
import type { Effect } from './effects.ts';
import {
  type Asked,
  echoOf,
  type InstallSnapshot,
  type InstallSnapshotResponse,
} from './messages.ts';
import type { IncomingSnapshot, ServerState, SnapshotPointer } from './state.ts';
import { explainHearing, hearLeader } from './term-leader.ts';
import { persist } from './writes.ts';

/** What it holds is committed here already: a stale one must not roll the state back (§7). */
export function isSuperseded(state: ServerState, { snapshot }: InstallSnapshot): boolean {
  return snapshot.index <= state.commitIndex;
}

/** Nothing to install, which is as good as installed. */
export function answerSuperseded(state: ServerState, request: InstallSnapshot): Decision {
  const { incoming } = state;
  const isOurs = incoming?.snapshot.id === request.snapshot.id;
  const discards: Effect[] = isOurs
    ? [{ type: 'discardSnapshot', snapshotId: request.snapshot.id }]
    : [];
  const heard = { ...hearLeader(state, request), incoming: isOurs ? null : incoming };
  const done = answer(heard, request, request.snapshot.id, {
    nextOffset: request.snapshot.sizeBytes,
    isDone: true,
  });
  const answered = decide(done.state, [...discards, ...done.effects]);
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

/** Takes the chunk it waits for; for any other it says where the transfer is to go on. */
export function receiveChunk(state: ServerState, request: InstallSnapshot): Decision {
  const { incoming, discards } = transferOf(state, request);
  const heard = { ...hearLeader(state, request), incoming };
  return explained(takeChunk(heard, request, incoming, discards), () =>
    explainHearing(state, request),
  );
}

function takeChunk(
  heard: ServerState,
  request: InstallSnapshot,
  incoming: IncomingSnapshot,
  discards: readonly Effect[],
): Decision {
  const { snapshot, offset, bytes, isLast, requestId } = request;
  if (incoming.storing !== null) return decide(heard, discards);
  if (offset !== incoming.nextOffset) {
    const { nextOffset } = incoming;
    const told = answer(heard, request, snapshot.id, { nextOffset, isDone: false });
    return decide(told.state, [...discards, ...told.effects]);
  }
  return decide({ ...heard, incoming: { ...incoming, storing: requestId } }, [
    ...discards,
    { type: 'storeChunk', requestId, snapshot, offset, bytes, isLast },
  ]);
}

/** The transfer under way, or a new one: another snapshot, leader or term starts anew. */
function transferOf(
  state: ServerState,
  { snapshot, from, term }: InstallSnapshot,
): { incoming: IncomingSnapshot; discards: Effect[] } {
  const { incoming } = state;
  const isSame =
    incoming?.snapshot.id === snapshot.id && incoming.from === from && incoming.term === term;
  if (isSame) return { incoming, discards: [] };
  const isOther = incoming !== null && incoming.snapshot.id !== snapshot.id;
  return {
    incoming: { snapshot, from, term, nextOffset: 0, storing: null },
    discards: isOther ? [{ type: 'discardSnapshot', snapshotId: incoming.snapshot.id }] : [],
  };
}

/** What the host tells when a chunk is stored aside; `snapshot` when the whole is, and checked. */
export interface StoredChunk {
  readonly snapshotId: string;
  readonly requestId: number;
  readonly nextOffset: number;
  readonly snapshot: SnapshotPointer | null;
}

export function recordChunkStored(state: ServerState, stored: StoredChunk): Decision {
  const { incoming } = state;
  if (incoming === null || !isBeingStored(incoming, stored)) return decide(state);
  const { nextOffset, requestId, snapshot } = stored;
  if (snapshot !== null)
    return install({ ...state, incoming: null }, incoming, snapshot, requestId);
  const waiting = { ...state, incoming: { ...incoming, nextOffset, storing: null } };
  const answered = answerTransfer(waiting, incoming, requestId, { nextOffset, isDone: false });
  const { from, snapshot: offered } = incoming;
  const { index, sizeBytes } = offered;
  return explained(answered, () => ({ kind: 'storedChunk', from, index, nextOffset, sizeBytes }));
}

/** The whole has arrived, and its digest is wrong: from the beginning, please. */
export function rejectSnapshot(
  state: ServerState,
  rejected: Pick<StoredChunk, 'snapshotId' | 'requestId'>,
): Decision {
  const { incoming } = state;
  if (incoming === null || !isBeingStored(incoming, rejected)) return decide(state);
  const { requestId } = rejected;
  const answered = answerTransfer({ ...state, incoming: null }, incoming, requestId, {
    nextOffset: 0,
    isDone: false,
  });
  const discarded = decide(answered.state, [
    { type: 'discardSnapshot', snapshotId: incoming.snapshot.id },
    ...answered.effects,
  ]);
  const { from, snapshot } = incoming;
  return explained(discarded, () => ({ kind: 'rejectedSnapshot', from, index: snapshot.index }));
}

function isBeingStored(
  { snapshot, storing }: IncomingSnapshot,
  chunk: Pick<StoredChunk, 'snapshotId' | 'requestId'>,
): boolean {
  return snapshot.id === chunk.snapshotId && storing === chunk.requestId;
}

/**
 * It comes into force by one ordinary write: pointer, log cut, hard state (§7). Entries behind it
 * stay only if our entry at its index has its term (Figure 13, steps 6 and 7).
 */
function install(
  state: ServerState,
  incoming: IncomingSnapshot,
  snapshot: SnapshotPointer,
  requestId: number,
): Decision {
  const done = { nextOffset: snapshot.sizeBytes, isDone: true };
  if (snapshot.index <= state.commitIndex) {
    const answered = answerTransfer(state, incoming, requestId, done);
    return decide(answered.state, [
      { type: 'discardSnapshot', snapshotId: snapshot.id },
      ...answered.effects,
    ]);
  }
  const { index, term, time, configuration, settings } = snapshot;
  const truncateFrom = state.log.holds(snapshot) ? null : state.commitIndex + 1;
  const log = state.log.installBase({ index, term, time, configuration, settings });
  const installed = persist(
    { ...state, log, snapshot, commitIndex: index },
    { truncateFrom, base: log.base, snapshot },
  );
  const answered = answerTransfer(installed.state, incoming, requestId, done);
  const restored = decide(answered.state, [
    ...installed.effects,
    { type: 'restore', snapshot },
    ...answered.effects,
  ]);
  return explained(restored, () => {
    const behind = Math.max(0, state.log.lastIndex - index);
    const kept = log.lastIndex - index;
    const { from } = incoming;
    return { kind: 'installedSnapshot', from, index, term, kept, dropped: behind - kept };
  });
}

type Verdict = Pick<InstallSnapshotResponse, 'nextOffset' | 'isDone'>;

/** Answers the chunk that was stored meanwhile, unless its term has passed. */
function answerTransfer(
  state: ServerState,
  { from, term, snapshot }: IncomingSnapshot,
  requestId: number,
  verdict: Verdict,
): Decision {
  if (term !== state.currentTerm) return decide(state);
  return answer(state, { from, term, requestId }, snapshot.id, verdict);
}

/** Only the last answer promises something of our disk, and waits for it. */
function answer(
  state: ServerState,
  request: Asked,
  snapshotId: string,
  verdict: Verdict,
): Decision {
  const echo = echoOf(state, request);
  const message = { type: 'InstallSnapshotResponse', ...echo, snapshotId, ...verdict } as const;
  const afterWrite = verdict.isDone ? state.writes.decided : 0;
  return decide(state, [{ type: 'send', message, afterWrite }]);
}

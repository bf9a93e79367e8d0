/**
 * A replication actor's own view of its follower (Figure 2, `nextIndex`; thesis §10.2): a guess that
 * moves forwards with what was sent and back with what was refused. Safety never depends on it.
 */
import type { LogIndex } from './entries.ts';
import type { SnapshotIdentity } from './messages.ts';
import type { InFlight, ReplicationInput, ReplicationRequest } from './replication-events.ts';

/** After a gap, this many entries beyond those in flight overlap as well: enough to notice the next gap. */
const OVERLAP_BEYOND = 10;

export interface Progress {
  readonly input: ReplicationInput;
  /** The next entry to send: `matchIndex < nextIndex ≤ lastLogIndex + 1`, always. */
  readonly nextIndex: LogIndex;
  /** What the leader knows the follower to store. */
  readonly matchIndex: LogIndex;
  readonly lastLogIndex: LogIndex;
  /** Sent and not yet acknowledged, in order. */
  readonly window: readonly InFlight[];
  readonly bytesInFlight: number;
  /**
   * After a gap, requests begin where the logs are known to agree instead of at `nextIndex`, until
   * `through` is acknowledged: then their order, or the loss of one, does not matter.
   */
  readonly overlap: { readonly from: LogIndex; readonly through: LogIndex } | null;
  /** The first request of the present mode; null until one is sent. Answers to earlier ones are stale. */
  readonly since: number | null;
  /** The snapshot it is being sent, and how much of it has arrived. */
  readonly transfer: { readonly snapshot: SnapshotIdentity; readonly offset: number } | null;
}

export interface Refusal {
  readonly requestId: number;
  readonly prevLogIndex: LogIndex;
  readonly nextIndex: LogIndex;
  readonly agrees: boolean;
}

export interface ChunkAnswer {
  readonly requestId: number;
  readonly nextOffset: number;
  readonly isDone: boolean;
}

export interface Sent {
  readonly messages: readonly InFlight[];
}

export interface Offer {
  readonly snapshot: SnapshotIdentity;
}

/** `nextIndex` starts behind what was the leader's last entry when it was elected (Figure 2). */
export function initialProgress(input: ReplicationInput): Progress {
  return {
    input,
    nextIndex: input.nextIndex,
    matchIndex: 0,
    lastLogIndex: input.lastLogIndex,
    window: [],
    bytesInFlight: 0,
    since: null,
    transfer: null,
    overlap: null,
  };
}

/** The same progress as one literal, which V8 copies quickly: as `writtenOut` of a server's state. */
export function progressWrittenOut(progress: Progress): Progress {
  return {
    input: progress.input,
    nextIndex: progress.nextIndex,
    matchIndex: progress.matchIndex,
    lastLogIndex: progress.lastLogIndex,
    window: progress.window,
    bytesInFlight: progress.bytesInFlight,
    since: progress.since,
    transfer: progress.transfer,
    overlap: progress.overlap,
  };
}

/** Whether there is something to send, and room for it in the window. */
export function canSend(progress: Progress): boolean {
  const { input } = progress;
  return (
    progress.nextIndex <= progress.lastLogIndex &&
    progress.window.length < input.messagesInFlightMax &&
    progress.bytesInFlight < input.bytesInFlightMax
  );
}

/** Only an answer to a request of the present mode may end it. */
export function answersThisMode({ since }: Progress, answer: { requestId: number }): boolean {
  return since !== null && answer.requestId >= since;
}

/** A refusal at or below what is known to match is out of date, and so is one of an earlier mode. */
export function isNewRefusal(progress: Progress, refusal: Refusal): boolean {
  return refusal.prevLogIndex > progress.matchIndex && answersThisMode(progress, refusal);
}

/** The follower's log is ours as far as it goes: a request was lost, or has overtaken another. */
export function isNewGap(progress: Progress, refusal: Refusal): boolean {
  return refusal.agrees && isNewRefusal(progress, refusal);
}

/** A refused probe that says where the logs agree is as good as an accepted one (§5.3). */
export function findsAgreement(progress: Progress, refusal: Refusal): boolean {
  return refusal.agrees && answersThisMode(progress, refusal);
}

/** Whether anything of what was asked for fitted into the window. */
export function isSomething(_: Progress, { messages }: Sent): boolean {
  return messages.length > 0;
}

export function isInstalled(progress: Progress, answer: ChunkAnswer): boolean {
  return answer.isDone && answersThisMode(progress, answer);
}

export function recordLogExtension(
  progress: Progress,
  { lastLogIndex }: { lastLogIndex: LogIndex },
): Progress {
  return { ...progress, lastLogIndex: Math.max(progress.lastLogIndex, lastLogIndex) };
}

/** Optimistic: what was sent is taken to arrive (thesis §10.2.2). */
export function recordSent(progress: Progress, { messages }: Sent): Progress {
  const last = messages.at(-1);
  if (last === undefined) return progress;
  return {
    ...progress,
    nextIndex: Math.max(progress.nextIndex, last.through + 1),
    window: [...progress.window, ...messages],
    bytesInFlight: progress.bytesInFlight + bytesOf(messages),
    since: progress.since ?? messages[0]?.requestId ?? null,
  };
}

export function recordModeStart(
  progress: Progress,
  { requestId }: { requestId: number },
): Progress {
  return progress.since === null ? { ...progress, since: requestId } : progress;
}

export function resetMode(progress: Progress): Progress {
  return progress.since === null ? progress : { ...progress, since: null };
}

/** What is acknowledged leaves the window, and whatever was sent before it. */
export function recordAccepted(
  progress: Progress,
  { matchIndex }: { matchIndex: LogIndex },
): Progress {
  if (matchIndex <= progress.matchIndex) return progress;
  const window = progress.window.filter((message) => message.through > matchIndex);
  return {
    ...progress,
    matchIndex,
    nextIndex: Math.max(progress.nextIndex, matchIndex + 1),
    lastLogIndex: Math.max(progress.lastLogIndex, matchIndex),
    window,
    bytesInFlight: bytesOf(window),
    overlap: matchIndex >= (progress.overlap?.through ?? 0) ? null : progress.overlap,
  };
}

/** Back to where the logs may agree, never at or below what matches; nothing is in flight then. */
export function decreaseNextIndex(progress: Progress, refusal: Refusal): Progress {
  const before = Math.min(refusal.nextIndex, refusal.prevLogIndex);
  const nextIndex = Math.max(progress.matchIndex + 1, before);
  return { ...progress, nextIndex, window: [], bytesInFlight: 0, overlap: null };
}

/** Sent again from where the follower's log ends, and overlapping from now on: see `overlap`. */
export function closeGap(progress: Progress, refusal: Refusal): Progress {
  const through = progress.nextIndex - 1 + OVERLAP_BEYOND;
  const moved = decreaseNextIndex(progress, refusal);
  return { ...moved, overlap: { from: moved.nextIndex, through } };
}

export function recordOffer(progress: Progress, { snapshot }: Offer): Progress {
  const isSame = progress.transfer?.snapshot.id === snapshot.id;
  const transfer = isSame ? progress.transfer : { snapshot, offset: 0 };
  return { ...progress, transfer, window: [], bytesInFlight: 0, overlap: null };
}

export function recordChunk(progress: Progress, { nextOffset }: ChunkAnswer): Progress {
  if (progress.transfer === null) return progress;
  return { ...progress, transfer: { ...progress.transfer, offset: nextOffset } };
}

/** The follower now has everything through the snapshot's last entry (Figure 13). */
export function recordInstalled(progress: Progress): Progress {
  const matchIndex = Math.max(progress.matchIndex, progress.transfer?.snapshot.index ?? 0);
  return { ...progress, matchIndex, nextIndex: matchIndex + 1, transfer: null };
}

export function entriesWanted(progress: Progress): ReplicationRequest {
  const { input, nextIndex, matchIndex, overlap, window, bytesInFlight } = progress;
  const from = overlap === null ? nextIndex : Math.max(overlap.from, matchIndex + 1);
  return {
    type: 'append.wanted',
    follower: input.follower,
    from,
    messagesMax: input.messagesInFlightMax - window.length,
    bytesMax: input.bytesInFlightMax - bytesInFlight,
  };
}

/** It shows the position we believe the follower to have, so that a loss is noticed; in a transfer, 0. */
export function heartbeatWanted({ input, nextIndex, transfer }: Progress): ReplicationRequest {
  const previous = transfer === null ? nextIndex - 1 : 0;
  return { type: 'heartbeat.wanted', follower: input.follower, previous };
}

export function chunkWanted({ input, transfer }: Progress): ReplicationRequest {
  return {
    type: 'chunk.wanted',
    follower: input.follower,
    snapshotId: transfer?.snapshot.id ?? '',
    offset: transfer?.offset ?? 0,
  };
}

function bytesOf(messages: readonly InFlight[]): number {
  return messages.reduce((sum, message) => sum + message.bytes, 0);
}

/** When a server takes a snapshot of its own, and how much of the log stays behind it (§7). */
import { noteApplied } from './commitment.ts';
import { andThen, type Decision, decide, explained } from './decision.ts';
import type { LogIndex } from './entries.ts';
import type { Parameters } from './parameters.ts';
import { offer } from './replication.ts';
import type { ServerState, SnapshotPointer } from './state.ts';
import { persist } from './writes.ts';

/** How many quorum checks a follower may miss before the log is no longer kept for its transfer. */
const SILENT_CHECKS_MAX = 10;
/** While it is kept for transfers, the log may grow to this many times what makes a snapshot due. */
const KEPT_THRESHOLDS_MAX = 4;

/** A batch was applied: a snapshot may be due (§7; thesis §5.1.3). */
export function recordAppliedBatch(state: ServerState, applied: { index: LogIndex }): Decision {
  return andThen(noteApplied(state, applied), (next) =>
    isSnapshotDue(next) ? beginSnapshot(next) : decide(next),
  );
}

export function beginSnapshot(state: ServerState): Decision {
  const began = decide({ ...state, isTakingSnapshot: true }, [{ type: 'takeSnapshot' }]);
  return explained(began, () => ({ kind: 'beganSnapshot', through: state.lastApplied }));
}

export function isSnapshotDue(state: ServerState): boolean {
  const { parameters, log, lastApplied } = state;
  const since = state.snapshot?.index ?? 0;
  if (!maySnapshot(state)) return false;
  return (
    lastApplied - since >= parameters.snapshotAfterEntries ||
    log.bytesBetween(since, lastApplied) >= dueAfterBytes(parameters, state.snapshot)
  );
}

/**
 * How many bytes of log make the next snapshot due: a multiple of the size of the last one, taken here
 * or received, so that larger snapshots are taken less often (thesis §5.1.3).
 */
export function dueAfterBytes(
  { snapshotAfterTimes, snapshotAfterBytesMin, snapshotAfterBytes }: Parameters,
  last: Pick<SnapshotPointer, 'sizeBytes'> | null,
): number {
  const several = last === null ? 0 : snapshotAfterTimes * last.sizeBytes;
  return Math.min(snapshotAfterBytes, Math.max(snapshotAfterBytesMin, several));
}

/** Whether it would hold anything new, also while a received one is being restored; one at a time. */
export function maySnapshot({ isTakingSnapshot, lastApplied, snapshot }: ServerState): boolean {
  return !isTakingSnapshot && lastApplied > (snapshot?.index ?? 0);
}

/** The snapshot's bytes are stored: it comes into force, and the log is cut, by one write (§7). */
export function recordSnapshotTaken(
  state: ServerState,
  { snapshot }: { snapshot: SnapshotPointer },
): Decision {
  const idle = { ...state, isTakingSnapshot: false };
  if (snapshot.index <= (state.snapshot?.index ?? 0)) {
    return decide(idle, [{ type: 'discardSnapshot', snapshotId: snapshot.id }]);
  }
  const log = state.log.compactThrough(keptAfter(idle, snapshot));
  const base = log === state.log ? null : log.base;
  const cut = explained(persist({ ...idle, log, snapshot }, { snapshot, base }), () => {
    const { index, term, sizeBytes } = snapshot;
    return { kind: 'tookSnapshot', index, term, sizeBytes, logFrom: log.firstIndex };
  });
  return andThen(cut, replaceTransfers);
}

/**
 * Trailing entries stay, those that followers will need behind the snapshot they are getting, and
 * those not yet written: they are in memory until then, so they stay where the log's bound counts them.
 */
function keptAfter(state: ServerState, snapshot: SnapshotPointer): LogIndex {
  const { parameters, log, writes } = state;
  const { trailingEntries, trailingBytes } = parameters;
  const tail = log.tailAfter(snapshot.index, trailingBytes);
  const trailing = Math.max(tail, snapshot.index - trailingEntries);
  const isSmall =
    log.lastIndex - log.base.index < KEPT_THRESHOLDS_MAX * parameters.snapshotAfterEntries &&
    log.bytes < KEPT_THRESHOLDS_MAX * dueAfterBytes(parameters, snapshot);
  const transfers = isSmall ? indexesInTransfer(state) : [];
  return Math.max(log.base.index, Math.min(trailing, writes.durableIndex, ...transfers));
}

function indexesInTransfer(state: ServerState): readonly LogIndex[] {
  return (state.leadership?.followers ?? [])
    .filter((follower) => follower.missedQuorumChecks <= SILENT_CHECKS_MAX)
    .flatMap((follower) => (follower.transfer === null ? [] : [follower.transfer.index]));
}

/** A transfer that the log no longer continues begins again from the newer snapshot. */
function replaceTransfers(state: ServerState): Decision {
  const { snapshot, log } = state;
  const outdated = (state.leadership?.followers ?? []).filter(
    ({ transfer }) => transfer !== null && transfer.index < log.base.index,
  );
  if (snapshot === null || outdated.length === 0) return decide(state);
  return outdated.reduce(
    (offered, follower) => andThen(offered, (next) => offer(next, follower, snapshot)),
    decide(state),
  );
}

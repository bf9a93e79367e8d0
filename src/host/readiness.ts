/** Whether a server can serve now, and if not, why: for `/readyz` and embedders. */
import type { Readiness } from '../ports/metrics.ts';
import type { Status } from '../ports/server.ts';

/** A write that takes longer than this means that the disk hangs. */
export const HUNG_WRITE_MS = 5_000;
/** As many entries as one append may bring: with more to apply, a server is behind. */
const LAG_MAX = 1024;

/** Why the check fails; null when it does not. */
type Check = (status: Status) => string | null;

const CHECKS: Readonly<Record<string, Check>> = {
  running: ({ role, failure }) =>
    role === 'stopped' ? (failure?.message ?? 'the server has stopped') : null,
  leader_known: (status) => {
    if (status.leader === null) return 'no leader is known';
    if (status.role !== 'leader' || status.isReady) return null;
    return `leads term ${status.term}, but has committed nothing in it yet`;
  },
  caught_up: ({ commitIndex, appliedIndex }) =>
    commitIndex - appliedIndex <= LAG_MAX
      ? null
      : `${commitIndex - appliedIndex} committed entries wait to be applied`,
  storage_writable: ({ failure, writes: { underWay } }) => {
    if (failure !== null) return failure.name === 'StorageError' ? failure.message : null;
    if (underWay === null || underWay.forMs < HUNG_WRITE_MS) return null;
    const seconds = (underWay.forMs / 1_000).toFixed(1);
    return `write ${underWay.number} has been under way for ${seconds} s: the disk hangs`;
  },
  member: ({ id, members }) =>
    members.some((member) => member.id === id) ? null : `${id} is not in the configuration`,
};

export function readinessOf(status: Status, isStopping: boolean): Readiness {
  const checks = Object.entries(CHECKS).map(([name, check]) => ({ name, reason: check(status) }));
  checks.push({ name: 'accepting', reason: isStopping ? 'the server is stopping' : null });
  return { isReady: checks.every(({ reason }) => reason === null), checks };
}

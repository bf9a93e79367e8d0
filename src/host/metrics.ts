/** A server's figures, with etcd's names under the prefix `raft_`: the one list of them. */
import type { Metric } from '../ports/metrics.ts';
import type { Role, Status } from '../ports/server.ts';

const ROLES: readonly Role[] = ['follower', 'candidate', 'leader', 'stopped'];

/** @param leaderChanges - how often a leader was heard from anew since the server started */
export function metricsOf(status: Status, leaderChanges: number): readonly Metric[] {
  const { id, role, members, writes, quota } = status;
  const gauge = (name: string, unit: Metric['unit'], value: number, help: string): Metric =>
    ({ name, kind: 'gauge', unit, value, help, labels: {} }) as const;
  const counter = (name: string, unit: Metric['unit'], value: number, help: string): Metric =>
    ({ name, kind: 'counter', unit, value, help, labels: {} }) as const;
  const flag = (name: string, isSo: boolean, help: string): Metric =>
    gauge(name, 'boolean', isSo ? 1 : 0, help);
  return [
    flag('raft_has_leader', status.leader !== null, 'Whether a leader is known.'),
    flag('raft_is_leader', role === 'leader', 'Whether this server leads.'),
    flag(
      'raft_is_learner',
      !members.some((member) => member.id === id && member.votes),
      'Whether this server has no vote.',
    ),
    gauge('raft_term', 'term', status.term, 'The current term.'),
    gauge(
      'raft_commit_index',
      'index',
      status.commitIndex,
      'The highest index known to be committed.',
    ),
    gauge('raft_applied_index', 'index', status.appliedIndex, 'The highest index applied.'),
    gauge('raft_last_log_index', 'index', status.lastLogIndex, 'The last index of the log.'),
    gauge(
      'raft_snapshot_index',
      'index',
      status.snapshotIndex,
      'The index of the snapshot in force.',
    ),
    gauge(
      'raft_proposals_pending',
      'entries',
      Math.max(0, status.lastLogIndex - status.commitIndex),
      'Entries in the log that are not committed yet.',
    ),
    counter(
      'raft_leader_changes_seen_total',
      'changes',
      leaderChanges,
      'Leaders this server has heard from anew since it started.',
    ),
    counter(
      'raft_wal_writes_total',
      'writes',
      writes.count,
      'Writes to the log on disk, each synced.',
    ),
    counter(
      'raft_wal_written_entries_total',
      'entries',
      writes.entries,
      'Entries in these writes.',
    ),
    counter(
      'raft_wal_write_seconds_total',
      'seconds',
      writes.totalMs / 1000,
      'Spent waiting for these writes.',
    ),
    counter(
      'raft_snapshots_installed_total',
      'snapshots',
      status.snapshotsInstalled,
      'Snapshots of a leader that took the place of the state.',
    ),
    counter(
      'raft_commands_failed_total',
      'commands',
      status.commandsFailed,
      'Commands refused because the state machine threw at them.',
    ),
    flag(
      'raft_state_divergence',
      status.divergence !== null,
      'Whether states of servers differed, and were not found equal since.',
    ),
    gauge(
      'raft_state_compared_index',
      'index',
      status.comparison?.index ?? 0,
      'As of which entry states of servers were compared last; 0 for never.',
    ),
    gauge(
      'raft_stored_bytes',
      'bytes',
      quota.storedBytes ?? 0,
      'What the state machine holds; 0 when it does not tell.',
    ),
    gauge(
      'raft_stored_bytes_max',
      'bytes',
      quota.storedBytesMax ?? 0,
      'The quota of this server, judged while it leads; 0 for none.',
    ),
    ...roles(role),
    ...lags(status),
  ];
}

function roles(role: Role): Metric[] {
  return ROLES.map((state) => ({
    name: 'raft_state',
    kind: 'gauge',
    unit: 'boolean',
    value: state === role ? 1 : 0,
    help: 'One for the role this server is in, zero for the others.',
    labels: { state },
  }));
}

function lags({ followers }: Status): Metric[] {
  return Object.entries(followers ?? {}).map(([peer, { lag }]) => ({
    name: 'raft_follower_lag_entries',
    kind: 'gauge',
    unit: 'entries',
    value: lag,
    help: 'On the leader: entries a follower is behind.',
    labels: { peer },
  }));
}

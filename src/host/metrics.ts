/** A server's figures, with etcd's names under the prefix `raft_`: the one list of them. */
import type { Metric } from '../ports/metrics.ts';
import type { ServerRole, Status } from '../ports/server.ts';

const ROLES: readonly ServerRole[] = ['follower', 'candidate', 'leader', 'stopped'];

/** @param leaderChanges - how often a leader was heard from anew since the server started */
export function metricsOf(status: Status, leaderChanges: number): readonly Metric[] {
  const { id, role, leader, members, writes, divergence, comparison } = status;
  const { commitIndex, appliedIndex, lastLogIndex, snapshotIndex } = status;
  const { storedBytes, storedBytesMax } = status.quota;
  const { snapshotsInstalled: installed, commandsFailed: failed } = status;
  const isLearner = !members.some((member) => member.id === id && member.votes);
  const pending = Math.max(0, lastLogIndex - commitIndex);
  const seconds = writes.totalMs / 1000;
  return [
    flag('raft_has_leader', leader !== null, 'Whether a leader is known.'),
    flag('raft_is_leader', role === 'leader', 'Whether this server leads.'),
    flag('raft_is_learner', isLearner, 'Whether this server has no vote.'),
    gauge('raft_term', 'term', status.term, 'The current term.'),
    gauge('raft_commit_index', 'index', commitIndex, 'The highest index known to be committed.'),
    gauge('raft_applied_index', 'index', appliedIndex, 'The highest index applied.'),
    gauge('raft_last_log_index', 'index', lastLogIndex, 'The last index of the log.'),
    gauge('raft_snapshot_index', 'index', snapshotIndex, 'The index of the snapshot in force.'),
    gauge('raft_proposals_pending', 'entries', pending, 'Entries in the log, not yet committed.'),
    counter(
      'raft_leader_changes_seen_total',
      'changes',
      leaderChanges,
      'Changes to a leader seen.',
    ),
    counter('raft_wal_writes_total', 'writes', writes.count, 'Synced writes to the log on disk.'),
    counter(
      'raft_wal_written_entries_total',
      'entries',
      writes.entries,
      'Entries in these writes.',
    ),
    counter('raft_wal_write_seconds_total', 'seconds', seconds, 'Spent waiting for these writes.'),
    counter('raft_snapshots_installed_total', 'snapshots', installed, 'Snapshots from a leader.'),
    counter('raft_commands_failed_total', 'commands', failed, 'Commands at which apply threw.'),
    flag('raft_state_divergence', divergence !== null, 'Whether states of servers differ.'),
    gauge(
      'raft_state_compared_index',
      'index',
      comparison?.index ?? 0,
      'The entry as of which states were last compared; 0 for never.',
    ),
    gauge('raft_stored_bytes', 'bytes', storedBytes ?? 0, 'What the state holds; 0 if not known.'),
    gauge('raft_stored_bytes_max', 'bytes', storedBytesMax ?? 0, 'The quota; 0 for none.'),
    ...roles(role),
    ...lags(status),
  ];
}

function metric(kind: Metric['kind']) {
  return (name: string, unit: Metric['unit'], value: number, help: string): Metric => ({
    name,
    kind,
    unit,
    value,
    help,
    labels: {},
  });
}
const gauge = metric('gauge');
const counter = metric('counter');

function flag(name: string, isSo: boolean, help: string): Metric {
  return gauge(name, 'boolean', isSo ? 1 : 0, help);
}

function roles(role: ServerRole): Metric[] {
  const help = 'One for the role this server is in, zero for the others.';
  return ROLES.map((state) => ({ ...flag('raft_state', state === role, help), labels: { state } }));
}

function lags({ followers }: Status): Metric[] {
  const help = 'On the leader: entries a follower is behind.';
  return Object.entries(followers ?? {}).map(([peer, { lag }]) => ({
    ...gauge('raft_follower_lag_entries', 'entries', lag, help),
    labels: { peer },
  }));
}

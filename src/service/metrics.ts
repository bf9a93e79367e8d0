/**
 * `/metrics` for Prometheus: etcd's figures under the prefix `raft_`. They are read from the
 * server's status when somebody asks, so that keeping them costs nothing.
 */

import type { Role } from '../ports/server.ts';
import type { FastifyInstance } from '../vendor/fastify.ts';
import { Counter, Gauge, Histogram, Registry } from '../vendor/prom-client.ts';
import type { ServiceContext } from './context.ts';
import { addBoundGauges } from './metrics-of-bounds.ts';
import { parametersOf } from './target.ts';

const ROLES: readonly Role[] = ['follower', 'candidate', 'leader', 'stopped'];
const BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

export interface Metrics {
  /** Called once for every answer. */
  observe(method: string, status: number, seconds: number): void;
  close(): void;
}

export function addMetricsRoute(app: FastifyInstance, context: ServiceContext): Metrics {
  const registry = new Registry();
  addServerGauges(registry, context);
  const leaderChanges = new Counter({
    name: 'raft_leader_changes_seen_total',
    help: 'Leaders this server has heard from anew since it started.',
    registers: [registry],
  });
  const failed = new Counter({
    name: 'raft_proposals_failed_total',
    help: 'Writes over HTTP that were refused (5xx) or whose outcome is unknown.',
    registers: [registry],
  });
  const durations = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'From the request line to the end of the answer.',
    labelNames: ['method', 'status'],
    buckets: BUCKETS,
    registers: [registry],
  });
  const subscription = context.server.leader$.subscribe((leader) => {
    if (leader !== null) leaderChanges.inc();
  });
  app.get('/metrics', async (request, reply) => {
    parametersOf(request.raw, []);
    const text = await registry.metrics();
    return reply.header('content-type', registry.contentType).send(text);
  });
  return {
    observe(method, status, seconds) {
      durations.observe({ method, status }, seconds);
      if (status >= 500 && method !== 'GET' && method !== 'HEAD') failed.inc();
    },
    close: () => subscription.unsubscribe(),
  };
}

/** Figures of one status, gathered together: the registry asks each gauge in turn. */
function addServerGauges(registry: Registry, context: ServiceContext): void {
  const { server, version } = context;
  const gauge = (name: string, help: string, value: () => number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(value());
      },
    });
  const status = () => server.status();
  gauge('raft_has_leader', 'Whether a leader is known.', () => (status().leader === null ? 0 : 1));
  gauge('raft_is_leader', 'Whether this server leads.', () => (status().role === 'leader' ? 1 : 0));
  gauge('raft_is_learner', 'Whether this server has no vote.', () =>
    status().members.some(({ id, votes }) => id === server.id && votes) ? 0 : 1,
  );
  gauge('raft_term', 'The current term.', () => status().term);
  gauge(
    'raft_commit_index',
    'The highest index known to be committed.',
    () => status().commitIndex,
  );
  gauge('raft_applied_index', 'The highest index applied.', () => status().appliedIndex);
  gauge('raft_last_log_index', 'The last index of the log.', () => status().lastLogIndex);
  gauge('raft_snapshot_index', 'The index of the snapshot in force.', () => status().snapshotIndex);
  gauge('raft_proposals_pending', 'Entries in the log that are not committed yet.', () => {
    const { lastLogIndex, commitIndex } = status();
    return Math.max(0, lastLogIndex - commitIndex);
  });
  gauge(
    'raft_wal_writes_total',
    'Writes to the log on disk, each synced.',
    () => status().writes.count,
  );
  gauge(
    'raft_wal_written_entries_total',
    'Entries in these writes.',
    () => status().writes.entries,
  );
  gauge(
    'raft_wal_write_seconds_total',
    'Spent waiting for these writes.',
    () => status().writes.totalMs / 1000,
  );
  gauge(
    'raft_commands_failed_total',
    'Commands refused since the state machine threw at them.',
    () => status().commandsFailed,
  );
  gauge('kv_stored_bytes', 'Of all keys and values.', () => status().quota.storedBytes ?? 0);
  gauge(
    'kv_stored_bytes_max',
    'The quota of this server, judged while it leads; 0 for none.',
    () => status().quota.storedBytesMax ?? 0,
  );
  addBoundGauges(gauge, context);
  gauge('process_resident_memory_bytes', 'Resident memory.', () => process.memoryUsage.rss());
  gauge('process_uptime_seconds', 'Since the process started.', () => process.uptime());
  addLabelledGauges(registry, server, version);
}

function addLabelledGauges(
  registry: Registry,
  server: ServiceContext['server'],
  version: string,
): void {
  const registers = [registry];
  new Gauge({
    name: 'raft_state',
    help: 'One for the role this server is in, zero for the others.',
    labelNames: ['state'],
    registers,
    collect() {
      const { role } = server.status();
      for (const state of ROLES) this.set({ state }, state === role ? 1 : 0);
    },
  });
  new Gauge({
    name: 'raft_follower_lag_entries',
    help: 'On the leader: entries a follower is behind.',
    labelNames: ['peer'],
    registers,
    collect() {
      this.reset();
      const followers = server.status().followers ?? {};
      for (const [peer, { lag }] of Object.entries(followers)) this.set({ peer }, lag);
    },
  });
  new Gauge({
    name: 'raft_build_info',
    help: 'Always one; the labels say which server and software this is.',
    labelNames: ['server', 'version', 'node'],
    registers,
  }).set({ server: server.id, version, node: process.version }, 1);
}

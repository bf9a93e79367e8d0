/**
 * `/metrics` for Prometheus: the server's own figures, and those of the process and of HTTP. They
 * are read when somebody asks, so that keeping them costs nothing.
 */

import type { Metric } from '../ports/metrics.ts';
import type { FastifyInstance } from '../vendor/fastify.ts';
import { Counter, Gauge, Histogram, Registry } from '../vendor/prom-client.ts';
import type { ServiceContext } from './context.ts';
import { addBoundGauges } from './metrics-of-bounds.ts';
import { parametersOf } from './target.ts';

const BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

export interface Metrics {
  /** Called once for every answer. */
  observe(method: string, status: number, seconds: number): void;
}

export function addMetricsRoute(app: FastifyInstance, context: ServiceContext): Metrics {
  const registry = new Registry();
  addProcessGauges(registry, context);
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
  app.get('/metrics', async (request, reply) => {
    parametersOf(request.raw, []);
    const own = await registryOf(context.server.metrics()).metrics();
    const others = await registry.metrics();
    return reply.header('content-type', registry.contentType).send(`${own}\n${others}`);
  });
  return {
    observe(method, status, seconds) {
      durations.observe({ method, status }, seconds);
      if (status >= 500 && method !== 'GET' && method !== 'HEAD') failed.inc();
    },
  };
}

/** Of the process, and of the part of it that speaks HTTP. */
function addProcessGauges(registry: Registry, context: ServiceContext): void {
  const registers = [registry];
  const gauge = (name: string, help: string, value: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(value());
      },
    });
  addBoundGauges(gauge, context);
  gauge('process_resident_memory_bytes', 'Resident memory.', () => process.memoryUsage.rss());
  gauge('process_uptime_seconds', 'Since the process started.', () => process.uptime());
  const { server, version } = context;
  new Gauge({
    name: 'raft_build_info',
    help: 'Always one; the labels say which server and software this is.',
    labelNames: ['server', 'version', 'node'],
    registers,
  }).set({ server: server.id, version, node: process.version }, 1);
}

/** What the library calls the state machine's bytes are keys and values here. */
const KEY_VALUE_NAMES: Readonly<Record<string, string>> = {
  raft_stored_bytes: 'kv_stored_bytes',
  raft_stored_bytes_max: 'kv_stored_bytes_max',
};

/** The server's own figures, all of one moment: a registry of that moment. */
function registryOf(metrics: readonly Metric[]): Registry {
  const registry = new Registry();
  const families = new Map<string, Gauge | Counter>();
  for (const { name: given, kind, help, value, labels } of metrics) {
    const name = KEY_VALUE_NAMES[given] ?? given;
    const make = kind === 'gauge' ? Gauge : Counter;
    const labelNames = Object.keys(labels);
    const family =
      families.get(name) ?? new make({ name, help, labelNames, registers: [registry] });
    families.set(name, family);
    family.inc(labels, value);
  }
  return registry;
}

/**
 * `/metrics` for Prometheus: the figures of the server, of the process and of HTTP. Most are read
 * only when somebody asks, so that keeping them costs nothing.
 */

import type { Metric } from '../ports/metrics.ts';
import type { FastifyInstance } from '../vendor/fastify.ts';
import { Counter, Gauge, Histogram, Registry } from '../vendor/prom-client.ts';
import type { ServiceContext } from './context.ts';
import { queryParametersOf } from './target.ts';

/** In seconds. */
const DURATION_BUCKETS = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5,
];

export function addMetricsRoute(app: FastifyInstance, context: ServiceContext): void {
  const registry = new Registry();
  const registers = [registry];
  for (const [name, help, value] of gaugesOf(context)) {
    new Gauge({
      ...{ name, help, registers },
      collect() {
        this.set(value());
      },
    });
  }
  const { server, version } = context;
  new Gauge({
    name: 'raft_build_info',
    help: 'Always one; the labels say which server and software this is.',
    labelNames: ['server', 'version', 'node'],
    registers,
  }).set({ server: server.id, version, node: process.version }, 1);
  const failed = new Counter({
    name: 'raft_proposals_failed_total',
    help: 'Writes of clients that were refused (5xx) or whose outcome is unknown.',
    registers,
  });
  const durations = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'From the request line to the end of the answer.',
    labelNames: ['method', 'status'],
    buckets: DURATION_BUCKETS,
    registers,
  });
  const streamed = new Histogram({
    name: 'stream_request_duration_seconds',
    help: 'From the arrival of a request in a stream until it is answered.',
    labelNames: ['operation', 'code'],
    buckets: DURATION_BUCKETS,
    registers,
  });
  app.get('/metrics', async (request, reply) => {
    queryParametersOf(request.raw, []);
    const own = await registryOf(server.metrics()).metrics();
    const others = await registry.metrics();
    return reply.header('content-type', registry.contentType).send(`${own}\n${others}`);
  });
  context.streams.onEnded = (operation, code, ms, isFailedWrite) => {
    streamed.observe({ operation, code }, ms / 1_000);
    if (isFailedWrite) failed.inc();
  };
  app.addHook('onResponse', ({ method }, { statusCode: status, elapsedTime }, done) => {
    durations.observe({ method, status }, elapsedTime / 1_000);
    if (status >= 500 && method !== 'GET' && method !== 'HEAD') failed.inc();
    done();
  });
}

/** What clients hold, how much they may, what that has cost others; and the process as a whole. */
function gaugesOf({ inFlight, streams, descriptors }: ServiceContext) {
  const { connections, requests, bodyBytes, answerBytes } = inFlight;
  const { limit = null, open = () => null } = descriptors ?? {};
  const gauges: [name: string, help: string, value: () => number][] = [
    [
      'http_connections_replaced_total',
      'Idle connections that were closed to make room for new ones.',
      () => connections.replaced,
    ],
    [
      'http_connections_refused_total',
      'New connections that were closed at once, since no idle one could make room.',
      () => connections.refused,
    ],
    ['stream_connections', 'Streams that have said hello.', () => streams.connections],
    ['process_resident_memory_bytes', 'Resident memory.', () => process.memoryUsage.rss()],
    ['process_uptime_seconds', 'Since the process started.', () => process.uptime()],
  ];
  for (const [name, help, budget] of [
    ['http_connections', 'Connections of clients', connections.budget],
    ['http_requests_under_way', 'Requests that are not answered yet', requests],
    ['http_body_bytes', 'Bytes of request bodies in flight', bodyBytes],
    ['http_answer_bytes', 'Bytes of values and lists that are being sent', answerBytes],
  ] as const) {
    gauges.push([name, `${help}.`, () => budget.used]);
    gauges.push([`${name}_max`, `${help}, at most.`, () => budget.limit.max]);
  }
  if (limit === null) return gauges;
  gauges.push(['process_max_fds', 'Files and sockets that may be open.', () => limit]);
  if (open() === null) return gauges;
  gauges.push(['process_open_fds', 'Files and sockets that are open.', () => open() ?? 0]);
  return gauges;
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

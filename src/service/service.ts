/**
 * The key/value service over HTTP (§8). This file assembles it: limits, the checks of every request,
 * the routes, and how errors become answers.
 */

import { lookup } from 'node:dns/promises';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { CLIENT_ADDRESS, whyNotAddress } from '../formats/address.ts';
import { SOCKET_PATH } from '../inspector/protocol.ts';
import { valueBytesMax } from '../kv/vocabulary.ts';
import { STREAM_PATH } from '../streaming/kinds.ts';
import Fastify, { type FastifyInstance } from '../vendor/fastify.ts';
import { accessOf } from './access.ts';
import { addAdmission } from './admission.ts';
import { serviceAudit } from './audit.ts';
import { isCutOff, limitBodies } from './body-limit.ts';
import { DEFAULT_BOUNDS } from './budget.ts';
import type { ServiceContext, ServiceOptions, TlsContext } from './context.ts';
import { STATUS_OF, toHttpError } from './errors.ts';
import { JSON_TYPE } from './headers.ts';
import { addHealthRoutes } from './health-routes.ts';
import { acceptedHost } from './host-header.ts';
import { RequestsInFlight } from './in-flight.ts';
import { addInspectRoutes } from './inspect-routes.ts';
import { addKeyRoutes } from './key-routes.ts';
import { answerMalformed } from './malformed.ts';
import { addMetricsRoute } from './metrics.ts';
import { addPreconditions } from './preconditions.ts';
import { requestOrder } from './request-order.ts';
import { requestRate } from './request-rate.ts';
import { unknownRoute } from './routes.ts';
import { guardConnections, HEADERS_TIMEOUT_MS, renewTls, tlsOptions } from './secure.ts';
import { addSessionRoutes } from './session-routes.ts';
import { addStatusRoute } from './status-route.ts';
import { addStreamRoute } from './stream-route.ts';
import { routedPath, targetOf } from './target.ts';
import { upgradingTo } from './upgrades.ts';

/** For the whole of a request to arrive; a slow link needs a while for a mebibyte. */
const ARRIVAL_TIMEOUT_MS = 30_000;
/** For the whole of an answer to be taken, likewise. */
const TAKING_TIMEOUT_MS = 60_000;
/** Without a byte moving either way. */
const SILENCE_TIMEOUT_MS = 60_000;
const TIMEOUT_CHECK_MS = 1_000;
/** A key of 4,096 bytes has 12,288 when every one of them is escaped. */
const HEADER_BYTES_MAX = 32 * 1024;
/** Connections that are accepted before idle ones have made room for them. */
const ACCEPTED_AHEAD = 64;
/** Connections that may wait to be accepted, at least: what Node.js asks for by itself. */
const BACKLOG_MIN = 511;
/** For pending answers to be sent when the service closes. */
const CLOSE_GRACE_MS = 1_000;
/** The part of the request timeout in which the answer is written and sent after the call. */
const ANSWER_SHARE = 0.04;

const READS = ['GET', 'HEAD', 'OPTIONS'];
const NOT_ALLOWED: readonly number[] = [
  STATUS_OF.unauthenticated,
  STATUS_OF.forbidden,
  STATUS_OF.wrong_host,
];

export interface Service {
  readonly app: FastifyInstance;
  /** What clients hold at the moment, and how much they may. */
  readonly inFlight: RequestsInFlight;
  /** @throws the error of `net.Server` (`EADDRINUSE`, …) */
  listen(address: { readonly host: string; readonly port: number }): Promise<{ port: number }>;
  /** As `/readyz` would answer. */
  isReady(): boolean;
  /** From the next connection on; existing ones continue. */
  renewTls(tls: TlsContext): void;
  /** Refuses new requests with 503 `stopping` and no longer accepts connections. */
  refuse(): void;
  /** Refuses, waits a moment for pending answers, then closes every connection. Idempotent. */
  close(): Promise<void>;
}

/** @throws TypeError for an advertised address that cannot work */
export function createService(options: ServiceOptions): Service {
  const { server, advertisedClientAddress, requestTimeoutMs, requestsPerSecondMax, tls } = options;
  const why = whyNotAddress(advertisedClientAddress, CLIENT_ADDRESS);
  if (why !== null) {
    throw new TypeError(`The advertised address ${advertisedClientAddress} ${why}`);
  }
  let drained: Promise<void> | null = null;
  let appliedIndex = 0;
  const applied = server.applied$.subscribe((index) => {
    appliedIndex = index;
  });
  const inFlight = new RequestsInFlight(server.id, { ...DEFAULT_BOUNDS, ...options.bounds });
  const context: ServiceContext = {
    ...options,
    callTimeoutMs: Math.max(1, Math.floor(requestTimeoutMs * (1 - ANSWER_SHARE))),
    appliedIndex: () => appliedIndex,
    isStopping: () => drained !== null,
    isOurHost: acceptedHost(advertisedClientAddress, options.allowedHosts ?? []),
    pageAddresses: () => [
      ...server.status().members.map(({ clientAddress }) => clientAddress),
      advertisedClientAddress,
      listeningAddress(app, tls !== undefined),
    ],
    access: accessOf(options),
    audit: serviceAudit(options.onAudit ?? (() => {})),
    inFlight,
    order: requestOrder(inFlight),
    countRequest: requestsPerSecondMax === undefined ? null : requestRate(requestsPerSecondMax),
    streams: { connections: 0, onEnded() {} },
  };
  const app = createApp(context);
  const closeSecure = tls === undefined ? null : guardConnections(app.server, context);
  // After the guard: before it, this listener would not run until TLS has begun.
  inFlight.connections.watch(app.server);
  addHealthRoutes(app, context);
  addStatusRoute(app, context);
  addKeyRoutes(app, context);
  addSessionRoutes(app, context);
  const closeInspector = addInspectRoutes(app, context);
  const closeStreams = addStreamRoute(app, context);
  context.order.watch(app.server);
  addMetricsRoute(app, context);
  if (options.auditsWrites) auditWrites(app, context);

  const refuse = () => {
    drained ??= app.close();
  };
  const close = async () => {
    refuse();
    const grace = setTimeout(() => {
      app.server.closeAllConnections();
      closeSecure?.();
    }, CLOSE_GRACE_MS);
    await Promise.all([closeInspector(), closeStreams(), drained]);
    clearTimeout(grace);
    applied.unsubscribe();
    context.access.close();
    context.audit.close();
  };
  let closed: Promise<void> | null = null;
  return {
    app,
    inFlight,
    refuse,
    close: () => {
      closed ??= close();
      return closed;
    },
    isReady: () => drained === null && server.readiness().isReady,
    renewTls: (renewed) => renewTls(app.server, renewed),
    async listen({ host, port }) {
      // On one address: for a name with several, the framework would add servers without our guards.
      const { address } = await lookup(host, { verbatim: false });
      // What arrives beyond that while the server is busy is dropped by the kernel,
      // and its client tries again a second later.
      const backlog = Math.max(BACKLOG_MIN, inFlight.connections.budget.limit.max);
      await app.listen({ host: address, port, backlog });
      const bound = app.server.address();
      return { port: bound !== null && typeof bound === 'object' ? bound.port : port };
    },
  };
}

function createApp(context: ServiceContext): FastifyInstance {
  const { tls, inFlight } = context;
  const http = {
    headersTimeout: HEADERS_TIMEOUT_MS,
    connectionsCheckingInterval: TIMEOUT_CHECK_MS,
    maxHeaderSize: HEADER_BYTES_MAX,
    // Refused here instead, with a message: Node.js would answer without one.
    requireHostHeader: false,
    IncomingMessage: upgradingTo([STREAM_PATH, ...(context.inspects ? [SOCKET_PATH] : [])]),
  };
  const app = Fastify({
    rewriteUrl: routedPath,
    bodyLimit: valueBytesMax,
    routerOptions: { maxParamLength: HEADER_BYTES_MAX },
    return503OnClosing: false,
    requestTimeout: ARRIVAL_TIMEOUT_MS,
    connectionTimeout: SILENCE_TIMEOUT_MS,
    ...(tls === undefined ? { http } : { https: { ...http, ...tlsOptions(tls) } }),
    clientErrorHandler: (error: Error, socket: Socket) => answerMalformed(error, socket, context),
  }) as FastifyInstance;
  app.server.maxConnections = inFlight.connections.budget.limit.max + ACCEPTED_AHEAD;
  limitBodies(app, context);
  inFlight.watch(app, ARRIVAL_TIMEOUT_MS + context.requestTimeoutMs + TAKING_TIMEOUT_MS);
  addAdmission(app, context);
  addPreconditions(app);
  app.setNotFoundHandler((request) => {
    throw unknownRoute(request.method, targetOf(request.raw));
  });
  app.setErrorHandler((thrown, request, reply) => {
    const error = toHttpError(thrown, request);
    const { code, status, headers, body } = error;
    if (NOT_ALLOWED.includes(status)) {
      context.audit.refused(request.raw, context.access.tokenOf(request.raw), error);
    }
    // The framework would close at once, and reset the connection before the answer is read.
    if (isCutOff(status)) reply.removeHeader('connection');
    // What was sent behind it was sent in the belief that this one would have an outcome.
    if (code === 'outcome_unknown') reply.header('connection', 'close');
    return reply
      .code(status)
      .headers({ 'content-type': JSON_TYPE, ...headers })
      .send(body);
  });
  return app;
}

/** Logs what was admitted and may have written; the rest are refusals, which are limited. */
function auditWrites(app: FastifyInstance, { audit, access }: ServiceContext): void {
  const admitted = new WeakSet<IncomingMessage>();
  app.addHook('onRequest', ({ method, raw }, _reply, done) => {
    const isAllowed = !access.wantsTokens || access.tokenOf(raw) !== null;
    if (isAllowed && !READS.includes(method)) admitted.add(raw);
    done();
  });
  app.addHook('onResponse', ({ raw }, { statusCode }, done) => {
    if (admitted.has(raw) && !NOT_ALLOWED.includes(statusCode)) {
      audit.wrote(raw, access.tokenOf(raw), statusCode);
    }
    done();
  });
}

/** '' while it does not listen. */
function listeningAddress(app: FastifyInstance, isSecure: boolean): string {
  const bound = app.server.address();
  if (bound === null || typeof bound === 'string') return '';
  const host = bound.family === 'IPv6' ? `[${bound.address}]` : bound.address;
  return `${isSecure ? 'https' : 'http'}://${host}:${bound.port}`;
}

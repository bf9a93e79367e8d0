/**
 * The key/value service over HTTP (§8). This file assembles it: limits, what
 * every request passes, the routes, and how errors become answers.
 */

import { lookup } from 'node:dns/promises';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { CLIENT_ADDRESS, whyNotAddress } from '../formats/address.ts';
import { valueBytesMax } from '../kv/vocabulary.ts';
import Fastify, { type FastifyInstance, type FastifyReply } from '../vendor/fastify.ts';
import { Access } from './access.ts';
import { addAdmission } from './admission.ts';
import { ServiceAudit } from './audit.ts';
import { isCutOff, limitBodies } from './body-limit.ts';
import { DEFAULT_BOUNDS } from './bounds.ts';
import { callTimeoutOf, type ServiceContext, type ServiceOptions } from './context.ts';
import { type Fault, Redirect, STATUS_OF } from './errors.ts';
import { faultOf } from './fault-of.ts';
import { JSON_TYPE } from './headers.ts';
import { addHealthRoutes } from './health-routes.ts';
import { acceptedHost } from './host-header.ts';
import { addInspectRoutes } from './inspect-routes.ts';
import { addKeyRoutes } from './key-routes.ts';
import { addListRoute } from './list-route.ts';
import { answerBare, answerMalformed } from './malformed.ts';
import { addMetricsRoute } from './metrics.ts';
import { addPreconditions } from './preconditions.ts';
import { RequestOrder } from './request-order.ts';
import { guardDoor, renewTls, type TlsContext, tlsOptions } from './secure.ts';
import { addSessionRoutes } from './session-routes.ts';
import { addStatusRoute } from './status-route.ts';
import { routedPath, targetOf } from './target.ts';
import { UnderWay } from './under-way.ts';
import { unknownRoute } from './unknown-route.ts';
import { assertWantsBody } from './write-head.ts';

/** For the whole of a request to arrive; a slow link needs a while for a mebibyte. */
const ARRIVAL_TIMEOUT_MS = 30_000;
/** For the whole of an answer to be taken, likewise. */
const TAKING_TIMEOUT_MS = 60_000;
/** For the header alone, and without a byte moving either way. */
const HEADERS_TIMEOUT_MS = 10_000;
const SILENCE_TIMEOUT_MS = 60_000;
const TIMEOUT_CHECK_MS = 1_000;
/** A key of 4,096 bytes has 12,288 when every one of them is escaped. */
const HEADER_BYTES_MAX = 32 * 1024;
/** Connections that are accepted before idle ones have made room for them. */
const ACCEPTED_AHEAD = 64;
/** Answers under way when the service closes have that long to get out. */
const CLOSE_GRACE_MS = 1_000;

const READS = ['GET', 'HEAD', 'OPTIONS'];
const NOT_ALLOWED: readonly number[] = [
  STATUS_OF.unauthenticated,
  STATUS_OF.forbidden,
  STATUS_OF.wrong_host,
];

export interface Service {
  readonly app: FastifyInstance;
  /** What clients hold at the moment, and how much they may. */
  readonly underWay: UnderWay;
  /** @throws the error of `net.Server` (`EADDRINUSE`, …) */
  listen(address: { readonly host: string; readonly port: number }): Promise<{ port: number }>;
  /** As `/readyz` would answer. */
  isReady(): boolean;
  /** From the next connection on; those that are there go on. */
  renewTls(tls: TlsContext): void;
  /** Refuses what is new with 503 `stopping` and no longer accepts connections. */
  refuse(): void;
  /** Refuses, waits a moment for answers under way, then closes every connection. Idempotent. */
  close(): Promise<void>;
}

/** @throws TypeError for an advertised address that cannot work */
export function createService(options: ServiceOptions): Service {
  const why = whyNotAddress(options.advertisedClientAddress, CLIENT_ADDRESS);
  if (why !== null) {
    throw new TypeError(`The advertised address ${options.advertisedClientAddress} ${why}`);
  }
  let isStopping = false;
  let appliedIndex = 0;
  const applied = options.server.applied$.subscribe((index) => {
    appliedIndex = index;
  });
  const underWay = new UnderWay(options.server.id, { ...DEFAULT_BOUNDS, ...options.bounds });
  const context: ServiceContext = {
    ...options,
    callTimeoutMs: callTimeoutOf(options.requestTimeoutMs),
    appliedIndex: () => appliedIndex,
    isStopping: () => isStopping,
    isOurHost: acceptedHost(options.advertisedClientAddress, options.allowedHosts ?? []),
    access: new Access(options),
    audit: new ServiceAudit(options.onAudit ?? (() => {})),
    sites: { addresses: () => servedAt(context, app), allowed: options.allowedOrigins ?? [] },
    underWay,
    order: new RequestOrder(underWay),
  };
  const app = createApp(context);
  const endAll = options.tls === undefined ? null : guarded(app, options.tls, context);
  // After the guard: before it, this listener would not run until TLS has begun.
  context.underWay.connections.watch(app.server);
  addHealthRoutes(app, context);
  addStatusRoute(app, context);
  addKeyRoutes(app, context);
  addListRoute(app, context);
  addSessionRoutes(app, context);
  const inspector = addInspectRoutes(app, context);
  context.order.watch(app.server);
  const metrics = addMetricsRoute(app, context);
  app.addHook('onResponse', (request, reply, done) => {
    metrics.observe(request.method, reply.statusCode, reply.elapsedTime / 1_000);
    done();
  });
  if (options.auditsWrites) auditWrites(app, context);

  let drained: Promise<void> = Promise.resolve();
  const refuse = () => {
    if (isStopping) return;
    isStopping = true;
    drained = app.close();
  };
  let closed: Promise<void> | null = null;
  const close = async () => {
    refuse();
    const grace = setTimeout(() => {
      app.server.closeAllConnections();
      endAll?.();
    }, CLOSE_GRACE_MS);
    await Promise.all([inspector.close(), drained]);
    clearTimeout(grace);
    applied.unsubscribe();
    context.access.close();
    context.audit.close();
  };
  return {
    app,
    underWay: context.underWay,
    refuse,
    close: () => {
      closed ??= close();
      return closed;
    },
    isReady: () => !isStopping && options.server.readiness().isReady,
    renewTls: (tls) => renewTls(app.server, tls, HEADERS_TIMEOUT_MS),
    async listen({ host, port }) {
      // On one address: for a name with several, the framework would add servers without our guards.
      const { address } = await lookup(host, { verbatim: false });
      await app.listen({ host: address, port });
      const bound = app.server.address();
      return { port: bound !== null && typeof bound === 'object' ? bound.port : port };
    },
  };
}

function guarded(app: FastifyInstance, { ca }: TlsContext, context: ServiceContext): () => void {
  return guardDoor(app.server, ca !== undefined, {
    timeoutMs: HEADERS_TIMEOUT_MS,
    answer: (socket, fault) => answerBare(socket, fault, context),
    onRefused: (socket, fault) => context.audit.turnedAway(socket, fault),
  });
}

function createApp(context: ServiceContext): FastifyInstance {
  const { tls } = context;
  const http = {
    headersTimeout: HEADERS_TIMEOUT_MS,
    connectionsCheckingInterval: TIMEOUT_CHECK_MS,
    maxHeaderSize: HEADER_BYTES_MAX,
    // Refused here instead, with a sentence: Node.js would answer without one.
    requireHostHeader: false,
  };
  const app = Fastify({
    rewriteUrl: routedPath,
    bodyLimit: valueBytesMax,
    routerOptions: { maxParamLength: HEADER_BYTES_MAX },
    return503OnClosing: false,
    requestTimeout: ARRIVAL_TIMEOUT_MS,
    connectionTimeout: SILENCE_TIMEOUT_MS,
    ...(tls === undefined
      ? { http }
      : { https: { ...http, ...tlsOptions(tls, HEADERS_TIMEOUT_MS) } }),
    clientErrorHandler: (error: Error, socket: Socket) => answerMalformed(error, socket, context),
  }) as FastifyInstance;
  const { underWay } = context;
  app.server.maxConnections = underWay.connections.budget.limit.max + ACCEPTED_AHEAD;
  limitBodies(app, {
    bytesMax: valueBytesMax,
    hold: (request, bytes) => underWay.holdBody(request, bytes),
    assertWanted: (request) => assertWantsBody(context, request),
  });
  underWay.watch(app, ARRIVAL_TIMEOUT_MS + context.requestTimeoutMs + TAKING_TIMEOUT_MS);
  addAdmission(app, context);
  addPreconditions(app);
  app.setNotFoundHandler((request) => {
    throw unknownRoute(request.method, targetOf(request.raw));
  });
  app.setErrorHandler((error, request, reply) => {
    const fault = error instanceof Redirect ? error : faultOf(error, request);
    // The framework would close at once, and reset the connection under the answer.
    if (isCutOff(fault.status)) reply.removeHeader('connection');
    if (fault instanceof Redirect) return answerRedirect(fault, reply);
    if (NOT_ALLOWED.includes(fault.status)) {
      context.audit.refused(request.raw, context.access.tokenOf(request.raw), fault);
    }
    return answerFault(fault, reply);
  });
  return app;
}

/** What was admitted and may have written; what was not is a refusal, and those are bounded. */
function auditWrites(app: FastifyInstance, { audit, access }: ServiceContext): void {
  const admitted = new WeakSet<IncomingMessage>();
  app.addHook('onRequest', ({ method, raw }, _reply, done) => {
    const mayWrite =
      !READS.includes(method) && (!access.wantsTokens || access.tokenOf(raw) !== null);
    if (mayWrite) admitted.add(raw);
    done();
  });
  app.addHook('onResponse', ({ raw }, { statusCode }, done) => {
    if (admitted.has(raw) && !NOT_ALLOWED.includes(statusCode)) {
      audit.wrote(raw, access.tokenOf(raw), statusCode);
    }
    done();
  });
}

/** Where this server and the others serve the inspector's page; '' for one that is not known yet. */
function servedAt({ server, advertisedClientAddress, tls }: ServiceContext, app: FastifyInstance) {
  const members = server.status().members.map(({ clientAddress }) => clientAddress);
  return [...members, advertisedClientAddress, listeningAddress(app, tls !== undefined)];
}

function listeningAddress(app: FastifyInstance, isSecure: boolean): string {
  const bound = app.server.address();
  if (bound === null || typeof bound === 'string') return '';
  const host = bound.family === 'IPv6' ? `[${bound.address}]` : bound.address;
  return `${isSecure ? 'https' : 'http'}://${host}:${bound.port}`;
}

function answerRedirect({ status, location, body }: Redirect, reply: FastifyReply): FastifyReply {
  return reply
    .code(status)
    .header('content-type', JSON_TYPE)
    .header('location', location)
    .send(body);
}

function answerFault(fault: Fault, reply: FastifyReply): FastifyReply {
  reply.header('content-type', JSON_TYPE);
  // What was sent behind it was sent in the belief that this one would have an outcome.
  if (fault.code === 'outcome_unknown') reply.header('connection', 'close');
  if (fault.details.headers !== undefined) reply.headers(fault.details.headers);
  return reply.code(fault.status).send(fault.body);
}

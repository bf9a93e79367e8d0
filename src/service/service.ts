/**
 * The key/value service over HTTP (§8). This file assembles it: limits, what
 * every request passes, the routes, and how errors become answers.
 */

import { valueBytesMax } from '../kv/vocabulary.ts';
import Fastify, {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from '../vendor/fastify.ts';
import { isCutOff, limitBodies } from './body-limit.ts';
import { DEFAULT_BOUNDS } from './bounds.ts';
import { callTimeoutOf, type ServiceContext, type ServiceOptions } from './context.ts';
import { Fault, Redirect } from './errors.ts';
import { faultOf } from './fault-of.ts';
import { INDEX_HEADER, JSON_TYPE, SERVER_HEADER } from './headers.ts';
import { addHealthRoutes, isHealth } from './health-routes.ts';
import { acceptedHost } from './host-header.ts';
import { addInspectRoutes } from './inspect-routes.ts';
import { addKeyRoutes } from './key-routes.ts';
import { addListRoute } from './list-route.ts';
import { answerMalformed } from './malformed.ts';
import { addMetricsRoute } from './metrics.ts';
import { stopping } from './outcome-to-response.ts';
import { limitRate } from './request-rate.ts';
import { addSessionRoutes } from './session-routes.ts';
import { addStatusRoute } from './status-route.ts';
import { routedPath, targetOf } from './target.ts';
import { UnderWay } from './under-way.ts';
import { unknownRoute } from './unknown-route.ts';

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

export interface Service {
  readonly app: FastifyInstance;
  /** What clients hold at the moment, and how much they may. */
  readonly underWay: UnderWay;
  /** @throws the error of `net.Server` (`EADDRINUSE`, …) */
  listen(address: { readonly host: string; readonly port: number }): Promise<{ port: number }>;
  /** Refuses what is new with 503 `stopping` and no longer accepts connections. */
  refuse(): void;
  /** Refuses, waits a moment for answers under way, then closes every connection. Idempotent. */
  close(): Promise<void>;
}

export function createService(options: ServiceOptions): Service {
  let isStopping = false;
  let appliedIndex = 0;
  const applied = options.server.applied$.subscribe((index) => {
    appliedIndex = index;
  });
  const context: ServiceContext = {
    ...options,
    callTimeoutMs: callTimeoutOf(options.requestTimeoutMs),
    appliedIndex: () => appliedIndex,
    isStopping: () => isStopping,
    underWay: new UnderWay(options.server.id, { ...DEFAULT_BOUNDS, ...options.bounds }),
  };
  const isOurHost = acceptedHost(context.advertisedClientAddress);
  const app = createApp(context, isOurHost);
  addHealthRoutes(app, context);
  addStatusRoute(app, context);
  addKeyRoutes(app, context);
  addListRoute(app, context);
  addSessionRoutes(app, context);
  const inspector = addInspectRoutes(app, context, isOurHost);
  const metrics = addMetricsRoute(app, context);
  app.addHook('onResponse', (request, reply, done) => {
    metrics.observe(request.method, reply.statusCode, reply.elapsedTime / 1_000);
    done();
  });

  const refuse = () => {
    if (isStopping) return;
    isStopping = true;
    drained = app.close();
  };
  let drained: Promise<void> = Promise.resolve();
  let closed: Promise<void> | null = null;
  const close = async () => {
    refuse();
    const grace = setTimeout(() => app.server.closeAllConnections(), CLOSE_GRACE_MS);
    await Promise.all([inspector.close(), drained]);
    clearTimeout(grace);
    applied.unsubscribe();
    metrics.close();
  };
  return {
    app,
    underWay: context.underWay,
    refuse,
    close: () => {
      closed ??= close();
      return closed;
    },
    async listen({ host, port }) {
      await app.listen({ host, port });
      const bound = app.server.address();
      return { port: bound !== null && typeof bound === 'object' ? bound.port : port };
    },
  };
}

function createApp(context: ServiceContext, isOurHost: (host: string) => boolean): FastifyInstance {
  const app = Fastify({
    rewriteUrl: routedPath,
    bodyLimit: valueBytesMax,
    routerOptions: { maxParamLength: HEADER_BYTES_MAX },
    return503OnClosing: false,
    requestTimeout: ARRIVAL_TIMEOUT_MS,
    connectionTimeout: SILENCE_TIMEOUT_MS,
    http: {
      headersTimeout: HEADERS_TIMEOUT_MS,
      connectionsCheckingInterval: TIMEOUT_CHECK_MS,
      maxHeaderSize: HEADER_BYTES_MAX,
      // Refused here instead, with a sentence: Node.js would answer without one.
      requireHostHeader: false,
    },
    clientErrorHandler: (error, socket) => answerMalformed(error, socket, context),
  });
  const { underWay } = context;
  app.server.maxConnections = underWay.connections.budget.limit.max + ACCEPTED_AHEAD;
  limitBodies(app, {
    bytesMax: valueBytesMax,
    hold: (request, bytes) => underWay.holdBody(request, bytes),
  });
  const { requestsPerSecond = null } = context.bounds ?? {};
  if (requestsPerSecond !== null) {
    limitRate(app, { id: context.server.id, perSecond: requestsPerSecond });
  }
  underWay.watch(app, ARRIVAL_TIMEOUT_MS + context.requestTimeoutMs + TAKING_TIMEOUT_MS);
  app.addHook('onRequest', (request, reply, done) => {
    reply.header(SERVER_HEADER, context.server.id);
    reply.header(INDEX_HEADER, context.appliedIndex());
    const host = request.raw.headers.host;
    if (host === undefined && request.raw.httpVersion === '1.1') return done(noHost());
    if (host !== undefined && !isOurHost(host)) return done(wrongHost(host, context));
    if (context.isStopping() && !isHealth(request.raw)) return done(stopping(context));
    done();
  });
  app.setNotFoundHandler((request) => {
    throw unknownRoute(request.method, targetOf(request.raw));
  });
  app.setErrorHandler(answerError);
  return app;
}

function wrongHost(host: string, { advertisedClientAddress }: ServiceContext): Fault {
  return new Fault(
    'wrong_host',
    `"${host}" is not this server's name; ask ${advertisedClientAddress}, or its IP address`,
  );
}

function noHost(): Fault {
  const sentence = 'there is no Host header, and HTTP/1.1 asks for one';
  return new Fault('bad_request', sentence, { headers: { connection: 'close' } });
}

function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  reply.header('content-type', JSON_TYPE);
  if (error instanceof Redirect) {
    return reply.code(307).header('location', error.location).send(error.body);
  }
  const fault = faultOf(error, request);
  // The framework would close at once, and reset the connection under the answer.
  if (isCutOff(fault.status)) reply.removeHeader('connection');
  if (fault.details.headers !== undefined) reply.headers(fault.details.headers);
  return reply.code(fault.status).send(fault.body);
}

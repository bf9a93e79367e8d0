/**
 * The checks of every request before a byte of its body is read: the host it names, the site it comes
 * from, whether this server is stopping, and the client's token and rate.
 */

import type { IncomingMessage } from 'node:http';
import { addressKey } from '../node/remote-address.ts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from '../vendor/fastify.ts';
import type { ServiceContext } from './context.ts';
import { HttpError } from './errors.ts';
import { CONSISTENCY_HEADER, INDEX_HEADER, SERVER_HEADER } from './headers.ts';
import { pathOf } from './key.ts';
import { stopping } from './outcome-to-response.ts';
import { SESSION_HEADERS } from './session-headers.ts';
import { siteRefusal } from './sites.ts';
import type { Token } from './tokens/token.ts';

/** The headers by which browsers let pages of allowed origins send requests and read answers (CORS). */
const ASKED = ['Authorization', 'Content-Type', 'If-Match', 'If-None-Match'].concat(
  Object.values(SESSION_HEADERS),
);
const ANSWERED = ['ETag', 'Retry-After', SERVER_HEADER, INDEX_HEADER, CONSISTENCY_HEADER];

export function addAdmission(app: FastifyInstance, context: ServiceContext): void {
  const { countRequest } = context;
  app.addHook('onRequest', (request, reply, done) => {
    reply.header(SERVER_HEADER, context.server.id);
    reply.header(INDEX_HEADER, context.appliedIndex());
    const refusal = hostRefusal(request.raw, context) ?? siteRefusal(request.raw, context);
    if (refusal !== null) return done(refusal);
    if (allowOrigin(request, reply, context.allowedOrigins ?? [])) {
      reply.code(204).send();
      return;
    }
    if (context.isStopping() && !isHealth(request)) return done(stopping(context));
    assertExpectation(request.raw);
    context.access.assertAllowed(request);
    if (!isHealth(request)) countRequest?.(callerOf(request, context));
    done();
  });
}

/**
 * Adds what the page needs to read the answer, if its origin is allowed.
 * @returns whether this was a preflight request, which has no other answer
 */
function allowOrigin(
  { raw, method }: FastifyRequest,
  reply: FastifyReply,
  allowed: readonly string[],
): boolean {
  if (allowed.length === 0) return false;
  reply.header('vary', 'Origin');
  const { origin, 'access-control-request-method': wanted } = raw.headers;
  if (origin === undefined || !allowed.includes(origin)) return false;
  reply.header('access-control-allow-origin', origin);
  const isPreflight = method === 'OPTIONS' && wanted !== undefined;
  if (!isPreflight) reply.header('access-control-expose-headers', ANSWERED.join(', '));
  else {
    reply.header('access-control-allow-methods', 'GET, HEAD, PUT, POST, DELETE');
    reply.header('access-control-allow-headers', ASKED.join(', '));
    reply.header('access-control-max-age', '600');
  }
  return isPreflight;
}

function callerOf({ raw, ip }: FastifyRequest, { access }: ServiceContext): string {
  return callerName(access.tokenOf(raw), addressKey(ip));
}

/** Whose requests are counted together, as an error names it. */
export function callerName(token: Token | null, address: string): string {
  return token === null ? address : `the token "${token.name}"`;
}

/** Null when the request names this server. */
export function hostRefusal(
  { headers, httpVersion }: IncomingMessage,
  context: ServiceContext,
): HttpError | null {
  const { host } = headers;
  if (host === undefined) return httpVersion === '1.1' ? noHost() : null;
  return context.isOurHost(host) ? null : wrongHost(host, context);
}

function wrongHost(host: string, { advertisedClientAddress }: ServiceContext): HttpError {
  return new HttpError(
    'wrong_host',
    `"${host}" is not this server's name; use ${advertisedClientAddress}, or its IP address; if ` +
      'clients reach it by that name (of a load balancer, or a Service of Kubernetes), start it with ' +
      '--allow-host and that name',
  );
}

function noHost(): HttpError {
  const message = 'there is no Host header, and HTTP/1.1 requires one';
  return new HttpError('bad_request', message, { headers: { connection: 'close' } });
}

/** RFC 9110 §10.1.1: HTTP/1.0 ignores it. */
function assertExpectation({ headers, httpVersion }: IncomingMessage): void {
  const { expect } = headers;
  if (expect === undefined || httpVersion !== '1.1') return;
  if (expect.trim().toLowerCase() === '100-continue') return;
  throw new HttpError(
    'expectation_failed',
    `Expect: ${expect} is not understood; only Expect: 100-continue is`,
  );
}

function isHealth(request: FastifyRequest): boolean {
  const path = pathOf(request.raw.url ?? '');
  return path === '/livez' || path.startsWith('/readyz');
}

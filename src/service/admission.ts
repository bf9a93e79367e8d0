/**
 * What every request passes before a byte of its body is read: the name it asks for, the site that
 * wants it, whether this server still takes requests, and who asks.
 */

import type { IncomingMessage } from 'node:http';
import { addressKey } from '../node/remote-address.ts';
import type { FastifyInstance, FastifyRequest } from '../vendor/fastify.ts';
import type { ServiceContext } from './context.ts';
import { allowOrigin } from './cors.ts';
import { Fault } from './errors.ts';
import { INDEX_HEADER, SERVER_HEADER } from './headers.ts';
import { pathOf } from './key.ts';
import { stopping } from './outcome-to-response.ts';
import { RequestRate } from './request-rate.ts';
import { siteRefusal } from './sites.ts';

export function addAdmission(app: FastifyInstance, context: ServiceContext): void {
  const { requestsPerSecondMax } = context;
  const rate = requestsPerSecondMax === undefined ? null : new RequestRate(requestsPerSecondMax);
  app.addHook('onRequest', (request, reply, done) => {
    reply.header(SERVER_HEADER, context.server.id);
    reply.header(INDEX_HEADER, context.appliedIndex());
    const refusal = hostRefusal(request, context) ?? siteRefusal(request.raw, context.sites);
    if (refusal !== null) return done(refusal);
    if (allowOrigin(request, reply, context.sites.allowed)) {
      reply.code(204).send();
      return;
    }
    if (context.isStopping() && !isHealth(request)) return done(stopping(context));
    assertExpectation(request.raw);
    context.access.assertAllowed(request);
    if (!isHealth(request)) rate?.assertAllowed(callerOf(request, context));
    done();
  });
}

/** As a sentence may call it. */
function callerOf({ raw, ip }: FastifyRequest, { access }: ServiceContext): string {
  const token = access.tokenOf(raw);
  return token === null ? addressKey(ip) : `the token "${token.name}"`;
}

function hostRefusal({ raw }: FastifyRequest, context: ServiceContext): Fault | null {
  const { host } = raw.headers;
  if (host === undefined) return raw.httpVersion === '1.1' ? noHost() : null;
  return context.isOurHost(host) ? null : wrongHost(host, context);
}

function wrongHost(host: string, { advertisedClientAddress }: ServiceContext): Fault {
  return new Fault(
    'wrong_host',
    `"${host}" is not this server's name; ask ${advertisedClientAddress}, or its IP address; if it is ` +
      'a name that this server is reached by (a load balancer, a Service of Kubernetes), start it ' +
      'with --allow-host and that name',
  );
}

function noHost(): Fault {
  const sentence = 'there is no Host header, and HTTP/1.1 asks for one';
  return new Fault('bad_request', sentence, { headers: { connection: 'close' } });
}

/** RFC 9110 §10.1.1: it means nothing to HTTP/1.0. */
function assertExpectation({ headers, httpVersion }: IncomingMessage): void {
  const { expect } = headers;
  if (expect === undefined || httpVersion !== '1.1') return;
  if (expect.trim().toLowerCase() === '100-continue') return;
  throw new Fault(
    'expectation_failed',
    `Expect: ${expect} is not understood; only Expect: 100-continue is`,
  );
}

function isHealth(request: FastifyRequest): boolean {
  const path = pathOf(request.raw.url ?? '');
  return path === '/livez' || path.startsWith('/readyz');
}

/**
 * The conditions and ranges of RFC 9110 that any request may have. A read evaluates them, or ignores
 * them where the RFC allows; a write with a header that is not supported is refused, since the client
 * may mean something else than what would be done.
 */
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from '../vendor/fastify.ts';
import { evaluateReadConditions } from './conditions.ts';
import { badRequest, HttpError } from './errors.ts';
import { JSON_TYPE } from './headers.ts';
import { KEY_ROUTE } from './routes.ts';

const READS: readonly string[] = ['GET', 'HEAD'];
const WRITES: readonly string[] = ['PUT', 'POST', 'DELETE'];
/** Not supported in a write, and why. */
const REFUSED: readonly (readonly [string, string])[] = Object.entries({
  'if-modified-since': 'values have revisions and no dates; use If-Match or If-None-Match',
  'if-unmodified-since': 'values have revisions and no dates; use If-Match or If-None-Match',
  'if-range': 'a value is written as a whole',
  range: 'a value is written as a whole',
  'content-range': 'a value is written as a whole',
  'content-encoding': 'a value is kept as its bytes, and the encoding would be lost',
});
/** Not supported where nothing has a revision. */
const CONDITIONS = ['if-match', 'if-none-match'];

/** Call it after everything that may refuse a request by who sent it. */
export function addPreconditions(app: FastifyInstance): void {
  app.addHook('onRequest', (request, _reply, done) => {
    assertFraming(request.raw);
    if (WRITES.includes(request.method)) assertUnderstood(request);
    else if (isConditionalRead(request)) evaluateReadConditions(request.raw.headers, undefined);
    done();
  });
  app.addHook('onSend', (request, reply, payload, done) => {
    const isEvaluated = reply.statusCode === 200 && isConditionalRead(request);
    done(null, isEvaluated ? evaluated(request, reply, payload) : payload);
  });
}

/** By RFC 9110 §13.2, only an answer that would be 200 has conditions. */
function evaluated({ raw }: FastifyRequest, reply: FastifyReply, payload: unknown): unknown {
  const etag = reply.getHeader('etag') as string | undefined;
  const verdict = evaluateReadConditions(raw.headers, etag);
  if (verdict === 'answered') return payload;
  reply.removeHeader('content-length');
  if (verdict === 'not-modified') {
    reply.code(304).removeHeader('content-type');
    // For HEAD the framework sends only the length, which is that of a 200.
    return raw.method === 'HEAD' ? payload : null;
  }
  const revision = etag?.slice(1, -1);
  const now = revision === undefined ? 'this has no revision' : `its revision is ${revision}`;
  const details = revision === undefined ? {} : { revision: Number(revision) };
  const error = new HttpError('condition_failed', `the condition does not hold: ${now}`, details);
  reply.code(error.status).header('content-type', JSON_TYPE);
  return error.body;
}

function isConditionalRead({ method, raw }: FastifyRequest): boolean {
  return READS.includes(method) && CONDITIONS.some((name) => raw.headers[name] !== undefined);
}

function assertUnderstood({ method, raw, routeOptions }: FastifyRequest): void {
  const { headers } = raw;
  for (const [name, why] of REFUSED) {
    const value = headers[name];
    if (value === undefined || (name === 'content-encoding' && value === 'identity')) continue;
    throw notUnderstood(name, String(value), method, why);
  }
  if (routeOptions.url === KEY_ROUTE) return;
  for (const name of CONDITIONS.filter((each) => headers[each] !== undefined)) {
    throw notUnderstood(name, String(headers[name]), method, 'only keys have revisions');
  }
}

/** Bytes that were compressed for the transfer would be stored compressed. */
function assertFraming({ headers, method }: IncomingMessage): void {
  const coding = headers['transfer-encoding'];
  if (coding === undefined || coding.trim().toLowerCase() === 'chunked') return;
  throw notUnderstood('transfer-encoding', coding, method ?? '', 'only chunked is');
}

function notUnderstood(name: string, value: string, method: string, why: string): HttpError {
  const spelled = name.replace(/(^|-)[a-z]/g, (start) => start.toUpperCase());
  return badRequest(`${spelled}: ${value} is not understood with ${method}: ${why}; leave it out`);
}

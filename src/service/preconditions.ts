/**
 * What every request may say beside its own matter, by RFC 9110: conditions and ranges. A read answers
 * them, or leaves them out where the RFC lets it; a write that says what is not understood is refused,
 * since it could mean something else than what would be done.
 */
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from '../vendor/fastify.ts';
import { readVerdict } from './conditions.ts';
import { badRequest, Fault } from './errors.ts';
import { JSON_TYPE } from './headers.ts';
import { KEY_ROUTE } from './target.ts';

const READS: readonly string[] = ['GET', 'HEAD'];
const WRITES: readonly string[] = ['PUT', 'POST', 'DELETE'];
/** Of a write, and why it is none of ours. */
const REFUSED: Readonly<Record<string, string>> = {
  'if-modified-since': 'values have revisions and no dates; use If-Match or If-None-Match',
  'if-unmodified-since': 'values have revisions and no dates; use If-Match or If-None-Match',
  'if-range': 'a value is written as a whole',
  range: 'a value is written as a whole',
  'content-range': 'a value is written as a whole',
  'content-encoding': 'a value is kept as its bytes, and the encoding would be lost',
};
/** Where there is nothing that has a revision. */
const CONDITIONS = ['if-match', 'if-none-match'];

/** Call it behind everything that may refuse a request by who sent it. */
export function addPreconditions(app: FastifyInstance): void {
  app.addHook('onRequest', (request, _reply, done) => {
    assertFraming(request.raw);
    if (WRITES.includes(request.method)) assertUnderstood(request);
    else if (isConditionalRead(request)) readVerdict(request.raw.headers, undefined);
    done();
  });
  app.addHook('onSend', (request, reply, payload, done) => {
    if (reply.statusCode === 200 && isConditionalRead(request))
      done(null, judged(request, reply, payload));
    else done(null, payload);
  });
}

/** As RFC 9110 §13.2 has it: only an answer that would be 200 has conditions. */
function judged({ raw }: FastifyRequest, reply: FastifyReply, payload: unknown): unknown {
  const etag = reply.getHeader('etag') as string | undefined;
  const verdict = readVerdict(raw.headers, etag);
  if (verdict === 'answered') return payload;
  reply.removeHeader('content-length');
  if (verdict === 'not-modified') {
    reply.code(304).removeHeader('content-type');
    // Of HEAD the framework sends the length alone, which is that of a 200.
    return raw.method === 'HEAD' ? payload : null;
  }
  const now = etag === undefined ? 'this has no revision' : `its revision is ${etag.slice(1, -1)}`;
  const revision = etag === undefined ? {} : { revision: Number(etag.slice(1, -1)) };
  const fault = new Fault('condition_failed', `the condition does not hold: ${now}`, revision);
  reply.code(fault.status).header('content-type', JSON_TYPE);
  return fault.body;
}

function isConditionalRead({ method, raw }: FastifyRequest): boolean {
  const { headers } = raw;
  const isConditional = headers['if-none-match'] !== undefined || headers['if-match'] !== undefined;
  return isConditional && READS.includes(method);
}

function assertUnderstood({ method, raw, routeOptions }: FastifyRequest): void {
  const { headers } = raw;
  for (const [name, why] of Object.entries(REFUSED)) {
    const value = headers[name];
    if (value === undefined || (name === 'content-encoding' && value === 'identity')) continue;
    throw notUnderstood(name, String(value), method, why);
  }
  if (routeOptions.url === KEY_ROUTE) return;
  const condition = CONDITIONS.find((name) => headers[name] !== undefined);
  if (condition === undefined) return;
  throw notUnderstood(condition, String(headers[condition]), method, 'only keys have revisions');
}

/** Bytes that were compressed on the way would be kept compressed. */
function assertFraming({ headers, method }: IncomingMessage): void {
  const coding = headers['transfer-encoding'];
  if (coding === undefined || coding.trim().toLowerCase() === 'chunked') return;
  const why = 'only chunked is';
  throw notUnderstood('transfer-encoding', coding, method ?? '', why);
}

function notUnderstood(name: string, value: string, method: string, why: string): Fault {
  const spelled = name.replace(/(^|-)[a-z]/g, (start) => start.toUpperCase());
  return badRequest(`${spelled}: ${value} is not understood with ${method}: ${why}; leave it out`);
}

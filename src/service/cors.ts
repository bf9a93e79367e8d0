/** What browsers want to hear before a page of an allowed origin may ask and read (Fetch, CORS). */
import type { FastifyReply, FastifyRequest } from '../vendor/fastify.ts';
import { CONSISTENCY_HEADER, INDEX_HEADER, SERVER_HEADER } from './headers.ts';
import { SESSION_HEADERS } from './session-headers.ts';

const METHODS = 'GET, HEAD, PUT, POST, DELETE';
const ASKED = ['Authorization', 'Content-Type', 'If-Match', 'If-None-Match']
  .concat(Object.values(SESSION_HEADERS))
  .join(', ');
const ANSWERED = ['ETag', 'Retry-After', SERVER_HEADER, INDEX_HEADER, CONSISTENCY_HEADER].join(
  ', ',
);
const PREFLIGHT_SECONDS = '600';

/**
 * Adds what the page needs to read the answer, if its origin is one of the allowed.
 * @returns whether this was the browser's own question beforehand, which has no other answer
 */
export function allowOrigin(
  { raw, method }: FastifyRequest,
  reply: FastifyReply,
  allowed: readonly string[],
): boolean {
  if (allowed.length === 0) return false;
  reply.header('vary', 'Origin');
  const { origin, 'access-control-request-method': wanted } = raw.headers;
  if (origin === undefined || !allowed.includes(origin)) return false;
  reply.header('access-control-allow-origin', origin);
  if (method !== 'OPTIONS' || wanted === undefined) {
    reply.header('access-control-expose-headers', ANSWERED);
    return false;
  }
  reply.header('access-control-allow-methods', METHODS);
  reply.header('access-control-allow-headers', ASKED);
  reply.header('access-control-max-age', PREFLIGHT_SECONDS);
  return true;
}

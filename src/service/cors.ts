/** The headers by which browsers let pages of allowed origins send requests and read answers (CORS). */
import type { FastifyReply, FastifyRequest } from '../vendor/fastify.ts';
import { CONSISTENCY_HEADER, INDEX_HEADER, SERVER_HEADER } from './headers.ts';
import { SESSION_HEADERS } from './session-headers.ts';

const ASKED = ['Authorization', 'Content-Type', 'If-Match', 'If-None-Match'].concat(
  Object.values(SESSION_HEADERS),
);
const ANSWERED = ['ETag', 'Retry-After', SERVER_HEADER, INDEX_HEADER, CONSISTENCY_HEADER];

/**
 * Adds what the page needs to read the answer, if its origin is allowed.
 * @returns whether this was a preflight request, which has no other answer
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
  const isPreflight = method === 'OPTIONS' && wanted !== undefined;
  if (!isPreflight) reply.header('access-control-expose-headers', ANSWERED.join(', '));
  else {
    reply.header('access-control-allow-methods', 'GET, HEAD, PUT, POST, DELETE');
    reply.header('access-control-allow-headers', ASKED.join(', '));
    reply.header('access-control-max-age', '600');
  }
  return isPreflight;
}

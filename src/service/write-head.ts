/** What a write says before its body, checked by the same rules before and after the body arrives. */
import type { IncomingMessage } from 'node:http';
import { quotaMessage } from '../host/quota.ts';
import type { Condition } from '../kv/vocabulary.ts';
import type { SessionCommand } from '../ports/outcome.ts';
import type { FastifyRequest } from '../vendor/fastify.ts';
import { writeConditionOf } from './conditions.ts';
import type { ServiceContext } from './context.ts';
import { keyOf, parametersBesideKey } from './named-key.ts';
import { mayWrite, quotaExceeded } from './outcome-to-response.ts';
import { KEY_ROUTE, unknownRoute } from './routes.ts';
import { sessionOf } from './session-headers.ts';
import { assertOwnsSession } from './session-owner.ts';
import { targetOf } from './target.ts';

interface WriteHead {
  readonly key: string;
  readonly condition: Condition;
  readonly session: SessionCommand | undefined;
}

/** @throws HttpError `bad_request`, or `method_not_allowed` */
export function writeHeadOf(request: IncomingMessage): WriteHead {
  const key = keyOf(request);
  parametersBesideKey(request, []);
  const { headers } = request;
  return { key, condition: writeConditionOf(headers), session: sessionOf(headers) };
}

/**
 * For a client that asks before it sends the body (`Expect: 100-continue`). What only the command
 * itself can decide, such as a condition, is checked when the body is there.
 * @throws HttpError when the body would be sent in vain
 */
export async function assertWantsBody(
  context: ServiceContext,
  request: FastifyRequest,
): Promise<void> {
  const { raw } = request;
  if (request.is404) throw unknownRoute(request.method, targetOf(raw));
  if (request.routeOptions.url !== KEY_ROUTE) {
    mayWrite(context, raw);
    return;
  }
  const { session, ...head } = writeHeadOf(raw);
  mayWrite(context, raw);
  if (session === undefined) await assertWithinQuota(context, raw, head.key);
  else await assertOwnsSession(context, raw, session.session);
}

/** As the leader checks it later, by what it stores then. */
async function assertWithinQuota(
  { server, callTimeoutMs }: ServiceContext,
  { method, headers }: IncomingMessage,
  key: string,
): Promise<void> {
  const { storedBytes, storedBytesMax } = server.status().quota;
  const length = Number(headers['content-length'] ?? 0);
  if (storedBytesMax === null || storedBytes === null) return;
  const query = { type: 'get', key, shares: true } as const;
  const outcome = await server.query(query, { consistency: 'stale', timeoutMs: callTimeoutMs });
  if (outcome.outcome !== 'applied') return;
  const { result } = outcome;
  const added = result.type === 'found' ? 0 : Buffer.byteLength(key);
  const replaced = result.type === 'found' && method === 'PUT' ? result.value.byteLength : 0;
  const growth = added + length - replaced;
  if (growth <= 0 || storedBytes + growth <= storedBytesMax) return;
  throw quotaExceeded(quotaMessage(storedBytes, growth, storedBytesMax));
}

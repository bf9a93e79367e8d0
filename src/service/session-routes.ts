/** `POST /v1/sessions` and `DELETE /v1/sessions/{id}` (§8). */
import type { FastifyInstance } from '../vendor/fastify.ts';
import type { ServiceContext } from './context.ts';
import { badRequest } from './errors.ts';
import { INDEX_HEADER } from './headers.ts';
import { appliedOrThrow } from './outcome-to-response.ts';
import { SESSION_ROUTE, SESSIONS_ROUTE } from './routes.ts';
import { positiveInteger } from './session-headers.ts';
import { assertOwnsSession } from './session-owner.ts';
import { queryParametersOf } from './target.ts';

export function addSessionRoutes(app: FastifyInstance, context: ServiceContext): void {
  const { server, access, callTimeoutMs: timeoutMs } = context;
  app.post(SESSIONS_ROUTE, async ({ raw }, reply) => {
    queryParametersOf(raw, []);
    // Without tokens, a session has no owner.
    const owner = access.tokenOf(raw)?.name ?? '';
    const outcome = await server.openSession({ timeoutMs, owner });
    const { result, index } = appliedOrThrow(context, outcome, raw);
    reply.code(201).header(INDEX_HEADER, index);
    return { session: result.session, expiresAfterMs: result.expiresAfterMs };
  });

  app.delete<{ Params: { id: string } }>(SESSION_ROUTE, async ({ raw, params }, reply) => {
    queryParametersOf(raw, []);
    const session = positiveInteger(params.id);
    if (session === null) throw badRequest(`"${params.id}" is not a session's number`);
    const leftMs = await assertOwnsSession(context, raw, session);
    const outcome = await server.closeSession(session, { timeoutMs: leftMs });
    const { index } = appliedOrThrow(context, outcome, raw);
    reply.header(INDEX_HEADER, index);
    return { session, closed: true };
  });
}

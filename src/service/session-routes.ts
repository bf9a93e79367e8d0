/** `POST /v1/sessions` and `DELETE /v1/sessions/{id}` (§8). */
import type { FastifyInstance } from '../vendor/fastify.ts';
import type { ServiceContext } from './context.ts';
import { badRequest } from './errors.ts';
import { INDEX_HEADER, JSON_TYPE } from './headers.ts';
import { appliedOrThrow } from './outcome-to-response.ts';
import { positiveInteger } from './session-headers.ts';
import { assertOwnsSession, ownerOf } from './session-owner.ts';
import { parametersOf, targetOf } from './target.ts';

export const SESSIONS_ROUTE = '/v1/sessions';
export const SESSION_ROUTE = '/v1/sessions/:id';

export function addSessionRoutes(app: FastifyInstance, context: ServiceContext): void {
  app.post(SESSIONS_ROUTE, async (request, reply) => {
    parametersOf(request.raw, []);
    const owner = ownerOf(context, request.raw);
    const outcome = await context.server.openSession({ timeoutMs: context.callTimeoutMs, owner });
    const { result, index } = appliedOrThrow(context, outcome, targetOf(request.raw));
    const { session, expiresAfterMs } = result;
    reply.code(201).header(INDEX_HEADER, index).header('content-type', JSON_TYPE);
    return reply.send(JSON.stringify({ session, expiresAfterMs }));
  });

  app.delete<{ Params: { id: string } }>(SESSION_ROUTE, async (request, reply) => {
    parametersOf(request.raw, []);
    const session = positiveInteger(request.params.id);
    if (session === null) throw badRequest(`"${request.params.id}" is not a session's number`);
    const timeoutMs = await assertOwnsSession(context, request.raw, session);
    const outcome = await context.server.closeSession(session, { timeoutMs });
    const { index } = appliedOrThrow(context, outcome, targetOf(request.raw));
    reply.header(INDEX_HEADER, index).header('content-type', JSON_TYPE);
    return reply.send(JSON.stringify({ session, closed: true }));
  });
}

/**
 * `/livez` and `/readyz` in etcd's format: `ok`, or one line per check with `?verbose`; single
 * checks at `/readyz/<check>`, and `?exclude=<check>` leaves some out.
 */

import type { ReadinessCheck } from '../ports/metrics.ts';
import type { FastifyInstance, FastifyReply } from '../vendor/fastify.ts';
import type { ServiceContext } from './context.ts';
import { HttpError } from './errors.ts';
import { TEXT_TYPE } from './headers.ts';
import { queryParametersOf } from './target.ts';

const PARAMETERS = ['verbose', 'exclude'] as const;

export function addHealthRoutes(app: FastifyInstance, context: ServiceContext): void {
  app.get('/livez', ({ raw }, reply) => {
    const { verbose } = queryParametersOf(raw, PARAMETERS);
    sendText(reply, 200, verbose === undefined ? 'ok' : '[+]event_loop ok\nok\n');
  });

  app.get('/readyz', ({ raw }, reply) => {
    const { verbose, exclude } = queryParametersOf(raw, PARAMETERS);
    const excluded = exclude?.split(',') ?? [];
    const checks = checksOf(context).filter(({ name }) => !excluded.includes(name));
    sendChecks(reply, checks, verbose !== undefined);
  });

  app.get<{ Params: { check: string } }>('/readyz/:check', ({ raw, params }, reply) => {
    const { verbose } = queryParametersOf(raw, PARAMETERS);
    const checks = checksOf(context);
    const asked = checks.filter(({ name }) => name === params.check);
    if (asked.length === 0) {
      const known = checks.map(({ name }) => name).join(', ');
      throw new HttpError('not_found', `no check is called ${params.check}; there are ${known}`);
    }
    sendChecks(reply, asked, verbose !== undefined);
  });
}

/** The server's own; once the service stops, it does not accept requests either. */
function checksOf({ server, isStopping }: ServiceContext): readonly ReadinessCheck[] {
  const { checks } = server.readiness();
  if (!isStopping()) return checks;
  const stopping = { name: 'accepting', reason: 'the server is stopping' };
  return checks.map((check) => (check.name === stopping.name ? stopping : check));
}

function sendChecks(
  reply: FastifyReply,
  checks: readonly ReadinessCheck[],
  isVerbose: boolean,
): void {
  const isReady = checks.every(({ reason }) => reason === null);
  const lines = checks.map(({ name, reason }) =>
    reason === null ? `[+]${name} ok` : `[-]${name} failed: ${reason}`,
  );
  lines.push(isReady ? 'ok' : 'readyz check failed');
  const isBrief = isReady && !isVerbose;
  sendText(reply, isReady ? 200 : 503, isBrief ? 'ok' : `${lines.join('\n')}\n`);
}

function sendText(reply: FastifyReply, status: number, text: string): void {
  const headers = { 'content-type': TEXT_TYPE, 'x-content-type-options': 'nosniff' };
  reply.code(status).headers(headers).send(text);
}

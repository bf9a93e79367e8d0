/**
 * `/livez` and `/readyz` in etcd's format: `ok`, or one line per check with `?verbose`; single
 * checks at `/readyz/<check>`, and `?exclude=<check>` leaves some out.
 */

import type { ReadinessCheck } from '../ports/metrics.ts';
import type { FastifyInstance, FastifyReply } from '../vendor/fastify.ts';
import type { ServiceContext } from './context.ts';
import { Fault } from './errors.ts';
import { TEXT_TYPE } from './headers.ts';
import { parametersOf } from './target.ts';

export function addHealthRoutes(app: FastifyInstance, context: ServiceContext): void {
  app.get('/livez', (request, reply) => {
    const { verbose } = parametersOf(request.raw, ['verbose', 'exclude']);
    sendText(reply, 200, verbose === undefined ? 'ok' : '[+]event_loop ok\nok\n');
  });

  app.get('/readyz', (request, reply) => {
    const { verbose, exclude } = parametersOf(request.raw, ['verbose', 'exclude']);
    const excluded = exclude?.split(',') ?? [];
    const checks = checksOf(context).filter(({ name }) => !excluded.includes(name));
    answer(reply, checks, verbose !== undefined);
  });

  app.get<{ Params: { check: string } }>('/readyz/:check', (request, reply) => {
    const { verbose } = parametersOf(request.raw, ['verbose', 'exclude']);
    const { check } = request.params;
    const checks = checksOf(context);
    const asked = checks.filter(({ name }) => name === check);
    if (asked.length === 0) {
      const known = checks.map(({ name }) => name).join(', ');
      throw new Fault('not_found', `no check is called ${check}; there are ${known}`);
    }
    answer(reply, asked, verbose !== undefined);
  });
}

/** The server's own; it accepts nothing from clients from when the service stops on, either. */
function checksOf({ server, isStopping }: ServiceContext): readonly ReadinessCheck[] {
  const { checks } = server.readiness();
  if (!isStopping()) return checks;
  const stopping = { name: 'accepting', reason: 'the server is stopping' };
  return checks.map((check) => (check.name === stopping.name ? stopping : check));
}

function answer(reply: FastifyReply, checks: readonly ReadinessCheck[], verbose: boolean): void {
  const isWell = checks.every(({ reason }) => reason === null);
  if (isWell && !verbose) {
    sendText(reply, 200, 'ok');
    return;
  }
  const lines = checks.map(({ name, reason }) =>
    reason === null ? `[+]${name} ok` : `[-]${name} failed: ${reason}`,
  );
  lines.push(isWell ? 'ok' : 'readyz check failed');
  sendText(reply, isWell ? 200 : 503, `${lines.join('\n')}\n`);
}

function sendText(reply: FastifyReply, status: number, text: string): void {
  reply
    .code(status)
    .header('content-type', TEXT_TYPE)
    .header('x-content-type-options', 'nosniff')
    .send(text);
}

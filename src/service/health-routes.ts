/**
 * `/livez` and `/readyz` in etcd's format: `ok`, or one line per check with `?verbose`; single
 * checks at `/readyz/<check>`, and `?exclude=<check>` leaves some out.
 */

import type { Status } from '../ports/server.ts';
import type { FastifyInstance, FastifyReply } from '../vendor/fastify.ts';
import type { ServiceContext } from './context.ts';
import { Fault } from './errors.ts';
import { TEXT_TYPE } from './headers.ts';
import { parametersOf } from './target.ts';

/** No disk that works takes that long for a write. */
const HUNG_MS = 5_000;
/** As much as one append may bring: more than that waiting to be applied is being behind. */
const LAG_MAX = 1024;

/** Null when all is well, otherwise why it is not. */
type Check = (status: Status) => string | null;

const CHECKS: Readonly<Record<string, Check>> = {
  running: ({ role, failure }) =>
    role === 'stopped' ? (failure?.message ?? 'the server has stopped') : null,
  leader_known: (status) => {
    if (status.leader === null) return 'no leader is known';
    if (status.role !== 'leader' || status.isReady) return null;
    return `leads term ${status.term}, but has committed nothing in it yet`;
  },
  caught_up: ({ commitIndex, appliedIndex }) =>
    commitIndex - appliedIndex <= LAG_MAX
      ? null
      : `${commitIndex - appliedIndex} committed entries wait to be applied`,
  storage_writable: ({ failure, writes: { underWay } }) => {
    if (failure !== null) return failure.name === 'StorageError' ? failure.message : null;
    if (underWay === null || underWay.forMs < HUNG_MS) return null;
    const seconds = (underWay.forMs / 1_000).toFixed(1);
    return `write ${underWay.number} has been under way for ${seconds} s: the disk hangs`;
  },
  member: ({ id, members }) =>
    members.some((member) => member.id === id) ? null : `${id} is not in the configuration`,
};

/** Whether every check of `/readyz` passes. */
export function isReady(status: Status): boolean {
  return Object.values(CHECKS).every((check) => check(status) === null);
}

export function addHealthRoutes(app: FastifyInstance, context: ServiceContext): void {
  app.get('/livez', (request, reply) => {
    const { verbose } = parametersOf(request.raw, ['verbose', 'exclude']);
    sendText(reply, 200, verbose === undefined ? 'ok' : '[+]event_loop ok\nok\n');
  });

  app.get('/readyz', (request, reply) => {
    const { verbose, exclude } = parametersOf(request.raw, ['verbose', 'exclude']);
    const excluded = exclude?.split(',') ?? [];
    const names = Object.keys(CHECKS).filter((name) => !excluded.includes(name));
    answer(reply, context, names, verbose !== undefined);
  });

  app.get<{ Params: { check: string } }>('/readyz/:check', (request, reply) => {
    const { verbose } = parametersOf(request.raw, ['verbose', 'exclude']);
    const { check } = request.params;
    if (!Object.hasOwn(CHECKS, check)) {
      const known = Object.keys(CHECKS).join(', ');
      throw new Fault('not_found', `no check is called ${check}; there are ${known}`);
    }
    answer(reply, context, [check], verbose !== undefined);
  });
}

function answer(
  reply: FastifyReply,
  { server, isStopping }: ServiceContext,
  names: readonly string[],
  verbose: boolean,
): void {
  const status = server.status();
  const reasons = names.map((name) => ({ name, why: CHECKS[name]?.(status) ?? null }));
  const isWell = !isStopping() && reasons.every(({ why }) => why === null);
  if (isWell && !verbose) {
    sendText(reply, 200, 'ok');
    return;
  }
  const lines = reasons.map(({ name, why }) =>
    why === null ? `[+]${name} ok` : `[-]${name} failed: ${why}`,
  );
  if (isStopping()) lines.push('[-]accepting failed: the server is stopping');
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

/** One key: `GET`, `HEAD`, `PUT`, `DELETE /v1/kv/{key}` and `POST /v1/kv/{key}/append`. */

import type { Deleted, KeyValueCommand, KeyValueResult, Written } from '../kv/vocabulary.ts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from '../vendor/fastify.ts';
import { etagOf } from './conditions.ts';
import { consistencyOf } from './consistency.ts';
import type { ServiceContext } from './context.ts';
import { Fault } from './errors.ts';
import { CONSISTENCY_HEADER, INDEX_HEADER, JSON_TYPE } from './headers.ts';
import { keyOf, parametersBesideKey, redirectTargetOf } from './named-key.ts';
import { appliedOrThrow, readOrThrow } from './outcome-to-response.ts';
import { assertOwnsSession } from './session-owner.ts';
import { KEY_ROUTE } from './target.ts';
import { type WriteHead, writeHeadOf } from './write-head.ts';

const EMPTY = new Uint8Array(0);

export function addKeyRoutes(app: FastifyInstance, context: ServiceContext): void {
  app.get(KEY_ROUTE, async (request, reply) => {
    const key = keyOf(request.raw);
    const parameters = parametersBesideKey(request.raw, ['consistency']);
    const consistency = consistencyOf(parameters.consistency);
    const outcome = await context.server.query(
      { type: 'get', key, shares: true },
      { consistency, timeoutMs: context.callTimeoutMs },
    );
    const { result, index } = readOrThrow(context, outcome, redirectTargetOf(request.raw));
    reply.header(INDEX_HEADER, index);
    reply.header(CONSISTENCY_HEADER, consistency);
    if (result.type !== 'found') throw new Fault('not_found', `no such key: ${key}`);
    context.underWay.holdAnswer(request.raw, result.value.byteLength);
    reply.header('content-type', 'application/octet-stream');
    reply.header('x-content-type-options', 'nosniff');
    reply.header('etag', etagOf(result.revision));
    reply.header('accept-ranges', 'none');
    return reply.send(asBuffer(result.value));
  });

  app.put(KEY_ROUTE, async (request, reply) => {
    const head = writeHeadOf(request.raw);
    const { key, condition } = head;
    const command = { type: 'put', key, value: bodyOf(request), ...condition } as const;
    const written = await write(context, request, reply, head, command);
    if (written.type !== 'written') throw anotherAnswer(written);
    reply.header('etag', etagOf(written.revision));
    return sendJson(reply, { key, revision: written.revision });
  });

  app.post(KEY_ROUTE, async (request, reply) => {
    const head = writeHeadOf(request.raw);
    const { key, condition } = head;
    const command = { type: 'append', key, value: bodyOf(request), ...condition } as const;
    const written = await write(context, request, reply, head, command);
    if (written.type !== 'written') throw anotherAnswer(written);
    const { revision, length } = written;
    return sendJson(reply, { key, revision, length });
  });

  app.delete(KEY_ROUTE, async (request, reply) => {
    const head = writeHeadOf(request.raw);
    const { key, condition } = head;
    const deleted = await write(context, request, reply, head, {
      type: 'delete',
      key,
      ...condition,
    });
    if (deleted.type !== 'deleted') throw anotherAnswer(deleted);
    if (!deleted.found) throw new Fault('not_found', `no such key: ${key}`);
    return sendJson(reply, { deleted: true });
  });
}

async function write(
  context: ServiceContext,
  request: FastifyRequest,
  reply: FastifyReply,
  { session }: WriteHead,
  command: KeyValueCommand,
): Promise<Written | Deleted> {
  const outcome =
    session === undefined
      ? await context.server.propose(command, { timeoutMs: context.callTimeoutMs })
      : await context.server.propose(command, {
          timeoutMs: await assertOwnsSession(context, request.raw, session.session),
          session,
        });
  const { result, index } = appliedOrThrow(context, outcome, redirectTargetOf(request.raw));
  reply.header(INDEX_HEADER, index);
  return effectOf(result);
}

/** The state machine refuses by results; over HTTP these are errors. */
function effectOf(result: KeyValueResult): Written | Deleted {
  switch (result.type) {
    case 'written':
    case 'deleted':
      return result;
    case 'condition-failed': {
      const { revision } = result;
      const now = revision === 0 ? 'there is no such key' : `its revision is ${revision}`;
      throw new Fault('condition_failed', `the condition does not hold: ${now}`, {
        revision,
        headers: { etag: etagOf(revision) },
      });
    }
    case 'too-large':
      throw new Fault(
        'too_large',
        `the value would have ${result.length} bytes; at most 1,048,576 are allowed`,
      );
  }
}

/** A session keeps the first answer to a sequence, and that one was to another kind of request. */
function anotherAnswer(result: Written | Deleted): Fault {
  return new Fault(
    'bad_request',
    `this sequence was used before, by a request that was answered "${result.type}"; ` +
      'give every new request the next sequence',
  );
}

function bodyOf(request: FastifyRequest): Uint8Array {
  return (request.body as Uint8Array | undefined) ?? EMPTY;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function sendJson(reply: FastifyReply, body: object): FastifyReply {
  return reply.header('content-type', JSON_TYPE).send(JSON.stringify(body));
}

/** One key: `GET`, `HEAD`, `PUT`, `DELETE /v1/kv/{key}` and `POST /v1/kv/{key}/append`. */

import type { Deleted, KeyValueCommand, KeyValueResult, Written } from '../kv/vocabulary.ts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from '../vendor/fastify.ts';
import { conditionOf, etagOf } from './conditions.ts';
import { consistencyOf } from './consistency.ts';
import type { ServiceContext } from './context.ts';
import { Fault } from './errors.ts';
import { CONSISTENCY_HEADER, INDEX_HEADER, JSON_TYPE } from './headers.ts';
import { decodeKey, withoutAppend } from './key.ts';
import { appliedOrThrow, readOrThrow } from './outcome-to-response.ts';
import { sessionOf } from './session-headers.ts';
import { encodedKeyOf, KEY_ROUTE, parametersOf, targetOf } from './target.ts';

export const KEY_METHODS = 'GET, HEAD, PUT, DELETE';

const EMPTY = new Uint8Array(0);

export function addKeyRoutes(app: FastifyInstance, context: ServiceContext): void {
  app.get(KEY_ROUTE, async (request, reply) => {
    const key = decodeKey(encodedKeyOf(request.raw));
    const parameters = parametersOf(request.raw, ['consistency']);
    const consistency = consistencyOf(parameters.consistency);
    const outcome = await context.server.query(
      { type: 'get', key, shares: true },
      { consistency, timeoutMs: context.callTimeoutMs },
    );
    const { result, index } = readOrThrow(context, outcome, targetOf(request.raw));
    reply.header(INDEX_HEADER, index);
    reply.header(CONSISTENCY_HEADER, consistency);
    if (result.type !== 'found') throw new Fault('not_found', `no such key: ${key}`);
    context.underWay.holdAnswer(request.raw, result.value.byteLength);
    reply.header('content-type', 'application/octet-stream');
    reply.header('x-content-type-options', 'nosniff');
    reply.header('etag', etagOf(result.revision));
    return reply.send(asBuffer(result.value));
  });

  app.put(KEY_ROUTE, async (request, reply) => {
    const key = decodeKey(encodedKeyOf(request.raw));
    const value = bodyOf(request);
    const written = await write(context, request, reply, {
      type: 'put',
      key,
      value,
      ...conditionOf(request.headers),
    });
    if (written.type !== 'written') throw anotherAnswer(written);
    reply.header('etag', etagOf(written.revision));
    return sendJson(reply, { key, revision: written.revision });
  });

  app.post(KEY_ROUTE, async (request, reply) => {
    const encoded = withoutAppend(encodedKeyOf(request.raw));
    if (encoded === null) throw onlyAppend();
    const key = decodeKey(encoded);
    const value = bodyOf(request);
    const written = await write(context, request, reply, {
      type: 'append',
      key,
      value,
      ...conditionOf(request.headers),
    });
    if (written.type !== 'written') throw anotherAnswer(written);
    const { revision, length } = written;
    return sendJson(reply, { key, revision, length });
  });

  app.delete(KEY_ROUTE, async (request, reply) => {
    const key = decodeKey(encodedKeyOf(request.raw));
    const deleted = await write(context, request, reply, {
      type: 'delete',
      key,
      ...conditionOf(request.headers),
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
  command: KeyValueCommand,
): Promise<Written | Deleted> {
  parametersOf(request.raw, []);
  const session = sessionOf(request.headers);
  const timeoutMs = context.callTimeoutMs;
  const options = session === undefined ? { timeoutMs } : { timeoutMs, session };
  const outcome = await context.server.propose(command, options);
  const { result, index } = appliedOrThrow(context, outcome, targetOf(request.raw));
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

function onlyAppend(): Fault {
  return new Fault('method_not_allowed', 'POST works on /v1/kv/{key}/append only', {
    headers: { allow: KEY_METHODS },
  });
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

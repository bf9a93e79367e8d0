/**
 * One key: `GET`, `HEAD`, `PUT`, `DELETE /v1/kv/{key}` and `POST /v1/kv/{key}/append`. And keys in byte
 * order, a page at a time: `GET /v1/kv`.
 */
import type { IncomingMessage } from 'node:http';
import {
  type Deleted,
  type KeyValueCommand,
  type KeyValueQuery,
  type KeyValueResult,
  keyWeight,
  type List,
  listLimitDefault,
  listLimitMax,
  type Page,
  type Written,
} from '../kv/vocabulary.ts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from '../vendor/fastify.ts';
import { etagOf } from './conditions.ts';
import type { ServiceContext } from './context.ts';
import { badRequest, HttpError } from './errors.ts';
import { CONSISTENCY_HEADER, INDEX_HEADER, JSON_TYPE } from './headers.ts';
import { keyOf, parametersBesideKey } from './named-key.ts';
import { appliedOrThrow, readOrThrow } from './outcome-to-response.ts';
import { KEY_ROUTE, LIST_PARAMETERS, LIST_ROUTE } from './routes.ts';
import { assertOwnsSession } from './session-owner.ts';
import { queryParametersOf } from './target.ts';
import { writeHeadOf } from './write-head.ts';

const EMPTY = new Uint8Array(0);

export function addKeyRoutes(app: FastifyInstance, context: ServiceContext): void {
  app.get(KEY_ROUTE, async ({ raw }, reply) => {
    const key = keyOf(raw);
    const { consistency } = parametersBesideKey(raw, ['consistency']);
    const query = { type: 'get', key, shares: true } as const;
    const result = await read(context, raw, reply, query, consistency);
    if (result.type !== 'found') throw noSuchKey(key);
    const { value, revision } = result;
    context.inFlight.holdAnswer(raw, value.byteLength);
    reply.headers({
      'content-type': 'application/octet-stream',
      'x-content-type-options': 'nosniff',
      etag: etagOf(revision),
      'accept-ranges': 'none',
    });
    return reply.send(Buffer.from(value.buffer, value.byteOffset, value.byteLength));
  });

  app.put(KEY_ROUTE, async (request, reply) => {
    const { key, revision } = await write(context, request, reply, 'put', 'written');
    reply.header('etag', etagOf(revision));
    return { key, revision };
  });

  app.post(KEY_ROUTE, async (request, reply) => {
    const { key, revision, length } = await write(context, request, reply, 'append', 'written');
    return { key, revision, length };
  });

  app.delete(KEY_ROUTE, async (request, reply) => {
    const { key, found } = await write(context, request, reply, 'delete', 'deleted');
    if (!found) throw noSuchKey(key);
    return { deleted: true };
  });

  app.get(LIST_ROUTE, async ({ raw }, reply) => {
    const { consistency, prefix, after, limit, values } = queryParametersOf(raw, LIST_PARAMETERS);
    const query: List = {
      type: 'list',
      limit: limitOf(limit),
      values: flagOf(values),
      shares: true,
      ...(prefix ? { prefix } : {}),
      ...(after ? { after } : {}),
    };
    const page = (await read(context, raw, reply, query, consistency)) as Page;
    context.inFlight.holdAnswer(raw, textBytesMax(page));
    const text = JSON.stringify(pageBody(page));
    context.inFlight.shrinkAnswer(raw, text.length);
    return reply.header('content-type', JSON_TYPE).send(text);
  });
}

function noSuchKey(key: string): HttpError {
  return new HttpError('not_found', `no such key: ${key}`);
}

/**
 * Reads with the consistency that the request asks for, and says so in the answer.
 * @param asked - the parameter `consistency`
 */
async function read(
  context: ServiceContext,
  request: IncomingMessage,
  reply: FastifyReply,
  query: KeyValueQuery,
  asked: string | undefined,
) {
  const consistency = asked ?? 'linearizable';
  if (consistency !== 'linearizable' && consistency !== 'stale') {
    throw badRequest(
      `consistency=${asked} is not known; choose linearizable (the default) or stale`,
    );
  }
  const options = { consistency, timeoutMs: context.callTimeoutMs } as const;
  const outcome = await context.server.query(query, options);
  const { result, index } = readOrThrow(context, outcome, request);
  reply.header(INDEX_HEADER, index);
  reply.header(CONSISTENCY_HEADER, consistency);
  return result;
}

/** Proposes the write that the request describes; the result with its key. */
async function write<Type extends 'written' | 'deleted'>(
  context: ServiceContext,
  request: FastifyRequest,
  reply: FastifyReply,
  verb: 'put' | 'append' | 'delete',
  expected: Type,
) {
  const { raw } = request;
  const { key, condition, session } = writeHeadOf(raw);
  const value = (request.body as Uint8Array | undefined) ?? EMPTY;
  const command: KeyValueCommand =
    verb === 'delete'
      ? { type: verb, key, ...condition }
      : { type: verb, key, value, ...condition };
  const options =
    session === undefined
      ? { timeoutMs: context.callTimeoutMs }
      : { timeoutMs: await assertOwnsSession(context, raw, session.session), session };
  const outcome = await context.server.propose(command, options);
  const { result, index } = appliedOrThrow(context, outcome, raw);
  reply.header(INDEX_HEADER, index);
  const effect = effectOf(result);
  if (effect.type !== expected) throw sequenceUsedBefore(effect.type);
  return { key, ...(effect as Extract<Written | Deleted, { readonly type: Type }>) };
}

/** A session keeps the first answer to a sequence, and that was to another kind of request. */
export function sequenceUsedBefore(answered: 'written' | 'deleted'): HttpError {
  return badRequest(
    `this sequence was used before, by a request that was answered "${answered}"; ` +
      'give every new request the next sequence',
  );
}

/** The state machine refuses by results; to clients these are errors. */
export function effectOf(result: KeyValueResult): Written | Deleted {
  switch (result.type) {
    case 'written':
    case 'deleted':
      return result;
    case 'condition-failed': {
      const { revision } = result;
      const now = revision === 0 ? 'there is no such key' : `its revision is ${revision}`;
      const headers = { etag: etagOf(revision) };
      const message = `the condition does not hold: ${now}`;
      throw new HttpError('condition_failed', message, { revision, headers });
    }
    case 'too-large': {
      const message = `the value would have ${result.length} bytes; at most 1,048,576 are allowed`;
      throw new HttpError('too_large', message);
    }
  }
}

/** The text of the page is no longer than this: base64 makes values a third longer. */
function textBytesMax({ items }: Page): number {
  const bytesOf = ({ key, value }: Page['items'][number]) =>
    keyWeight(key) + 2 * (value?.byteLength ?? 0);
  return items.reduce((sum, item) => sum + bytesOf(item), 0);
}

function pageBody({ items, next }: Page): object {
  const shown = items.map(({ key, revision, length, value }) => ({
    ...{ key, revision, length },
    value: value === undefined ? undefined : Buffer.from(value).toString('base64'),
  }));
  return { items: shown, next };
}

function limitOf(text: string | undefined): number {
  if (text === undefined) return listLimitDefault;
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= listLimitMax) return limit;
  throw badRequest(`limit=${text} is not a whole number from 1 to ${listLimitMax}`);
}

function flagOf(text: string | undefined): boolean {
  if (text === undefined || text === 'false') return false;
  if (text === 'true') return true;
  throw badRequest(`values=${text} is not understood; write values=true or leave it out`);
}

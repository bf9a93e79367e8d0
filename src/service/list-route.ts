/** `GET /v1/kv`: keys in the order of their bytes, a page at a time. */

import type { List, Page } from '../kv/vocabulary.ts';
import { keyWeight, listLimitDefault, listLimitMax } from '../kv/vocabulary.ts';
import type { FastifyInstance } from '../vendor/fastify.ts';
import { consistencyOf } from './consistency.ts';
import type { ServiceContext } from './context.ts';
import { badRequest } from './errors.ts';
import { CONSISTENCY_HEADER, INDEX_HEADER, JSON_TYPE } from './headers.ts';
import { readOrThrow } from './outcome-to-response.ts';
import { parametersOf, targetOf } from './target.ts';

export const LIST_ROUTE = '/v1/kv';

export function addListRoute(app: FastifyInstance, context: ServiceContext): void {
  app.get(LIST_ROUTE, async (request, reply) => {
    const {
      consistency: asked,
      prefix,
      after,
      limit,
      values,
    } = parametersOf(request.raw, ['prefix', 'after', 'limit', 'values', 'consistency']);
    const consistency = consistencyOf(asked);
    const query: List = {
      type: 'list',
      limit: limitOf(limit),
      values: flagOf(values),
      shares: true,
      ...(prefix ? { prefix } : {}),
      ...(after ? { after } : {}),
    };
    const outcome = await context.server.query(query, {
      consistency,
      timeoutMs: context.callTimeoutMs,
    });
    const { result, index } = readOrThrow(context, outcome, targetOf(request.raw));
    reply.header(INDEX_HEADER, index);
    reply.header(CONSISTENCY_HEADER, consistency);
    reply.header('content-type', JSON_TYPE);
    const page = result as Page;
    context.underWay.holdAnswer(request.raw, textBytesMax(page));
    const text = JSON.stringify(pageBody(page));
    context.underWay.shrinkAnswer(request.raw, text.length);
    return reply.send(text);
  });
}

/** No text of the page is longer: values grow by a third in base64. */
function textBytesMax({ items }: Page): number {
  const bytesOf = ({ key, value }: Page['items'][number]) =>
    keyWeight(key) + 2 * (value?.byteLength ?? 0);
  return items.reduce((sum, item) => sum + bytesOf(item), 0);
}

function pageBody(page: Page): object {
  const items = page.items.map(({ key, revision, length, value }) => ({
    key,
    revision,
    length,
    value: value === undefined ? undefined : Buffer.from(value).toString('base64'),
  }));
  return { items, next: page.next };
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

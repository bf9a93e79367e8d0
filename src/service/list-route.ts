/** `GET /v1/kv`: keys in byte order, a page at a time. */

import type { List, Page } from '../kv/vocabulary.ts';
import { keyWeight, listLimitDefault, listLimitMax } from '../kv/vocabulary.ts';
import type { FastifyInstance } from '../vendor/fastify.ts';
import type { ServiceContext } from './context.ts';
import { badRequest } from './errors.ts';
import { JSON_TYPE } from './headers.ts';
import { read } from './key-routes.ts';
import { LIST_PARAMETERS, LIST_ROUTE } from './routes.ts';
import { queryParametersOf, targetOf } from './target.ts';

export function addListRoute(app: FastifyInstance, context: ServiceContext): void {
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
    const page = (await read(context, reply, query, consistency, targetOf(raw))) as Page;
    context.inFlight.holdAnswer(raw, textBytesMax(page));
    const text = JSON.stringify(pageBody(page));
    context.inFlight.shrinkAnswer(raw, text.length);
    return reply.header('content-type', JSON_TYPE).send(text);
  });
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

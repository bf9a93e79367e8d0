/**
 * The request target as it arrived. The framework's router decodes what it routes, and a key must be
 * decoded only once, so the router gets a rewritten path and the routes read the original.
 */
import type { IncomingMessage } from 'node:http';
import { badRequest } from './errors.ts';
import { decodePercentText, pathOf } from './key.ts';
import { KEY_PREFIX, KEY_ROUTE } from './routes.ts';

const NOWHERE = '/';

/** The framework keeps the original under this name. */
interface Rewritten extends IncomingMessage {
  readonly originalUrl?: string;
}

/** Path and query as the client sent them; an absolute target loses its scheme and host. */
export function targetOf(request: IncomingMessage): string {
  const url = (request as Rewritten).originalUrl ?? request.url ?? '';
  if (url.startsWith('/')) return url;
  return /^https?:\/\/[^/?]*(\/.*)$/i.exec(url)?.[1] ?? NOWHERE;
}

/** What the router sees: no query, no escapes, one path for all keys. */
export function routedPath(request: IncomingMessage): string {
  const target = targetOf(request);
  if (target.startsWith(KEY_PREFIX)) return KEY_ROUTE;
  const path = pathOf(target);
  return path.includes('%') ? NOWHERE : path;
}

/**
 * The query's parameters, each at most once, decoded as strictly as keys.
 * @throws HttpError `bad_request` for a parameter that is not in `known`: a typo must not go unnoticed
 */
export function queryParametersOf<Name extends string>(
  request: IncomingMessage,
  known: readonly Name[],
): Partial<Record<Name, string>> {
  const target = targetOf(request);
  const parameters: Partial<Record<Name, string>> = {};
  const query = target.slice(pathOf(target).length + 1);
  if (query === '') return parameters;
  for (const part of query.split('&')) {
    if (part === '') continue;
    const [spelled = '', ...values] = part.split('=');
    const name = known.find((candidate) => candidate === spelled);
    if (name === undefined) {
      const choice = known.length === 0 ? 'none is known here' : `known here: ${known.join(', ')}`;
      throw badRequest(`unknown parameter "${spelled}"; ${choice}`);
    }
    if (parameters[name] !== undefined) throw badRequest(`parameter "${name}" is given twice`);
    const value = values.join('=').replaceAll('+', '%20');
    parameters[name] = decodePercentText(value, `parameter "${name}"`);
  }
  return parameters;
}

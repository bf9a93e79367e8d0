/**
 * Which key a request names: the rest of the path after `/v1/kv/`, or else the parameter `key`. In a
 * path, clients resolve the segments `.` and `..`, percent-encoded or not, before they send it (RFC
 * 3986 §5.2.4, WHATWG URL); they leave a query as it is.
 */
import type { IncomingMessage } from 'node:http';
import { badRequest, HttpError } from './errors.ts';
import { decodePercentText, pathOf } from './key.ts';
import { KEY_METHODS, KEY_PREFIX } from './routes.ts';
import { queryParametersOf, targetOf } from './target.ts';

const APPEND = '/append';

type Parameter = 'key' | 'consistency';

/** @throws HttpError `bad_request`, or `method_not_allowed` for a POST that does not append */
export function keyOf(request: IncomingMessage): string {
  const encoded = encodedKeyOf(request);
  if (encoded !== '') return decodePercentText(encoded, 'the key');
  const { key = '' } = queryParametersOf(request, ['key', 'consistency']);
  if (key !== '') return key;
  throw badRequest(
    'the key is empty: write it after /v1/kv/, or as /v1/kv/?key=…, from 1 to 4,096 bytes long',
  );
}

/**
 * The parameters beside the key.
 * @throws HttpError `bad_request` for one that is not in `known`, and for a second key
 */
export function parametersBesideKey(
  request: IncomingMessage,
  known: readonly 'consistency'[],
): Partial<Record<Parameter, string>> {
  return queryParametersOf<Parameter>(
    request,
    encodedKeyOf(request) === '' ? ['key', ...known] : known,
  );
}

/** The target for a redirect: as it came, unless a client that follows it would change it. */
export function redirectTargetOf(request: IncomingMessage): string {
  const target = targetOf(request);
  const { pathname, search } = new URL(`http://a${target}`);
  if (pathname + search === target || !pathOf(target).startsWith(KEY_PREFIX)) return target;
  const path = `${KEY_PREFIX}${request.method === 'POST' ? 'append' : ''}`;
  const { consistency } = parametersBesideKey(request, ['consistency']);
  const query = [`key=${encodeURIComponent(keyOf(request))}`];
  if (consistency !== undefined) query.push(`consistency=${encodeURIComponent(consistency)}`);
  return `${path}?${query.join('&')}`;
}

/** Path and key, without other parameters: these may contain a secret by mistake. */
export function loggedPathOf(request: IncomingMessage): string {
  const target = targetOf(request);
  const path = pathOf(target);
  const key = path.startsWith(KEY_PREFIX) ? /[?&](key=[^&]*)/.exec(target)?.[1] : undefined;
  return key === undefined ? path : `${path}?${key}`;
}

/** Of the path; '' when it has none. */
function encodedKeyOf(request: IncomingMessage): string {
  const rest = pathOf(targetOf(request)).slice(KEY_PREFIX.length);
  if (request.method !== 'POST') return rest;
  // Of a POST the last segment is the operation, not part of the key.
  if (`/${rest}`.endsWith(APPEND)) return rest.slice(0, -APPEND.length);
  throw new HttpError('method_not_allowed', 'POST works on /v1/kv/{key}/append only', {
    headers: { allow: KEY_METHODS },
  });
}

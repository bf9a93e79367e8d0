/** The routes: their paths, their methods, and what they ask of a token. */
import { STREAM_PATH } from '../streaming/kinds.ts';
import { HttpError } from './errors.ts';
import { pathOf } from './key.ts';

export const KEY_PREFIX = '/v1/kv/';
/** Where the router sends every key: the prefix alone, which no other route has. */
export const KEY_ROUTE = KEY_PREFIX;
export const LIST_ROUTE = '/v1/kv';
export const SESSIONS_ROUTE = '/v1/sessions';
export const SESSION_ROUTE = '/v1/sessions/:id';
export const STATUS_ROUTE = '/v1/status';
export const INSPECT_ROUTE = '/inspect';

export const KEY_METHODS = 'GET, HEAD, PUT, DELETE';
/** Of lists: also what a token for some keys is checked against. */
export const LIST_PARAMETERS = ['prefix', 'after', 'limit', 'values', 'consistency'] as const;

const READ = 'GET, HEAD';

interface Route {
  readonly path: RegExp;
  readonly methods: string;
  readonly needs: 'nothing' | 'status' | 'key' | 'list' | 'session';
}

/** By the URL that the router knows. */
export const ROUTES: Readonly<Record<string, Route>> = {
  '/livez': { path: /^\/livez$/, methods: READ, needs: 'nothing' },
  '/readyz': { path: /^\/readyz$/, methods: READ, needs: 'status' },
  '/readyz/:check': { path: /^\/readyz\/\w+$/, methods: READ, needs: 'status' },
  '/metrics': { path: /^\/metrics$/, methods: READ, needs: 'status' },
  [STATUS_ROUTE]: { path: /^\/v1\/status$/, methods: READ, needs: 'status' },
  [KEY_ROUTE]: { path: /^\/v1\/kv\//, methods: KEY_METHODS, needs: 'key' },
  [LIST_ROUTE]: { path: /^\/v1\/kv$/, methods: READ, needs: 'list' },
  [SESSIONS_ROUTE]: { path: /^\/v1\/sessions$/, methods: 'POST', needs: 'session' },
  [SESSION_ROUTE]: { path: /^\/v1\/sessions\/[^/]+$/, methods: 'DELETE', needs: 'session' },
  // Without a handshake there is nothing to be had; with one, the hello shows the token.
  [STREAM_PATH]: { path: /^\/v1\/stream$/, methods: READ, needs: 'nothing' },
  [INSPECT_ROUTE]: { path: /^\/inspect$/, methods: READ, needs: 'nothing' },
  [`${INSPECT_ROUTE}/*`]: { path: /^\/inspect\//, methods: READ, needs: 'nothing' },
};

export function isInspectorPath(path: string): boolean {
  return path === INSPECT_ROUTE || path.startsWith(`${INSPECT_ROUTE}/`);
}

/** 404 for paths that have no route, 405 with `Allow` for those that have one. */
export function unknownRoute(method: string, target: string): HttpError {
  const path = pathOf(target);
  const known = Object.values(ROUTES).find((route) => route.path.test(path))?.methods;
  const isAppend = known === KEY_METHODS && path.endsWith('/append');
  const allow = isAppend ? `${known}, POST` : known;
  if (allow !== undefined && !allow.split(', ').includes(method)) {
    const message = `${method} does not work on ${path}; use ${allow}`;
    return new HttpError('method_not_allowed', message, { headers: { allow } });
  }
  return new HttpError(
    'not_found',
    isInspectorPath(path)
      ? 'this server has no inspector: start it with statecraft server --inspect, or npm start -- ' +
          '--inspect'
      : `there is nothing at ${path}; keys are at /v1/kv/{key}, a list at /v1/kv, ` +
          'the state of this server at /v1/status',
  );
}

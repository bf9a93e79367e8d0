/** 404 for paths that are nothing here, 405 with `Allow` for those that are. */
import { Fault } from './errors.ts';
import { INSPECT_ROUTE } from './inspect-routes.ts';
import { pathOf } from './key.ts';
import { KEY_METHODS } from './named-key.ts';
import { KEY_PREFIX } from './target.ts';

const READ = 'GET, HEAD';

/** Which methods a path answers to; null for no such path. */
function methodsOf(path: string): string | null {
  if (path.startsWith(KEY_PREFIX)) {
    return path.endsWith('/append') ? `${KEY_METHODS}, POST` : KEY_METHODS;
  }
  if (/^\/(v1\/kv|v1\/status|livez|readyz(\/\w+)?|metrics)$/.test(path)) return READ;
  if (isInspector(path)) return READ;
  if (path === '/v1/sessions') return 'POST';
  return /^\/v1\/sessions\/[^/]+$/.test(path) ? 'DELETE' : null;
}

function isInspector(path: string): boolean {
  return path === INSPECT_ROUTE || path.startsWith(`${INSPECT_ROUTE}/`);
}

export function unknownRoute(method: string, target: string): Fault {
  const path = pathOf(target);
  const allow = methodsOf(path);
  if (allow === null || allow.split(', ').includes(method)) {
    if (isInspector(path)) {
      const how = 'statecraft server --inspect, or npm start -- --inspect';
      return new Fault('not_found', `this server has no inspector: start it with ${how}`);
    }
    return new Fault(
      'not_found',
      `there is nothing at ${path}; keys are at /v1/kv/{key}, a list at /v1/kv, ` +
        'the state of this server at /v1/status',
    );
  }
  return new Fault('method_not_allowed', `${method} does not work on ${path}; use ${allow}`, {
    headers: { allow },
  });
}

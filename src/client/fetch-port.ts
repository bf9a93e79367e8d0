/**
 * HTTP by the platform's `fetch`: for browsers, and where nothing faster is at hand.
 *
 * Redirects are not followed here, since they tell us the leader. A browser hides where such a
 * redirect leads; it then counts as one without an address, and the client asks the next server.
 */
import type { HttpAnswer, HttpEnding, HttpPort, HttpRequest } from './http-port.ts';

/** Failures to connect, by their codes on Node.js: nothing was sent. Browsers do not tell. */
const connectFailures = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** HTTP by `fetch`, for browsers and wherever else there is one. */
export function fetchPort(fetch: typeof globalThis.fetch = globalThis.fetch): HttpPort {
  return {
    send(request, done) {
      const abort = new AbortController();
      exchange(fetch, request, abort.signal).then(({ ending, code }) => {
        if (!abort.signal.aborted) done(ending, code);
      });
      return () => {
        abort.abort();
        return true;
      };
    },
    close() {},
  };
}

async function exchange(
  fetch: typeof globalThis.fetch,
  { method, endpoint, path, headers, body }: HttpRequest,
  signal: AbortSignal,
): Promise<{ readonly ending: HttpEnding; readonly code?: string }> {
  try {
    const init: RequestInit = { method, headers: { ...headers }, redirect: 'manual', signal };
    // A view on a buffer that is never shared between threads.
    if (body !== null) init.body = body as Uint8Array<ArrayBuffer>;
    const response = await fetch(endpoint + path, init);
    return { ending: answerOf(response, new Uint8Array(await response.arrayBuffer())) };
  } catch (failure) {
    const code = codeOf(failure);
    return { ending: connectFailures.has(code) ? 'refused' : 'lost', code };
  }
}

function answerOf(response: Response, body: Uint8Array): HttpAnswer {
  return {
    status: response.type === 'opaqueredirect' ? 307 : response.status,
    header: (name) => response.headers.get(name),
    body,
  };
}

function codeOf(failure: unknown): string {
  const cause = failure instanceof Error ? failure.cause : null;
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : null;
  return typeof code === 'string' ? code : '';
}

/**
 * HTTP by the platform's `fetch`: for browsers, and where nothing faster is at hand.
 *
 * Redirects are not followed here, since they tell us the leader. A browser hides where such a
 * redirect leads; it then counts as one without an address, and the client asks the next server.
 */
import type { HttpPort, HttpRequest, HttpResponse } from '../ports/http.ts';
import { openPlatformStream } from './platform-stream.ts';

/** Failures to connect, by their codes on Node.js: nothing was sent. Browsers do not tell. */
const notConnected =
  /^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|UND_ERR_CONNECT_TIMEOUT)$/;

/**
 * HTTP by `fetch`, for browsers and wherever else there is one; streams by the platform's WebSocket,
 * unless another `fetch` is given: that one knows a way which a WebSocket would not take.
 */
export function fetchPort(given?: typeof globalThis.fetch): HttpPort {
  const fetch = given ?? globalThis.fetch;
  return {
    ...(given === undefined ? { openStream: openPlatformStream } : {}),
    send(request, done) {
      const abort = new AbortController();
      const { signal } = abort;
      exchange(fetch, request, signal).then(
        (answer) => signal.aborted || done(answer),
        (failure) => {
          const code = codeOf(failure);
          if (!signal.aborted) done(notConnected.test(code) ? 'refused' : 'lost', code);
        },
      );
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
  { method, endpoint, path, headers, body: sent }: HttpRequest,
  signal: AbortSignal,
): Promise<HttpResponse> {
  // A view on a buffer that is never shared between threads.
  const body = sent as Uint8Array<ArrayBuffer> | null;
  const init: RequestInit = { method, headers, redirect: 'manual', signal, body };
  const response = await fetch(endpoint + path, init);
  return {
    status: response.type === 'opaqueredirect' ? 307 : response.status,
    header: (name) => response.headers.get(name),
    body: new Uint8Array(await response.arrayBuffer()),
  };
}

function codeOf(failure: unknown): string {
  const { code } = ((failure as Error | null)?.cause ?? {}) as { readonly code?: unknown };
  return typeof code === 'string' ? code : '';
}

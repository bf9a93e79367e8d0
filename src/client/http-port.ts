/**
 * How a client reaches a server: one HTTP exchange at a time, told in three ways, because what may
 * be repeated depends on whether the request can have left.
 */

export interface HttpRequest {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** Scheme, host and port: `http://127.0.0.1:7101`. */
  readonly endpoint: string;
  /** Path and query, percent-encoded. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | null;
  /** Without a connection by then it is `refused`, where the port can tell: nothing was sent. */
  readonly connectWithinMs?: number;
}

/** Redirects are answers like others; nobody follows them here. */
export interface HttpAnswer {
  readonly status: number;
  /** By its name in lower case; null when there is none. */
  header(name: string): string | null;
  readonly body: Uint8Array;
}

/**
 * - an answer, with its whole body;
 * - `refused`: there was no connection, so nothing was sent;
 * - `lost`: anything else; the server may have got the request.
 */
export type HttpEnding = HttpAnswer | 'refused' | 'lost';

/** How a client sends HTTP requests: give your own to `connect` to send them in another way. */
export interface HttpPort {
  /**
   * Calls `done` once, later, unless the exchange is abandoned first. Returns what abandons it, and
   * says then whether the request may have left: false only if nothing was sent.
   * Beside an ending without an answer may stand why: the code of Node.js (`CERT_HAS_EXPIRED`).
   */
  send(request: HttpRequest, done: (ending: HttpEnding, code?: string) => void): () => boolean;
  /** Lets go of idle connections. */
  close(): void;
}

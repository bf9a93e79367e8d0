/**
 * How a client reaches a server: one HTTP exchange at a time. It ends in one of three ways, because
 * what may be repeated depends on whether the request can have left.
 */
import type { OpenStream } from './stream.ts';

/** One HTTP request, and the server that it goes to. */
export interface HttpRequest {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** Scheme, host and port: `http://127.0.0.1:7101`. */
  readonly endpoint: string;
  /** Path and query, percent-encoded. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | null;
  /**
   * In milliseconds. Without a connection by then it is `refused`, where the port can tell: nothing
   * was sent.
   */
  readonly connectWithinMs?: number;
}

/** The answer of a server. A redirect is an answer like any other: a port does not follow it. */
export interface HttpResponse {
  readonly status: number;
  /** By its name in lower case; null when there is none. */
  header(name: string): string | null;
  readonly body: Uint8Array;
}

/**
 * - an answer, with its whole body;
 * - `refused`: there was no connection, so nothing was sent;
 * - `lost`: anything else; the server may have received the request.
 */
export type ExchangeResult = HttpResponse | 'refused' | 'lost';

/** How a client sends HTTP requests: give your own to `connect` to send them in another way. */
export interface HttpPort {
  /**
   * Calls `done` once, later, unless the exchange is abandoned first. The function that is returned
   * abandons it, and returns whether the request may have left: false only if nothing was sent. For a
   * result without an answer, `code` may say why: an error code of Node.js (`CERT_HAS_EXPIRED`).
   */
  send(request: HttpRequest, done: (result: ExchangeResult, code?: string) => void): () => boolean;
  /** Opens a stream by the same means; without it, everything goes over HTTP. */
  readonly openStream?: OpenStream;
  /** Closes idle connections. */
  close(): void;
}

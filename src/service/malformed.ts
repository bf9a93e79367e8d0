/**
 * Answers what never became a request: bytes that are not HTTP, and headers that do not end. The
 * requests before it on the same connection are answered first.
 */
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ServiceContext } from './context.ts';
import { badRequest, type HttpError } from './errors.ts';
import { INDEX_HEADER, JSON_TYPE, SERVER_HEADER } from './headers.ts';

/** Time to read the answer; closing at once would reset the connection before. */
const LINGER_MS = 1_000;

const MESSAGES: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: 'the request line and headers are longer than 32 KiB',
  HPE_INVALID_URL: 'the path contains a byte that must be written as a percent escape',
  ERR_HTTP_REQUEST_TIMEOUT: 'the request did not arrive in time',
};

export function answerMalformed(
  { code = '', message }: Error & { readonly code?: string },
  socket: Socket,
  context: ServiceContext,
): void {
  const isUnsafe = /^ERR_(?:SSL|TLS)_/.test(code);
  // Opened ahead, as clients do, and never used: nobody waits for an answer.
  const isUnused = code === 'ERR_HTTP_REQUEST_TIMEOUT' && socket.bytesRead === 0;
  if (isUnsafe || isUnused || code === 'ECONNRESET' || socket.destroyed || !socket.writable) {
    socket.destroy();
    return;
  }
  const error = badRequest(MESSAGES[code] ?? `this is not HTTP: ${message}`);
  context.order.end(socket, () => sendRawError(socket, error, context));
}

/**
 * Without a request, the framework has no reply to send. This ends the connection, also one that the
 * other end leaves half open: nothing else watches over it any more.
 */
export function sendRawError(socket: Duplex, { status, body }: HttpError, context: ServiceContext) {
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `${SERVER_HEADER}: ${context.server.id}`,
    `${INDEX_HEADER}: ${context.appliedIndex()}`,
    `Content-Type: ${JSON_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  socket.resume();
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}

/**
 * Answers what never became a request: bytes that are not HTTP, and headers that do not end. The
 * requests before it on the same connection are answered first.
 */
import type { Socket } from 'node:net';
import type { ServiceContext } from './context.ts';
import { badRequest, type Fault } from './errors.ts';
import { INDEX_HEADER, JSON_TYPE, SERVER_HEADER } from './headers.ts';

const SENTENCES: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: 'the request line and headers are longer than 32 KiB',
  HPE_INVALID_URL: 'the path holds a byte that must be written as a percent escape',
  ERR_HTTP_REQUEST_TIMEOUT: 'the request did not arrive in time',
};

export function answerMalformed(
  error: Error & { readonly code?: string },
  socket: Socket,
  context: ServiceContext,
): void {
  const isUnsafe = /^ERR_(?:SSL|TLS)_/.test(error.code ?? '');
  const hasGone = error.code === 'ECONNRESET' || socket.destroyed || !socket.writable;
  if (hasGone || isUnsafe) {
    socket.destroy();
    return;
  }
  const sentence = SENTENCES[error.code ?? ''] ?? `this is not HTTP: ${error.message}`;
  context.order.end(socket, () => answerBare(socket, badRequest(sentence), context));
}

/** Without a request there is no reply of the framework's; this is the last thing that is said. */
export function answerBare(socket: Socket, { status, code, body }: Fault, context: ServiceContext) {
  const head = [
    `HTTP/1.1 ${status} ${code === 'bad_request' ? 'Bad Request' : 'Unauthorized'}`,
    `${SERVER_HEADER}: ${context.server.id}`,
    `${INDEX_HEADER}: ${context.appliedIndex()}`,
    `Content-Type: ${JSON_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

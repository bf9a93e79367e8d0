/**
 * Bodies are bytes, whatever the Content-Type says or none, up to a limit. A longer one is answered
 * before it has arrived, and who goes on sending it is cut off a moment later.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance } from '../vendor/fastify.ts';
import { STATUS_OF } from './errors.ts';

/** Time for the client to read the answer; closing at once would reset the connection under it. */
const LINGER_MS = 1_000;
/** Answers to requests whose body nobody wants. */
const UNREAD: readonly number[] = [
  STATUS_OF.unauthenticated,
  STATUS_OF.forbidden,
  STATUS_OF.too_large,
];

export function limitBodies(app: FastifyInstance, bytesMax: number): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.addHook('onRequest', (request, _reply, done) => {
    // The framework refuses a Content-Type it cannot parse; here it means nothing at all.
    delete request.raw.headers['content-type'];
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    if (UNREAD.includes(reply.statusCode)) linger(request.raw);
    done();
  });
  const asksFirst = new WeakSet<IncomingMessage>();
  app.server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    asksFirst.add(request);
    app.server.emit('request', request, response);
  });
  // Who asks first and may not, or has too much, is refused before sending any of it.
  app.addHook('preParsing', ({ raw }, reply, _payload, done) => {
    const isTooMuch = Number(raw.headers['content-length']) > bytesMax;
    if (asksFirst.has(raw) && !isTooMuch) reply.raw.writeContinue();
    done();
  });
}

function linger(request: IncomingMessage): void {
  if (request.complete) return;
  request.resume();
  setTimeout(() => {
    if (!request.complete) request.destroy();
  }, LINGER_MS).unref();
}

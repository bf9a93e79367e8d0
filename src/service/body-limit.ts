/**
 * Bodies are bytes, whatever the Content-Type says or none, up to a limit. A longer one is answered
 * before it has arrived, and who goes on sending it is cut off a moment later.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance } from '../vendor/fastify.ts';
import { TOO_LARGE_STATUS } from './errors.ts';

/** Time for the client to read the answer; closing at once would reset the connection under it. */
const LINGER_MS = 1_000;

export function limitBodies(app: FastifyInstance, bytesMax: number): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.addHook('onRequest', (request, _reply, done) => {
    // The framework refuses a Content-Type it cannot parse; here it means nothing at all.
    delete request.raw.headers['content-type'];
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    if (reply.statusCode === TOO_LARGE_STATUS) linger(request.raw);
    done();
  });
  app.server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    // Who asks first and has too much is refused before sending any of it.
    if (!(Number(request.headers['content-length']) > bytesMax)) response.writeContinue();
    app.server.emit('request', request, response);
  });
}

function linger(request: IncomingMessage): void {
  if (request.complete) return;
  request.resume();
  setTimeout(() => {
    if (!request.complete) request.destroy();
  }, LINGER_MS).unref();
}
